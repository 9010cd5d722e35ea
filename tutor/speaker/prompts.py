"""Prompts as files: read once, and filled in one pass. Text of others goes in as `quoting.as_data`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "agent" / "prompts"
_PLACE = re.compile(r"\{([a-z_]+)\}")


def fill_prompt(name: str, **values: str) -> str:
    """The prompt `name`.md with its {places} filled; what a value holds is never filled again."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), _read(name))


@lru_cache(maxsize=32)
def _read(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()
