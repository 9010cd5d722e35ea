"""Which sentences of the retrieved passages answer a question, best passage first.

The rule owned here: sentences are taken as runs in the author's order and words, each run
from one passage with its citation, so that what is said is what was written there.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.lexical import asked_term, query_words, term_key
from tutor.speaker.prose import Piece, pieces, terms
from tutor.speaker.speaker import Passage

LONGEST_ANSWER = 170
_FIRST_RUN = 90
_LATER_RUN = 55
_MOST_RUNS = 3
_DEFINES = re.compile(
    r"\b(?:is|are|means?|refers? to|takes?|consists? of|called|computes?|turns?|says?|measures?|tells?)\b"
)
_STATED = re.compile(r"\*\*([^*]+)\*\*(?:,[^,.]{1,40},)? (?:is|are|means)\b")
_SECTIONS = {
    "what": {"Idea": 0.25, "Why": 0.05, "Overview": 0.15, "Problem": 0.1, "Pitfalls": -0.1},
    "why": {"Idea": 0.15, "Why": 0.15, "Mathematics": 0.1, "Why it worked": 0.2},
    "how": {"Idea": 0.2, "Mathematics": 0.15, "In code": 0.05},
    "code": {"In code": 0.3},
    "formula": {"Mathematics": 0.35},
    "pitfall": {"Pitfalls": 0.35, "What not to copy": 0.25, "Leakage": 0.1},
}  # fmt: skip
_POINTERS = re.compile(
    r"^(?:check yourself|questions|where to|further|references|read|what comes next)", re.I
)
"""Sections that point elsewhere instead of telling something."""
_WANTS = (
    ("code", r"\b(?:code|implement\w*|numpy|pytorch|python|snippet|programm?)\b"),
    ("formula", r"\b(?:formula|equation|deriv\w+|prove|proof|math(?:s|ematic\w*)?|notation)\b"),
    ("why", r"^\W*why\b|\b(?:reason|purpose|what for|point of)\b"),
    ("pitfall", r"\b(?:pitfalls?|mistakes?|wrong|careful|bugs?|avoid|trap|problems? with)\b"),
    ("how", r"\bhow (?:do|does|to|is|are|can|would)\b|\bshow me\b|\bwalk me\b"),
)  # fmt: skip


_ASKING = (
    "explain define definition describe difference compare mean meaning means example show write implement "
    "formula equation pitfall mistake mistakes problem code question understand learn teach idea concept "
    "intuition simple simply exactly basically difference between important main people person"
)
_OPENING = ("Idea", "Overview", "Problem")
"""Sections that speak of their unit's subject without naming it."""
_ABOUT = 0.6
"""Share of the question's terms in a unit's title from which on the question is about that unit."""
_BOOST = 0.8
_ALIKE = 7
"""Letters in which two terms agree that are forms of one word: separable, separability."""


@dataclass(frozen=True)
class Extract:
    """A run of pieces from one passage."""

    passage: Passage
    pieces: tuple[Piece, ...]

    @property
    def markdown(self) -> str:
        return join_pieces(self.pieces)

    @property
    def words(self) -> int:
        return sum(piece.words for piece in self.pieces)


@dataclass(frozen=True)
class _Run:
    """`own`: the share of the question's terms that its sentences hold; `rank` orders the runs."""

    extract: Extract
    worth: float
    own: float
    rank: float


def wants(question: str) -> str:
    """What kind of answer a question asks for: what, why, how, code, formula or pitfall."""
    asked = question.lower()
    return next((name for name, pattern in _WANTS if re.search(pattern, asked)), "what")


