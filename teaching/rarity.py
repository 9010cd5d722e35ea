"""How telling a word is: a word that is rare in what is taught says more than one on every page.

The one rule owned here: the table beside this module (`word_rarity.json`) is counted from the
content by `python -m evals.word_rarity`; a word that is not in it is as telling as can be.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from teaching import wording

_NUMBER = 0.35
_TABLE = Path(__file__).with_name("word_rarity.json")


@lru_cache(maxsize=1)
def _table() -> dict[str, float]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))


@lru_cache(maxsize=16_384)
def rarity(word: str) -> float:
    """Inverse document frequency of a word's stem over paragraphs, to the power 1.5, scaled to 0..1."""
    if word.isdigit():
        return _NUMBER
    return float(_table().get(wording.stem(word), 1.0)) ** 1.5
