"""The proof of a project, a case's lab or a code question: what must pass passes, and what must fail fails.

Starter, reference, alternatives and wrong solutions are graded exactly as learners are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from knowledge.content_file import parse, parse_yaml, read_text
from sandbox.grading import describe, grade
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.report import CheckReport, GradeReport
from sandbox.submission import submission_from_files
from teaching.leak import find_leak
from teaching.prove.problem import Problem

SEEDS = (
    "00000000000000000000000000000001",
    "5eed0000000000000000000000000002",
    "a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7",
)
SCALE = "proof"


def seeds_of(count: int) -> tuple[str, ...]:
    """The first so many seeds of a proof, SEEDS and then derived ones: 32 hexadecimal digits each."""
    more = (hashlib.sha256(f"seed {number}".encode()).hexdigest()[:32] for number in range(len(SEEDS), count))
    return (*SEEDS, *more)[:count]


class WrongFrontMatter(BaseModel):
    """The docstring of a wrong solution."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    misconception: str
    fails: list[str]


@dataclass(frozen=True)
class Task:
    """A folder to prove, with what its kind demands.

    seeds: how many what is right must pass on; what is wrong must fail on a third of them.
    """

    folder: Path
    main: str
    limits: Limits
    where: str
    lab: Lab = BASE
    wrong_needed: int = 0
    public: tuple[str, ...] = ()
    seeds: int = len(SEEDS)


def prove_task(
    task: Task,
    misconceptions: Container[str],
    hints: dict[str, list[str]] | None,
    checks: list[CheckReport] | None = None,
) -> Iterator[Problem]:
    """What is wrong with a task. checks: as `describe` tells them, where that was asked already."""
    checks = describe(task.folder, lab=task.lab) if checks is None else checks
    yield from _check_plan(task, checks)
    if hints is not None:
        yield from check_hints(task, checks, hints)
    yield from _starter_fails(task)
    for name in (
        "reference.py",
        *sorted(f"alternatives/{p.name}" for p in task.folder.glob("alternatives/*.py")),
    ):
        for seed in seeds_of(task.seeds):
            yield from _passes(task, name, seed)
    wrong = sorted(task.folder.glob("wrong/*.py"))
    if len(wrong) < task.wrong_needed:
        yield Problem(
            task.where, f"it has {len(wrong)} wrong solutions", f"Write {task.wrong_needed} or more."
        )
    for path in wrong:
        yield from _is_caught(task, path, misconceptions)


def grade_file(task: Task, name: str, seed: str) -> GradeReport:
    source = (task.folder / name).read_bytes()
    submission = submission_from_files({task.main: source}, task.main)
    return grade(task.folder, submission, limits=task.limits, lab=task.lab, scale=SCALE, seed=seed)


def _check_plan(task: Task, checks: list[CheckReport]) -> Iterator[Problem]:
    where = f"{task.where}/checks.py"
    total = sum(check.max_points for check in checks)
    work = sum(check.max_points for check in checks if check.asks_for_work)
    if not checks or total <= 0:
        yield Problem(where, "there are no points to earn", "Write checks with `points`.")
    elif work < 0.8 * total:
        yield Problem(where, f"only {work:g} of {total:g} points ask for work", "At least 80 % must.")
    if not any(check.visible for check in checks):
        yield Problem(where, "no check is visible", "Mark one `visible=True`.")
    if not any(check.required for check in checks):
        yield Problem(where, "no check is required, so every submission passes", "Mark one `required=True`.")


def check_hints(task: Task, checks: list[CheckReport], hints: dict[str, list[str]]) -> Iterator[Problem]:
    where = f"{task.where}/hints.yaml"
    oracle = [
        read_text(p) for p in (task.folder / "reference.py", *sorted(task.folder.glob("alternatives/*.py")))
    ]
    known = {check.id for check in checks}
    for check in checks:
        rungs = hints.get(check.id, [])
        if check.asks_for_work and len(rungs) < 3:
            yield Problem(
                where, f"`{check.id}` has {len(rungs)} rungs", "A question, a pointer, a nearly-there."
            )
        for rung in rungs:
            if leak := find_leak(rung, oracle, task.public):
                yield Problem(where, f"a hint of `{check.id}` contains the solution: “{leak.passage}”")
    for name in sorted(set(hints) - known):
        yield Problem(where, f"`{name}` is no check", f"Checks: {', '.join(sorted(known))}.")


def _starter_fails(task: Task) -> Iterator[Problem]:
    report = grade_file(task, "starter.py", SEEDS[0])
    for check in report.checks:
        if check.asks_for_work and (check.points > 0 or check.status not in ("failed", "blocked")):
            yield Problem(
                f"{task.where}/starter.py",
                f"`{check.id}` is {check.status} with {check.points:g} points before any work is done",
            )


def _passes(task: Task, name: str, seed: str) -> Iterator[Problem]:
    report = grade_file(task, name, seed)
    for check in report.checks:
        if check.status != "passed" or check.points < check.max_points:
            yield Problem(
                f"{task.where}/{name}",
                f"`{check.id}` is {check.status} (seed {seed}): {check.message or check.seen}",
            )


def _is_caught(task: Task, path: Path, misconceptions: Container[str]) -> Iterator[Problem]:
    where = f"{task.where}/wrong/{path.name}"
    front = read_wrong(path)
    if front.misconception not in misconceptions:
        yield Problem(where, f"`{front.misconception}` is not in misconceptions.yaml")
    for seed in seeds_of(task.seeds)[1::3]:
        yield from _fails_as_told(task, path, front, seed)


def _fails_as_told(task: Task, path: Path, front: WrongFrontMatter, seed: str) -> Iterator[Problem]:
    where = f"{task.where}/wrong/{path.name}"
    report = grade_file(task, f"wrong/{path.name}", seed)
    status = {check.id: check.status for check in report.checks}
    for name in front.fails:
        if status.get(name) != "failed":
            told = f"`{name}` is {status.get(name, 'no check')} (seed {seed}), and should fail"
            yield Problem(where, told)
    for check in report.checks:
        if check.id not in front.fails and check.status in ("failed", "error"):
            yield Problem(
                where,
                f"`{check.id}` is {check.status} (seed {seed}) and not under `fails`: "
                f"{check.message or check.seen}",
            )
    named = {check.misconception for check in report.checks if check.id in front.fails}
    if front.misconception not in named:
        yield Problem(
            where,
            f"its misconception is not named by any of {', '.join(front.fails)} (seed {seed})",
            "The failing check must see a value that only this mistake gives.",
        )


def read_wrong(path: Path) -> WrongFrontMatter:
    """The front matter in the docstring of a wrong solution."""
    text = read_text(path)
    parts = text.split('"""')
    head = parts[1] if len(parts) > 2 and not parts[0].strip() else ""
    return parse(WrongFrontMatter, parse_yaml(head, path) or {}, path)
