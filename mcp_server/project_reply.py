"""What the tools for projects give, as fields and as text.

The rule owned here: what a learner's code made (values, messages) is shown in code spans, as data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mcp_server.markdown import bullets, joined, literal
from mcp_server.picture import fitting, told_pictures
from mcp_server.reply import Reply


class StartedProject(Reply):
    """`folder` is the workspace; `main` is the file to edit in it."""

    project: str
    title: str
    folder: str
    main: str
    files: list[str]
    created: bool
    brief: str

    def as_text(self) -> str:
        made = "was made" if self.created else "was there already, and nothing in it was overwritten"
        return joined(
            f"The workspace of `{self.project}` {made}: {self.folder}. The learner edits {self.main}.",
            f"Files: {', '.join(self.files)}. Then check_project with path `{self.folder}`.",
            self.brief.strip(),
        )


BROKEN_CHECK = "This check broke down: a mistake of the tutor's, and none of yours."
"""Instead of what it raised, which would tell its author something, and anybody else what it checks."""


class CheckRow(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    title: str
    task: str
    status: str
    points: float
    max_points: float
    seen: str = ""
    expected: str = ""
    message: str = ""
    misconception: str | None = None
    hint_available: bool = False

    @model_validator(mode="after")
    def _without_its_inside(self) -> CheckRow:
        if self.status == "error":
            self.message, self.seen, self.expected = BROKEN_CHECK, "", ""
        return self

    def as_line(self) -> str:
        line = f"`{self.id}`, {self.title}: {self.status}, {self.points:g} of {self.max_points:g}"
        if self.status not in ("failed", "error"):
            return line
        told = (
            literal(self.message) if self.message else "",
            f"Seen: {literal(self.seen)}." if self.seen else "",
            f"Expected: {literal(self.expected)}." if self.expected else "",
            f"It fits the misconception `{self.misconception}`." if self.misconception else "",
        )
        return " ".join((f"{line}.", *(part for part in told if part)))


class ProjectReport(Reply):
    """A report of `check_project` (attempt is empty) or `grade_project`."""

    project: str
    attempt: str
    passed: bool
    score: float
    max_score: float
    seconds: float
    device: str
    checks: list[CheckRow]
    figures: list[str]
    metrics: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    usage: dict[str, float] = Field(default_factory=dict[str, float])
    environment: dict[str, Any]

    def as_text(self) -> str:
        verdict = "passed" if self.passed else "not passed"
        what = f"Grade `{self.attempt}`" if self.attempt else "Visible checks"
        newest = f"Newest tracked numbers: {literal(str(self.metrics[-1]))}." if self.metrics else ""
        failed = next((row for row in self.checks if row.status in ("failed", "error")), None)
        if failed is not None and failed.hint_available:
            then = f"When the learner is stuck: give_hint with check `{failed.id}`."
        else:
            then = "" if self.attempt or not self.passed else "All visible checks pass; offer grade_project."
        return joined(
            f"{what} of `{self.project}`: {verdict}, {self.score:g} of {self.max_score:g} points, "
            f"{self.seconds:.1f} s.",
            bullets(row.as_line() for row in self.checks),
            newest,
            told_pictures(self._pictures()),
            then,
        )

    def images(self) -> list[bytes]:
        return fitting(self._pictures())

    def _pictures(self) -> list[Path]:
        return [Path(figure) for figure in self.figures]