def extract_answer(question: str, passages: Sequence[Passage]) -> list[Extract]:
    """Runs that answer, the most telling first; empty when there is no passage."""
    weights = weigh_terms(question, passages)
    kind = wants(question)
    term = asked_term(question) if kind == "what" else ""
    runs = [run for passage in passages if (run := _best_run(passage, kind, weights, passages, term))]
    runs.sort(key=lambda run: -run.rank)
    best = max((run.worth for run in runs), default=0.0)
    chosen: list[_Run] = []
    room = LONGEST_ANSWER
    for run in runs:
        if len(chosen) == _MOST_RUNS or (chosen and not _adds(run, chosen, best, room)):
            continue
        chosen.append(run)
        room -= run.extract.words
    extracts = [run.extract for run in chosen]
    return _with_code(kind, extracts, passages, weights)


def _states(piece: Piece, asked: str) -> bool:
    """It is the definition itself: exactly what is asked for, in bold, followed by what it is."""
    return any(term_key(query_words(term)) == asked for term in _STATED.findall(piece.markdown))


def asked_terms(question: str) -> tuple[str, ...]:
    """What a question is about: its terms without the words that only say what is wanted of them."""
    all_terms = tuple(dict.fromkeys(terms(question)))
    return tuple(term for term in all_terms if term not in _asking_words()) or all_terms


@lru_cache(maxsize=1)
def _asking_words() -> frozenset[str]:
    return frozenset(terms(_ASKING))


def weigh_terms(question: str, passages: Iterable[Passage]) -> dict[str, float]:
    """The question's terms with weights that add up to 1: rare among the passages' sentences weighs more."""
    asked = tuple(dict.fromkeys(term[:_ALIKE] for term in asked_terms(question)))
    counts: Counter[str] = Counter()
    total = 1
    for passage in passages:
        for piece in pieces(passage.text):
            total += 1
            counts.update(_keys(piece.text) & set(asked))
    raw = {term: math.log(1 + total / (1 + counts[term])) for term in asked}
    whole = sum(raw.values())
    return {term: value / whole for term, value in raw.items()} if whole else {}


def join_pieces(run: Sequence[Piece]) -> str:
    """Pieces as Markdown: sentences flow on, blocks stand apart."""
    text = ""
    for piece in run:
        if not text:
            text = piece.markdown
        elif piece.kind == "sentence" and not text.endswith(("```", "$$")) and "\n" not in text[-2:]:
            text += (" " if not _ends_in_block(text) else "\n\n") + piece.markdown
        else:
            text += "\n\n" + piece.markdown
    return text


def _ends_in_block(text: str) -> bool:
    return "\n\n" in text and text.rsplit("\n\n", 1)[1].startswith((" ", "\t", "|", "-", "```"))


def _best_run(
    passage: Passage, kind: str, weights: dict[str, float], passages: Sequence[Passage], term: str
) -> _Run | None:
    """The run around the sentence that tells most; the opening of a section about the very subject.

    A sentence that defines `term`, the one thing asked for, tells more than either.
    """
    told = pieces(passage.text)
    speaking = [i for i, piece in enumerate(told) if piece.kind in ("sentence", "item") and not piece.dangles]
    if not speaking:
        return None
    implied = _keys(passage.title) if passage.section in _OPENING else frozenset[str]()
    worth = {i: _worth(told[i], i == speaking[0], kind, weights, implied) for i in speaking}
    defining = next((i for i in speaking if term and _states(told[i], term)), None)
    anchor = max(speaking, key=lambda i: (worth[i], -i)) if defining is None else defining
    best_score = max(other.score for other in passages) or 1.0
    total = (
        worth[anchor]
        + 0.5 * _share(weights, _keys(passage.text) | implied)
        + 0.8 * passage.score / best_score
        + _SECTIONS[kind].get(passage.section, 0.0)
        - (0.8 if _POINTERS.match(passage.section) else 0.0)
    )
    opens = passage.opens and _opens_for(kind, passage.section)
    is_about = opens and _share(weights, _keys(passage.title)) >= _ABOUT
    is_subject = is_about and defining is None
    start, end = _stretch(told, speaking[0] if is_subject else anchor, _FIRST_RUN if is_about else _LATER_RUN)
    said = _keys(" ".join(piece.markdown for piece in told[start:end])) | implied
    rank = total + (_BOOST if is_subject else 0.0) + (2 * _BOOST if defining is not None else 0.0)
    return _Run(Extract(passage, told[start:end]), total, _share(weights, said), rank)


