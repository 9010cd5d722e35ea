"""Counts how common words are in the content, for `teaching.rarity`.

    python -m evals.word_rarity

writes teaching/word_rarity.json: the commonest stems with their inverse document frequency over
paragraphs of lessons and cases, divided by its largest possible value. The one rule owned here:
only prose counts; front matter and code say nothing about how people put an idea.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from knowledge.catalog import PACKAGED
from teaching import wording

_OUT = Path(__file__).parent.parent / "teaching" / "word_rarity.json"
_KEPT = 1500
_SHORTEST = 6
"""Stems of a paragraph; what is shorter is a heading or a formula."""


def count_rarity(paragraphs: Iterable[str]) -> dict[str, float]:
    """log(n / paragraphs with the stem) / log(n) of the commonest stems, two decimals, by stem."""
    found: Counter[str] = Counter()
    total = 0
    for paragraph in paragraphs:
        stems = set(wording.content(paragraph))
        if len(stems) >= _SHORTEST:
            total += 1
            found.update(stems)
    common = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_KEPT]
    return {stem: round(math.log(total / count) / math.log(total), 2) for stem, count in sorted(common)}


def paragraphs(content: Path = PACKAGED) -> Iterator[str]:
    """The prose of every lesson and case."""
    for path in sorted(content.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\A---\n.*?^---\n", "", text, flags=re.DOTALL | re.MULTILINE)
        yield from re.split(r"\n\s*\n", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


if __name__ == "__main__":
    table = json.dumps(count_rarity(paragraphs()), indent=0, ensure_ascii=False)
    _OUT.write_text(table + "\n", encoding="utf-8")
