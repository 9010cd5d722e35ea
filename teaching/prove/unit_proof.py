"""The proof of one unit, from its table row to its last wrong solution, with what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.content_file import read_text
from knowledge.page import Case, Lesson, Project, run_blocks
from knowledge.unit import CodeQuestion
from sandbox.limits import Limits
from sandbox.process import cpu_seconds
from teaching.grade import lab_of, limits_of
from teaching.prove.asked_rules import check_asked
from teaching.prove.block_runs import check_runs
from teaching.prove.figure_rules import check_figures
from teaching.prove.page_rules import (
    MET_BY_WORK,
    check_cover_rows,
    check_page,
    check_row,
    check_section_place,
)
from teaching.prove.problem import Problem, Proof, engine_hash
from teaching.prove.project_proof import SEEDS, Task, prove_task
from teaching.prove.similarity import syntax_overlap
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

PROOF_SECONDS = {"lesson": 4.0, "case_study": 4.0, "project": 12.0}
PATIENCE = 4.0
QUESTION_LIMITS = Limits(seconds=20, memory_mb=1024)


def prove_unit(catalog: Catalog, unit_id: str, home: Path | None = None, seeds: int = len(SEEDS)) -> Proof:
    """Everything that "works" means for a unit; content that cannot be read is a problem, too.

    seeds: on how many a project is graded. The proof's budget is for the usual number.
    """
    unit = catalog.unit(unit_id)
    before, content = cpu_seconds(), catalog.content_hash(unit_id)
    problems: list[Problem] = []
    try:
        if unit.kind == "project":
            problems += _prove_project(catalog, catalog.project(unit_id), 4, home, seeds)
        elif unit.kind == "lesson":
            problems += _prove_page(catalog, catalog.lesson(unit_id), seeds)
        else:
            case = catalog.case(unit_id)
            problems += _prove_page(catalog, case, seeds)
            problems += _prove_lab(catalog, case, home, seeds)
    except TutorError as error:
        problems.append(Problem(unit_id, error.message, error.remedy))
    except FileNotFoundError as error:
        problems.append(Problem(unit_id, f"{error.filename} is missing", "docs/formats.md lists the files."))
    spent = cpu_seconds() - before
    if seeds == len(SEEDS):
        problems += _over_budget(catalog, unit_id, spent)
    if catalog.content_hash(unit_id) != content:
        problems.append(Problem(unit_id, "its files changed while it was proved", "Prove it again."))
    return Proof(unit_id, content, engine_hash(), round(spent, 1), tuple(problems))


def _prove_page(catalog: Catalog, page: Lesson | Case, seeds: int) -> Iterator[Problem]:
    yield from check_page(catalog, page)
    yield from check_runs(catalog, page)
    where = str(page.path.with_suffix("").relative_to(catalog.root_of(page.unit.id)))
    misconceptions = catalog.misconceptions_of(page.unit.id)
    for question in page.front.questions:
        if isinstance(question, CodeQuestion):
            folder = page.question_folder(question)
            yield from _own_code_is_not_shown(page, folder / "reference.py")
            task = Task(folder, "solution.py", QUESTION_LIMITS, f"{where}/{question.id}", seeds=seeds)
            yield from prove_task(task, misconceptions, None)
    if isinstance(page, Lesson):
        for dependent in catalog.dependents_of(page.unit.id):
            if dependent.kind == "project" and dependent.status != "planned":
                yield from _own_code_is_not_shown(page, catalog.project(dependent.id).folder / "reference.py")


def _own_code_is_not_shown(page: Lesson | Case, reference: Path) -> Iterator[Problem]:
    solution = read_text(reference)
    for block in run_blocks(page.page):
        share = syntax_overlap(block.code, solution)
        if share > 0.5:
            yield Problem(
                f"{page.path.name}, body line {block.line}",
                f"{share:.0%} of the block stands in the reference {reference.parent.name}/reference.py",
                "Show the mechanism on a toy, and leave the building to the learner.",
            )


def _prove_lab(catalog: Catalog, case: Case, home: Path | None, seeds: int) -> Iterator[Problem]:
    lab = catalog.project(case.unit.id)
    task = _task(catalog, lab, 2, home, seeds)
    yield from prove_task(task, catalog.misconceptions_of(case.unit.id), lab.hints)


def _prove_project(
    catalog: Catalog, project: Project, wrong_needed: int, home: Path | None, seeds: int
) -> Iterator[Problem]:
    where = str(project.folder.relative_to(catalog.root_of(project.unit.id)))
    yield from check_row(f"{where}/project.yaml", project.unit, project.file)
    yield from check_cover_rows(f"{where}/project.yaml", project.unit, project.file.covers)
    yield from check_asked(catalog, f"{where}/project.yaml", project.unit, project.page, project.file.asked)
    yield from check_figures(f"{where}/brief.md", project.page)
    from sandbox.grading import describe

    task = _task(catalog, project, wrong_needed, home, seeds)
    checks = describe(project.folder, lab=task.lab)
    yield from _check_places(catalog, task, project, {check.id for check in checks})
    yield from prove_task(task, catalog.misconceptions_of(project.unit.id), project.hints, checks)


def _task(catalog: Catalog, project: Project, wrong_needed: int, home: Path | None, seeds: int) -> Task:
    public = (project.brief, read_text(project.starter))
    where = str(project.folder.relative_to(catalog.root_of(project.unit.id)))
    lab = lab_of(project, home)
    limits = limits_of(project)
    return Task(project.folder, project.main, limits, where, lab, wrong_needed, public, seeds)


def _check_places(catalog: Catalog, task: Task, project: Project, checks: set[str]) -> Iterator[Problem]:
    rows = catalog.inventory_of(project.unit.id)
    for row, place in project.file.covers.items():
        where = f"{task.where}/project.yaml"
        if row not in rows:
            continue
        if not place.startswith("#"):
            if place not in checks:
                yield Problem(where, f"`{row}` is met at `{place}`, which is no check")
        elif rows[row].kind in MET_BY_WORK:
            yield Problem(where, f"`{row}` asks for work, and a text does not prove it", "Name a check.")
        else:
            yield from check_section_place(where, project.page, row, place)


def _over_budget(catalog: Catalog, unit_id: str, spent: float) -> Iterator[Problem]:
    kind = catalog.unit(unit_id).kind
    allowed = PROOF_SECONDS[kind]
    if kind != "lesson":
        try:
            budget = catalog.project(unit_id).file.budget
        except TutorError:
            return  # unreadable: told already
        if budget.proof_seconds is not None:
            if not budget.proof_reason:
                yield Problem(unit_id, "`budget.proof_seconds` is set without `proof_reason`")
            allowed = budget.proof_seconds / PATIENCE
    if spent > PATIENCE * allowed:
        yield Problem(
            unit_id,
            f"the proof took {spent:.1f} CPU seconds; {PATIENCE * allowed:.0f} are allowed",
            "Make the data smaller at scale `proof`, or set `budget.proof_seconds` with a reason.",
        )
