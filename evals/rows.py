"""Labelled data as files of lines, each a JSON object.

The rule owned here: a file that cannot be read tells the line and what is wrong with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from knowledge.content_file import broken, parse, read_text

R = TypeVar("R", bound=BaseModel)


def read_rows(path: Path, record: type[R]) -> list[R]:
    """One `record` a line; empty lines count for nothing. TutorError `broken-content` names file and line."""
    rows: list[R] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(parse(record, json.loads(line), path))
        except json.JSONDecodeError as error:
            raise broken(
                path, f"has no JSON in line {number}: {error.msg}", "Write one object a line."
            ) from error
    return rows
