"""Lines that are no answer and no question: pressure, abuse, garbage, pasted files, moods.

The rule owned here: a remark is recognised by the whole line, gets a fixed reply and is never
judged; and whatever is said, pressure changes no verdict and opens no solution.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from knowledge.content_file import parse, read_yaml
from knowledge.unit import Record, Text
from teaching.moves import vary
from teaching.program import is_pasted

Remark = Literal[
    "demand", "override", "abuse", "foreign", "unreadable", "empty", "huge", "notebook", "code",
    "confused", "too_easy", "why", "doubt", "idle", "skip_nothing", "elsewhere",
]  # fmt: skip
MOODS: frozenset[Remark] = frozenset({"confused", "too_easy", "why", "doubt"})
"""Remarks about what was said before; the others are about nothing that was taught."""
_THANKS = re.compile(r"\b(?:thanks|thank you|thx|cheers|danke|merci|gracias)\b")
_HOW_ARE_YOU = re.compile(r"\bhow are you\b")
_HELLO = re.compile(
    r"\b(?:hi|hello|hey|hiya|howdy|good \w+|greetings|hallo|hola|bonjour|ciao|servus|moin|salut)\b"
)
PRESSURE: frozenset[Remark] = frozenset({"demand", "override", "abuse"})
LONGEST = 8_000
"""Characters of a line that is read; a careful answer has a tenth of it."""
_LONGEST_INSULT = 20
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


def read_remark(line: str) -> Remark | None:
    """The kind of remark that a whole line is; None for what is to be answered or judged."""
    text = " ".join(line.strip().lower().replace("’", "'").split())
    if not text:
        return "empty"
    if _is_garbage(line):
        return "unreadable"
    if notebook_cells(line) is not None:
        return "notebook"
    if len(line) > LONGEST:
        return "huge"
    if is_pasted(line):
        return "code"
    bare = text.strip(" .!?…,:;'\"()")
    return _read_talk(text[:1000], bare[:1000])


def _read_talk(text: str, bare: str) -> Remark | None:
    rules = _remarks()
    within = {kind: any(re.search(one, bare) for one in known) for kind, known in rules.within.items()}
    if within["override"]:
        return "override"
    parts = [part.strip() for part in re.split(r"[.!?,;:]+\s*|\s+(?:so|and|then)\s+", bare)]
    if within["demand"] or any(_is_whole("demand", part) for part in parts if not _asks_softly(bare)):
        return "demand"
    if within["abuse"] and len(bare.split()) <= _LONGEST_INSULT:
        return "abuse"
    for kind in ("confused", "too_easy", "why", "doubt"):
        if _is_whole(kind, bare):
            return kind
    return "foreign" if _is_foreign(text) else None


def _is_whole(kind: str, bare: str) -> bool:
    return any(re.fullmatch(pattern, bare) for pattern in _remarks().whole[kind])


def _asks_softly(bare: str) -> bool:
    """`tell me the answer` asks for help, and the ladder gives it; a demand insists or claims rank."""
    return bool(
        re.fullmatch(r"(?:please )?(?:give|show|tell) me (?:the )?(?:answer|solution)(?: please)?", bare)
    )


def reply_to(remark: str, *, seed: str, times: int = 1, **values: str) -> str:
    """The authored reply; under pressure the wording of the `times`-th time, from 1."""
    phrases = _remarks().phrases[remark]
    if remark in PRESSURE:
        text = phrases[min(times, len(phrases)) - 1]
    else:
        text = vary(seed, phrases)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def courtesy(line: str, seed: str) -> str:
    """The answer to a greeting, to thanks, or to a word that says no more than that it was heard."""
    said = line.lower()
    known = (("thanks", _THANKS), ("how_are_you", _HOW_ARE_YOU), ("hello", _HELLO))
    kind = next((name for name, pattern in known if pattern.search(said)), "taken_in")
    return reply_to(kind, seed=seed)


def is_demand(line: str) -> bool:
    """Whether the whole line asks for a solution or an answer, softly or not."""
    return _is_whole("demand", " ".join(line.lower().replace("’", "'").split()).strip(" .!?…,:;'\"()"))


def is_idle(line: str) -> bool:
    """A bare yes or no, where nothing was asked."""
    return _is_whole("idle", " ".join(line.lower().split()).strip(" .!"))


def how_judged(kind: str) -> str:
    """How an answer to a question of this kind is judged, in a sentence or two."""
    return _remarks().how.get(kind, _remarks().how["explain"])


def notebook_cells(line: str) -> str | None:
    """`12 cells, 7 of code` for a pasted notebook, whole or cut off; None for anything else."""
    text = line.lstrip()
    if not text.startswith("{") or '"cells"' not in text[:200_000] or '"cell_type"' not in text:
        return None
    try:
        read: Any = json.loads(text)
    except (ValueError, RecursionError):
        count, code = text.count('"cell_type"'), len(re.findall(r'"cell_type"\s*:\s*"code"', text))
        return f"{count} cells or more, {code} of code, and cut off"
    cells: Any = read.get("cells") if isinstance(read, dict) else None  # pyright: ignore[reportUnknownMemberType]
    if not isinstance(cells, list):
        return None
    kinds = [cell.get("cell_type") for cell in cells if isinstance(cell, dict)]  # pyright: ignore
    return f"{len(kinds)} cell{'s' * (len(kinds) != 1)}, {kinds.count('code')} of code"


def _is_garbage(line: str) -> bool:
    """Binary, or a file's bytes read as text: controls, unassigned and replacement characters."""
    sample = line[:4000]
    bad = sum(
        unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") and sign not in "\t\n\r\x1b" for sign in sample
    )
    bad += sample.count("\N{REPLACEMENT CHARACTER}")
    return bad >= 3 and bad > 0.05 * len(sample)


def _is_foreign(text: str) -> bool:
    """Mostly letters that English does not have, or the small words of another language and few of ours."""
    letters = [sign for sign in text if sign.isalpha()]
    strange = sum(
        "LATIN" not in unicodedata.name(sign, "") and "GREEK" not in unicodedata.name(sign, "")
        for sign in letters
    )
    if len(letters) >= 4 and strange > 0.5 * len(letters):
        return True
    words = re.findall(r"[^\W\d_]+", text)
    english, elsewhere = _small_words()
    ours, theirs = sum(word in english for word in words), sum(word in elsewhere for word in words)
    return len(words) >= 3 and theirs >= 2 and theirs > 2 * ours and theirs >= 0.3 * len(words)


@cache
def _small_words() -> tuple[frozenset[str], frozenset[str]]:
    english = frozenset(_remarks().english.split())
    return english, frozenset(_remarks().elsewhere.split()) - english


class _Remarks(Record):
    format: Literal[1]
    phrases: dict[str, Annotated[tuple[Text, ...], Field(min_length=1)]]
    how: dict[str, Text]
    whole: dict[str, tuple[Text, ...]]
    within: dict[str, tuple[Text, ...]]
    english: Text
    elsewhere: Text


@cache
def _remarks() -> _Remarks:
    path = Path(__file__).with_name("remarks.yaml")
    return parse(_Remarks, read_yaml(path), path)