def _opens_for(kind: str, section: str) -> bool:
    """Which sections answer a plain question about a unit's subject from their first sentence on."""
    return section in _OPENING if kind in ("what", "how") else kind == "why" and section in ("Why", "Idea")


def _stretch(told: Sequence[Piece], anchor: int, longest: int) -> tuple[int, int]:
    """Back to where the paragraph opens when there is room for it, then on to its end or the limit."""
    start = anchor
    if told[anchor].kind == "sentence":
        while start > 0 and not told[start].first and _words(told[start - 1 : anchor + 1]) <= longest:
            start -= 1
        while start < anchor and told[start].leans_back:
            start += 1
    while start > 0 and told[start].leans_back and told[start - 1].kind == "sentence":
        start -= 1
    end = anchor + 1
    while (
        end < len(told)
        and told[end].kind in ("sentence", told[anchor].kind)
        and not told[end].dangles
        and _words(told[start : end + 1]) <= longest
    ):
        end += 1
    return start, end


def _words(run: Sequence[Piece]) -> int:
    return sum(piece.words for piece in run)


def _keys(text: str) -> frozenset[str]:
    """A text's terms, cut so that forms of one word are one."""
    return frozenset(term[:_ALIKE] for term in terms(text))


def _share(weights: dict[str, float], keys: frozenset[str]) -> float:
    return sum(weight for key, weight in weights.items() if key in keys)


def _worth(
    piece: Piece, is_first: bool, kind: str, weights: dict[str, float], implied: frozenset[str]
) -> float:
    said = _keys(piece.text) | implied if is_first else _keys(piece.text)
    share = _share(weights, said)
    length = len(piece.text.split())
    value = share + (0.1 if is_first else 0.0)
    if kind == "what":
        value += _definition(piece.text, weights, implied if is_first else frozenset())
    if kind == "why" and re.search(r"\b(?:because|since|so that|therefore|why|hence|reason)\b", piece.text):
        value += 0.15
    if kind == "formula" and piece.announced and "```" not in piece.announced:
        value += 0.3
    if length < 5 or length > 50:
        value -= 0.2
    return value


def _definition(text: str, weights: dict[str, float], implied: frozenset[str]) -> float:
    """How far a sentence introduces what is asked for: it sets the term in bold, or opens with it."""
    in_bold = _share(weights, _keys(" ".join(re.findall(r"\*\*([^*]+)\*\*", text))))
    opening = _keys(" ".join(text.split()[:8])) | implied
    opens = _share(weights, opening) if _DEFINES.search(text) else 0.0
    return 0.45 * in_bold + 0.25 * opens


def _adds(run: _Run, chosen: Sequence[_Run], best: float, room: int) -> bool:
    """It is nearly as telling as the best, says something new, and fits."""
    if run.worth < 0.62 * best or run.own < 0.6 * chosen[0].own or run.extract.words > room:
        return False
    said = set(terms(run.extract.markdown))
    return all(_overlap(said, set(terms(other.extract.markdown))) < 0.5 for other in chosen)


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _with_code(
    kind: str, extracts: list[Extract], passages: Sequence[Passage], weights: dict[str, float]
) -> list[Extract]:
    """When code is asked for, the block that has most of the question's terms joins its passage's run."""
    if kind != "code" or any(p.kind == "code" or "```" in p.announced for e in extracts for p in e.pieces):
        return extracts
    blocks = [
        (_share(weights, _keys(passage.text)), -i, passage, piece)
        for i, passage in enumerate(passages)
        for piece in pieces(passage.text)
        if piece.kind == "code" or "```" in piece.announced
    ]
    if not blocks:
        return extracts
    _, _, passage, piece = max(blocks, key=lambda block: block[:2])
    return [*extracts[:1], Extract(passage, (piece,))]
