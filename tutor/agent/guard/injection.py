"""Orders hidden in what is only to be read: the learner's material, pack units, outputs of code.

The rule owned here: nothing in such a text is an instruction. Orders in the learner's own
material are left out before anybody speaks; what an order asks for may not be said; a link or a
picture goes out only when it stands, letter for letter, in what may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from knowledge.sentence import sentences
from tutor.agent.guard.phrases import hears, phrases

_QUOTED = re.compile(r"[\"“]([^\"”\n]{3,80})[\"”]|[‘']([^’'\n]{3,80})[’']|`([^`\n]{3,80})`")
_SHOUTED = re.compile(r"\b[A-Z0-9]+(?:[-_][A-Z0-9]+)+\b|\b[A-Z]{4,}\b|\b[A-Z]+\d+\b")
_SHOUTING = """IGNORE DISREGARD FORGET SYSTEM PRINT OUTPUT ASSISTANT IMPORTANT NOTE ATTENTION ALWAYS MUST
    NEVER REPLY RULES INSTRUCTIONS PREVIOUS ALL END BEGIN INST REPEAT ANSWER WITH"""
_SHOUTED_ORDERS = frozenset(_SHOUTING.split())
_URL = re.compile(
    r"\b(?:https?|ftp|file|data|javascript|mailto):[^\s<>\"“”`\])]+|\bwww\.[^\s<>\"“”`\])]+", re.IGNORECASE
)
_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_DEFINED = re.compile(r"^[ \t]*\[[^\]›\n]+\]:[ \t]*<?(\S+?)>?[ \t]*(?:[\"'(].*)?$", re.MULTILINE)
_TAG = re.compile(
    r"</?(?:a|img|iframe|script|style|object|embed|form|input|button|link|meta|svg|video|audio|base)\b[^>]*>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def orders(text: str) -> list[str]:
    """The sentences of a text that tell whoever reads it aloud what to do."""
    return [part for part in _parts(text) if hears("order", part)]


def without_orders(text: str) -> str:
    """A text without the sentences that give orders, and without comments that no reader sees."""
    kept = _COMMENT.sub("", text)
    for order in orders(kept):
        kept = re.sub(r"\s+".join(map(re.escape, order.split())), "", kept)
    return kept


def markers(texts: Iterable[str], known: Collection[str] = ()) -> frozenset[str]:
    """What the orders in some texts want to be said: quoted words, words in capitals, addresses.

    known: texts that hold no orders; what stands there is no sign that an order was obeyed.
    """
    found: set[str] = set()
    for text in texts:
        parts = _parts(text)
        for place, part in enumerate(parts):
            if hears("order", part):
                announced = 2 if part.endswith(":") else 1
                found |= _wanted(" ".join(parts[place : place + announced]))
    plain = " ".join(known).lower()
    return frozenset(marker for marker in found if marker.lower() not in plain)


def obeyed(text: str, wanted: Collection[str]) -> str | None:
    """A marker that the text holds; None when it holds none."""
    said = text.lower()
    return next((m for m in sorted(wanted) if re.search(rf"(?<!\w){re.escape(m.lower())}(?!\w)", said)), None)


def addresses(texts: Iterable[str]) -> frozenset[str]:
    """The addresses that stand in some texts, as whole words."""
    found: set[str] = set()
    for text in texts:
        found |= {_bare(match.group()) for match in _URL.finditer(text)}
        found |= {_bare(match.group(2)) for pattern in (_IMAGE, _LINK) for match in pattern.finditer(text)}
    return frozenset(found)


def strip_links(text: str, known: Collection[str]) -> str:
    """A text whose links and pictures lead only where `known` has the same address."""
    text = _TAG.sub("", _COMMENT.sub("", text))
    text = _IMAGE.sub(lambda m: m.group() if _bare(m.group(2)) in known else m.group(1), text)
    text = _LINK.sub(lambda m: m.group() if _bare(m.group(2)) in known else m.group(1), text)
    text = _DEFINED.sub(lambda m: m.group() if _bare(m.group(1)) in known else "", text)
    return _URL.sub(lambda m: m.group() if _bare(m.group()) in known else "(link left out)", text)


def _parts(text: str) -> list[str]:
    return [sentence for line in text.split("\n") for sentence in sentences(line)]


def _wanted(order: str) -> set[str]:
    found = {group.strip(" .,!") for match in _QUOTED.finditer(order) for group in match.groups() if group}
    found |= {match.group(1) for pattern in phrases("asked_words") for match in pattern.finditer(order)}
    found |= set(_SHOUTED.findall(order)) - _SHOUTED_ORDERS
    found |= {_bare(match.group()) for match in _URL.finditer(order)}
    return {marker for marker in found if len(marker) > 2}


def _bare(url: str) -> str:
    return url.strip("<>").rstrip(".,;:!?*_'’")
