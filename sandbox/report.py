"""What a run and a grade tell: the records behind the JSON of `run`, `check` and `grade`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sandbox.limits import Outcome

CheckStatus = Literal["passed", "failed", "blocked", "error"]


@dataclass(frozen=True)
class RunError:
    """An exception of the learner's code: class name, message, 1-based line in their file."""

    name: str
    message: str
    line: int | None


@dataclass(frozen=True)
class RunReport:
    """One file run in the sandbox. `figures` are paths of PNG files on the host."""

    file: str
    outcome: Outcome
    seconds: float
    device: str
    stdout: str
    stderr: str
    truncated: bool
    error: RunError | None
    figures: tuple[str, ...]
    metrics: tuple[dict[str, Any], ...]
    isolation: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class CheckReport:
    """One check of a grade. `seen` and `expected` are short texts for a person.

    evidence: units that this check speaks for; visible: shown before a grade;
    required: the project passes only with it; seconds: time in the submission.
    """

    id: str
    title: str
    task: str
    status: CheckStatus
    points: float
    max_points: float
    seen: str = ""
    expected: str = ""
    message: str = ""
    misconception: str | None = None
    hint_available: bool = False
    evidence: tuple[str, ...] = ()
    visible: bool = True
    required: bool = False
    asks_for_work: bool = True
    seconds: float = 0.0


@dataclass(frozen=True)
class Usage:
    """What a submission itself used: seconds of wall clock while it was asked, and its peak of memory."""

    seconds: float = 0.0
    memory_mb: float = 0.0


@dataclass(frozen=True)
class GradeReport:
    """A whole grade. `seed` (hex, 128 bits) replays it; it stays in the record.

    figures, metrics, stdout: of loading and of the visible checks, whose input anyone may see.
    """

    passed: bool
    score: float
    max_score: float
    seconds: float
    device: str
    checks: tuple[CheckReport, ...]
    figures: tuple[str, ...] = ()
    metrics: tuple[dict[str, Any], ...] = ()
    usage: Usage = Usage()
    environment: dict[str, Any] = field(default_factory=dict[str, Any])
    stdout: str = ""
    seed: str = ""

    def check(self, check_id: str) -> CheckReport | None:
        return next((check for check in self.checks if check.id == check_id), None)


PUBLIC_CHECK_KEYS = (
    "id", "title", "task", "status", "points", "max_points", "seen", "expected", "message",
    "misconception", "hint_available",
)  # fmt: skip


def grade_as_json(report: GradeReport, project: str, attempt: str) -> dict[str, Any]:
    """The document that `check` and `grade` print (a contract: see docs/commands.md)."""
    return {
        "project": project,
        "attempt": attempt,
        "passed": report.passed,
        "score": report.score,
        "max_score": report.max_score,
        "seconds": round(report.seconds, 3),
        "device": report.device,
        "checks": [{key: getattr(check, key) for key in PUBLIC_CHECK_KEYS} for check in report.checks],
        "figures": list(report.figures),
        "metrics": list(report.metrics),
        "usage": asdict(report.usage),
        "environment": report.environment,
    }
