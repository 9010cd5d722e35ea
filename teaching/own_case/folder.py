"""A new case of the learner's own: its folder with the plan, the brief and three programs to begin with."""

from __future__ import annotations

import json
import re
from pathlib import Path

from knowledge.scaffold import TEMPLATES
from teaching.own_case.brief import BRIEF, fresh_brief
from teaching.own_case.plan import PLAN, CaseKind
from teaching.own_case.rubric import rubric_of
from tutor_error import TutorError

STARTERS = TEMPLATES / "own_case"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,33}")


def check_name(name: str) -> str:
    """A name for a case: lower-case words joined by hyphens. TutorError `bad-name`."""
    if not _NAME.fullmatch(name):
        raise TutorError("bad-name", f"`{name}` is no name for a case.", "Use one such as bike-rides.")
    return name


def start_case(name: str, folder: Path, kind: CaseKind, title: str | None = None) -> list[Path]:
    """Write the files of a new case and return them. TutorError `bad-name`, `already-there`.

    Nothing is overwritten.
    """
    plain = check_name(name).replace("-", " ").capitalize()
    shown = " ".join((title or plain).split()) or plain
    texts = {PLAN: _plan(kind, shown), BRIEF: fresh_brief(shown, rubric_of(kind))}
    for path in sorted(STARTERS.glob("*.py")):
        texts[path.name] = path.read_text(encoding="utf-8")
    there = [file for file in texts if (folder / file).exists()]
    if there:
        raise TutorError(
            "already-there",
            f"{folder} has a {there[0]} already.",
            f"Name another folder with --dir, or go on with it: mltutor case review {folder}",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        with (folder / file).open("x", encoding="utf-8") as handle:
            handle.write(text)
    return [folder / file for file in texts]


def _plan(kind: CaseKind, title: str) -> str:
    # A JSON string is a TOML string.
    shown = json.dumps(title, ensure_ascii=False)
    text = (STARTERS / PLAN).read_text(encoding="utf-8")
    return text.replace("@KIND@", kind).replace("@TITLE@", shown)
