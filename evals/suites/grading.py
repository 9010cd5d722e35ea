"""Does the grader accept what is right, and nothing else?

Every written project and lab is graded on its reference and alternatives (to accept), its
starter, its wrong solutions and a family of cheats (to reject). The rule owned here: a false
accept is one check passed, not a whole project, that should have failed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.cheats import cheats
from evals.metrics import mean, wilson_interval
from evals.record import Sample
from evals.run import Context
from knowledge.page import Project
from sandbox.grading import grade
from sandbox.report import GradeReport
from sandbox.submission import submission_from_files
from teaching.grade import lab_of, limits_of
from teaching.prove.project_proof import read_wrong
from tutor_error import TutorError

NAME = "grading"
DESCRIPTION = "the grader accepts references, and rejects starters, wrong solutions and cheats"
FLOORS = {"accepted": 1.0, "rejected": 1.0, "misconception_named": 0.95}
_SCALE = "proof"


def run(context: Context) -> Iterator[Sample]:
    for unit in context.catalog.units.values():
        if unit.kind == "lesson" or unit.status == "planned":
            continue
        project = context.catalog.project(unit.id)
        for kind, name, source in _submissions(project):
            yield _measure(context, project, kind, name, source)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Shares over samples; `false_accept_high` is the upper end of the 95 % Wilson interval."""
    found = {
        name: mean([sample.scores[name] for sample in samples if name in sample.scores])
        for name in sorted({name for sample in samples for name in sample.scores})
    }
    rejected = [sample.scores["rejected"] for sample in samples if "rejected" in sample.scores]
    if rejected:
        accepted = sum(score < 1 for score in rejected)
        found["false_accepts"] = float(accepted)
        found["false_accept_high"] = wilson_interval(accepted, len(rejected)).high
    return found


def _submissions(project: Project) -> Iterator[tuple[str, str, str]]:
    folder = project.folder
    for path in (folder / "reference.py", *sorted(folder.glob("alternatives/*.py"))):
        yield "right", path.stem, _text(path)
    yield "starter", "starter", _text(project.starter)
    for path in sorted(folder.glob("wrong/*.py")):
        yield "wrong", path.stem, _text(path)
    for family, source in cheats(_text(project.starter)):
        yield "cheat", family, source


def _measure(context: Context, project: Project, kind: str, name: str, source: str) -> Sample:
    started = time.perf_counter()
    try:
        submission = submission_from_files({project.main: source.encode()}, project.main)
        report = grade(
            project.folder,
            submission,
            limits=limits_of(project),
            lab=lab_of(project, context.home),
            scale=_SCALE,
            seed=f"{context.seed:032x}",
        )
    except TutorError as error:
        # A refusal is a rejection, and no verdict about a right solution.
        return Sample(
            f"{project.unit.id}/{kind}/{name}",
            kind,
            error.code,
            {"accepted" if kind == "right" else "rejected": float(kind != "right")},
        )
    return Sample(
        id=f"{project.unit.id}/{kind}/{name}",
        input=kind,
        output={check.id: [check.status, check.points, check.misconception] for check in report.checks},
        scores=_scores(project, kind, name, report),
        seconds=time.perf_counter() - started,
    )


def _scores(project: Project, kind: str, name: str, report: GradeReport) -> dict[str, float]:
    if kind == "right":
        return {"accepted": float(report.passed and report.score == report.max_score)}
    if kind == "wrong":
        front = read_wrong(project.folder / "wrong" / f"{name}.py")
        hit = [report.check(check) for check in front.fails]
        caught = all(check is not None and check.status == "failed" for check in hit)
        named = any(check is not None and check.misconception == front.misconception for check in hit)
        return {"rejected": float(caught), "misconception_named": float(named)}
    work = sum(check.points for check in report.checks if check.asks_for_work)
    return {"rejected": float(work == 0 and not report.passed)}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
