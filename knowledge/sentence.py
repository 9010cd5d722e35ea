"""Where a sentence of authored prose ends: not at the point of an abbreviation or the colon of a ratio."""

from __future__ import annotations

import re

_END = re.compile(r"(?:[.!?]|(?<=\S):)[\"”’)*_]*(\s+)(?=[\"“‘(*_`\[]*[A-Z0-9`α-ωΑ-Ω∂∇])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|etc|Fig|Eq|al|Dr|approx|resp)\.|\b[A-Z]\.)$")
_LEANS_BACK = re.compile(
    r"^\W*(?:this|that|these|those|it|its|they|their|them|he|she|such|then|thus|so|but|and|or|also|again|"
    r"here|there|both|each|neither|either|instead|otherwise|however|therefore|hence|still|yet|which|what "
    r"this|one such|the same|the latter|the former|another|other|now|next|similarly|conversely|with these|"
    r"with it|with them|for it|in it|as before|what the|a second|the second|the third|the other|that is)\b",
    re.IGNORECASE,
)


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, in order."""
    text = " ".join(paragraph.split())
    found: list[str] = []
    start = 0
    for end in [match.start(1) for match in _END.finditer(text)] + [len(text)]:
        part = text[start:end].strip()
        if part and not (_ABBREVIATION.search(part) and end < len(text)):
            found.append(part)
            start = end
    return found


def leans_back(sentence: str) -> bool:
    """Whether it opens with a word that points at the sentence before it."""
    return _LEANS_BACK.match(sentence) is not None
