"""The wordings that the guard listens for, read from `phrases.yaml`.

The rule owned here: wordings are data, a list for each thing to be heard, so that a new one is
a line and needs no code.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("phrases.yaml")


@cache
def phrases(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a list, any case, with its parts filled in."""
    return tuple(re.compile(_with_parts(pattern), re.IGNORECASE | re.MULTILINE) for pattern in _lists()[name])


@cache
def words(name: str) -> frozenset[str]:
    """A list of single words."""
    return frozenset(str(_lists()["words"][name]).split())


def part(name: str) -> str:
    """A part of patterns by its name, for a pattern that is built around it."""
    return str(_lists()["parts"][name])


def hears(name: str, text: str) -> bool:
    """Whether one of a list's patterns is somewhere in the text."""
    return any(pattern.search(text) for pattern in phrases(name))


def _with_parts(pattern: str) -> str:
    for name, inner in _lists()["parts"].items():
        pattern = pattern.replace(f"<{name}>", inner)
    return pattern


@cache
def _lists() -> dict[str, Any]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))
