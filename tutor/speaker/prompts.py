"""Prompts as files: read once, filled in one pass, and material fenced so that it cannot leave its place.

The rule owned here: text that others wrote stands between marks that it cannot close.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "agent" / "prompts"
_MARK = re.compile(
    r"<(?=\s*/?\s*(?:learner|passage|code|report|output|facts|material|earlier|task)\b)", re.IGNORECASE
)
_PLACE = re.compile(r"\{([a-z_]+)\}")


def fill_prompt(name: str, **values: str) -> str:
    """The prompt `name`.md with its {places} filled; what a value holds is never filled again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), _read(name))


def fence(mark: str, text: str) -> str:
    """The text between <mark> and </mark>; marks of ours inside it lose their bracket."""
    return f"<{mark}>\n{_MARK.sub('‹', text).strip()}\n</{mark}>"


@lru_cache(maxsize=32)
def _read(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()
