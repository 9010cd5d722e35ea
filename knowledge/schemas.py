"""JSON Schemas of the content files, for editors: written from the records, never by hand.

`python -m knowledge.schemas` writes them to `docs/schemas/`; a test keeps them in step.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter

from knowledge.pack import PackFile
from knowledge.programme import Programme
from knowledge.unit import CaseFrontMatter, LessonFrontMatter, Misconception, ProjectFile

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
SOURCES = {
    "lesson": LessonFrontMatter,
    "case": CaseFrontMatter,
    "project": ProjectFile,
    "misconceptions": list[Misconception],
    "programme": Programme,
    "pack": PackFile,
}


def schemas() -> dict[str, str]:
    """Each schema's file name and its text."""
    found: dict[str, str] = {}
    for name, source in SOURCES.items():
        schema = TypeAdapter(source).json_schema()
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **schema}
        found[f"{name}.schema.json"] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    return found


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
