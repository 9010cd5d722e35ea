"""Grading with a memory: a learner's work is judged in the sandbox, and the verdict is kept.

The rule owned here: a grade becomes evidence once, under the attempt id that the caller
fixed before the first try; a check of visible tests is no evidence and leaves no trace.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from knowledge.unit import namespace_of
from sandbox.lab import BASE, Lab, find_lab
from sandbox.limits import Limits
from sandbox.report import CheckReport, GradeReport, grade_as_json
from sandbox.submission import Submission
from teaching.records import Records, evidence_row

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.page import Project


class GradeOptions(TypedDict, total=False):
    """How a grade is watched and stopped, as `sandbox.grading.grade` takes it."""

    on_check: Callable[[CheckReport, int, int], None] | None
    on_metric: Callable[[str], None] | None
    cancel: threading.Event | None
    figures_dir: Path | None
    allow_unisolated: bool


@dataclass(frozen=True)
class Graded:
    """`document` is the JSON of the contract; `is_new` is False for a repeated attempt id."""

    document: dict[str, Any]
    attempt: str
    is_new: bool
    report: GradeReport | None = None


def new_attempt() -> str:
    """An id for a new try: `a-` and 12 hexadecimal digits."""
    return f"a-{uuid.uuid4().hex[:12]}"


def failed_checks(document: Mapping[str, Any]) -> list[str]:
    """The ids of the checks that failed or broke down, in the order of the report; not those they blocked."""
    return [str(row["id"]) for row in document["checks"] if row["status"] in ("failed", "error")]


def limits_of(project: Project) -> Limits:
    """The bounds that a project's budget sets for each call of a submission."""
    budget = project.file.budget
    return Limits(seconds=budget.seconds, memory_mb=budget.memory_mb)


def lab_of(project: Project, home: Path | None) -> Lab:
    """The lab that a project names. Raises TutorError `missing-lab` when it is not installed."""
    if home is None and project.file.lab != BASE.name:
        raise ValueError(f"{project.unit.id} needs the lab {project.file.lab}, and no home was given")
    return BASE if home is None else find_lab(project.file.lab, home)


def check_project(
    catalog: Catalog,
    project_id: str,
    submission: Submission,
    *,
    home: Path | None = None,
    **options: Unpack[GradeOptions],
) -> Graded:
    """The visible checks alone. Nothing is written; the attempt id is empty."""
    project = catalog.project(project_id)
    report = _judge(project, submission, home, visible_only=True, **options)
    return Graded(grade_as_json(report, project_id, ""), "", False, report)


def grade_project(
    catalog: Catalog,
    records: Records,
    learner: str,
    project_id: str,
    submission: Submission,
    attempt: str,
    *,
    home: Path | None = None,
    **options: Unpack[GradeOptions],
) -> Graded:
    """All checks, kept as evidence under `attempt`. home: where further labs are installed.

    The same attempt id again returns the stored verdict and runs nothing. A cancelled
    grade raises TutorError `cancelled` and keeps nothing.
    """
    stored = records.attempt(learner, attempt, kind="graded", unit=project_id, item=project_id)
    if stored is not None:
        return Graded(stored.payload["grade"], attempt, False)
    project = catalog.project(project_id)
    report = _judge(project, submission, home, visible_only=False, **options)
    payload = {
        "grade": grade_as_json(report, project_id, attempt),
        "seed": report.seed,
        "content": report.environment.get("content", ""),
        "engine": report.environment.get("engine", ""),
        "evidence": evidence_of(report, project_id, _helped_checks(records, learner, project_id)),
    }
    event, is_new = records.append(learner, "graded", attempt, project_id, project_id, payload)
    return Graded(event.payload["grade"], attempt, is_new, report)


def evidence_of(report: GradeReport, project_id: str, helped: frozenset[str]) -> list[dict[str, Any]]:
    """What the checks of a grade say about units.

    Blocked checks and errors of the content say nothing, and neither do checks that pass
    without work. Each check speaks for the units it names, else for the project itself; one of a
    pack speaks for units of that pack alone, whatever it names.
    """
    home = namespace_of(project_id)
    rows: list[dict[str, Any]] = []
    for check in report.checks:
        if check.status not in ("passed", "failed") or not check.asks_for_work:
            continue
        named = tuple(unit for unit in check.evidence if not home or namespace_of(unit) == home)
        for unit in named or (project_id,):
            passed = check.status == "passed"
            rows.append(evidence_row(unit, check.id, correct=passed, assisted=check.id in helped))
    return rows


def _judge(
    project: Project,
    submission: Submission,
    home: Path | None,
    *,
    visible_only: bool,
    **options: Unpack[GradeOptions],
) -> GradeReport:
    # The grader pulls in jupyter_client; the catalogue commands that import this module do not need it.
    from sandbox.grading import grade
    from sandbox.lease import lease_device  # file locks, which Windows has under another name

    lab, need, purpose = lab_of(project, home), project.file.budget.gpu, f"grading {project.unit.id}"
    with lease_device(need, home, purpose=purpose, lab=lab, cancel=options.get("cancel")) as granted:
        report = grade(
            project.folder,
            submission,
            limits=limits_of(project),
            lab=lab,
            scale=granted.choice.scale,
            gpus=granted.minors,
            visible_only=visible_only,
            **options,
        )
    return _with_hints(report, project)


def _with_hints(report: GradeReport, project: Project) -> GradeReport:
    checks = tuple(
        replace(check, hint_available=check.status != "passed" and check.id in project.hints)
        for check in report.checks
    )
    return replace(report, checks=checks)


def _helped_checks(records: Records, learner: str, project_id: str) -> frozenset[str]:
    events = records.events(learner, kind="helped", unit=project_id)
    return frozenset(str(event.payload.get("check", "")) for event in events)
