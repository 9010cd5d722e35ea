"""Which of the listed items an answer names: by number, letter, rank, or its own text.

The one rule owned here: an answer that names an item beyond the list, or says "1 or 2", names
nothing; a guess at what was meant is no pick.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from teaching import wording
from teaching.features import letter_overlap
from teaching.hedging import bare_answer

_COUNTED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_RANKED = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9,
}  # fmt: skip
_FILLER = frozenset(
    [
        "the",
        "option",
        "options",
        "number",
        "numbers",
        "choice",
        "choices",
        "letter",
        "letters",
        "answer",
        "answers",
        "nr",
        "item",
        "items",
        "only",
        "just",
    ]
)
_REASONED = re.compile(r"\(?(\d{1,2}|[a-z])\)?\s*(?:[).:,;–—-]\s|\s?[,]?\s*(?:because|since|as)\s)")
_ORDER_FILLER = re.compile(
    r"\b(?:first|firstly|second|third|then|next|finally|lastly|last|afterwards|after that|before|and|"
    r"the|order|is|step|item|number|followed by|comes?)\b|#"
)


def pick_options(options: Sequence[str], answer: str) -> set[int]:
    """Positions (from 0) of the options that an answer names by number, letter or text; may be empty."""
    tidy = [" ".join(option.lower().split()).strip(" .!?\"'`") for option in options]
    raw = " ".join(answer.lower().split()).strip(" .!?\"'`")
    for said in (raw, bare_answer(answer).strip(" .")):
        exact = [place for place, option in enumerate(tidy) if option == said]
        if exact:
            return set(exact)
    said = bare_answer(answer)
    if said in ("all", "all of them", "all of these", "every one", "all options") and len(options) > 1:
        return set(range(len(options)))
    if said in ("both", "both of them", "both options", "both are right") and len(options) == 2:
        return {0, 1}
    named = _named_places(said, len(options))
    if named is None and (reasoned := _REASONED.match(said)):
        named = _named_places(reasoned[1], len(options))
    return _nearest_text(options, answer) if named is None else named


def _named_places(said: str, count: int) -> set[int] | None:
    """The places named, none when one is beyond the list; None when the answer is no list of places."""
    names = [
        name for name in re.split(r"(?:[,;&/+]|\band\b|\s)+", said.replace("#", " ")) if name.strip("().:[]")
    ]
    names = [name.strip("().:[]") for name in names]
    names = [name for name in names if name not in _FILLER] or names
    ranked = any(_rank(name, count) for name in names)
    names = [name for name in names if not (ranked and name in ("one", "ones"))]
    places = [_rank(name, count) or _place(name) for name in names]
    if not places or None in places:
        return None
    found = {place - 1 for place in places if place is not None}
    return found if all(0 <= place < count for place in found) else set()


def _rank(name: str, count: int) -> int | None:
    """The place of "second", "2nd" or "last"."""
    if name == "last":
        return count
    ordinal = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", name)
    return int(ordinal[1]) if ordinal else _RANKED.get(name)


def _place(name: str) -> int | None:
    """The place of "2", "b" or "two"; a place beyond every list for 0."""
    if re.fullmatch(r"\d{1,2}", name):
        return int(name)
    return ord(name) - ord("a") + 1 if re.fullmatch(r"[a-z]", name) else _COUNTED.get(name)


def _nearest_text(options: Sequence[str], said: str) -> set[int]:
    ranked = sorted(((letter_overlap(said, option), i) for i, option in enumerate(options)), reverse=True)
    (best, place), second = ranked[0], ranked[1][0] if len(ranked) > 1 else 0.0
    differs = wording.is_negated(said) != wording.is_negated(options[place])
    return {place} if best >= 0.6 and best - second >= 0.15 and not differs else set()


def read_order(shown: Sequence[str], answer: str) -> list[int]:
    """Positions in the list as shown; any list that is no permutation means that it cannot be read."""
    said = bare_answer(answer)
    labels = _ORDER_FILLER.sub(" ", said)
    labels = re.sub(r"\b(?:" + "|".join(_COUNTED) + r")\b", lambda word: str(_COUNTED[word[0]]), labels)
    labels = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", labels).strip()
    if re.fullmatch(r"[\d\s,;:<>\-=–→.()/]+", labels) and re.search(r"\d", labels):
        digits = re.findall(r"\d+", labels)
        if len(digits) == 1 and len(shown) <= 9:
            digits = list(digits[0])
        return [int(digit) - 1 for digit in digits]
    if re.fullmatch(r"[a-z](?:[\s,;<>\-=–→.()/]+[a-z])*", labels):
        return [ord(letter) - ord("a") for letter in re.findall(r"[a-z]", labels)]
    if re.fullmatch(rf"[a-z]{{{len(shown)}}}", labels) and len(set(labels)) == len(shown):
        return [ord(letter) - ord("a") for letter in labels]
    pieces = re.split(
        r"\s*(?:\n|;|→|->|=>|>|,(?=\s)|,?\s+(?:and )?then\b|\band finally\b)\s*", answer.strip()
    )
    kept = [
        re.sub(r"^(?:\d+[.)]|(?:first|then|next|finally|and)\b|,)\s*", "", piece.strip()) for piece in pieces
    ]
    named = [pick_options(shown, piece) for piece in kept if piece]
    return [next(iter(places)) if len(places) == 1 else -1 for places in named]
