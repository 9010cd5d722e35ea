import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.grading import describe
from sandbox.limits import Limits
from sandbox.report import GradeReport
from teaching.prove import project_proof
from teaching.prove.project_proof import SEEDS, Task, check_hints, grade_file, prove_task, seeds_of

TINY = Path(__file__).parent / "tiny_project"
KNOWN = {"divides-by-one-less": None}
HINTS = {
    "mean-is-the-average": ["What do you add up?", "How many are there?", "Divide one by the other."],
    "spread-is-the-root-mean-square": [
        "How far is each from the mean?",
        "Square before adding.",
        "Root at the end.",
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def task_of(folder: Path) -> Task:
    return Task(folder, "solution.py", Limits(seconds=10, memory_mb=512), "tiny", wrong_needed=1)


def problems(folder: Path) -> str:
    return "\n".join(str(problem) for problem in prove_task(task_of(folder), KNOWN, HINTS))


def hint_problems(hints: dict[str, list[str]]) -> str:
    return "\n".join(str(problem) for problem in check_hints(task_of(TINY), describe(TINY), hints))


def test_project_that_keeps_its_promises_is_proved(folder: Path) -> None:
    assert problems(folder) == ""


def test_work_done_in_the_starter_is_told(folder: Path) -> None:
    shutil.copy(folder / "alternatives/statistics_module.py", folder / "starter.py")
    told = problems(folder)
    assert "`mean-is-the-average` is passed with 1 points before any work is done" in told


def test_reference_that_fails_is_told_with_its_seed(folder: Path) -> None:
    wrong = (folder / "wrong/divides-by-one-less.py").read_text(encoding="utf-8")
    (folder / "alternatives/statistics_module.py").write_text(wrong, encoding="utf-8")
    assert "`spread-is-the-root-mean-square` is failed (seed 0000" in problems(folder)


def test_wrong_solution_must_fail_where_it_says(folder: Path) -> None:
    path = folder / "wrong/divides-by-one-less.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("spread-is-the-root-mean-square", "mean-is-the-average"),
        encoding="utf-8",
    )
    told = problems(folder)
    assert f"`mean-is-the-average` is passed (seed {SEEDS[1]}), and should fail" in told
    assert f"`spread-is-the-root-mean-square` is failed (seed {SEEDS[1]}) and not under `fails`" in told


def test_on_more_seeds_a_mistake_that_shows_by_luck_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = seeds_of(6)
    graded: list[tuple[str, str]] = []

    def lucky(task: Task, name: str, seed: str) -> GradeReport:
        graded.append((name.split("/")[0], seed))
        is_lucky = name.startswith("wrong/") and seed == seeds[4]
        return grade_file(task, "reference.py" if is_lucky else name, seed)

    monkeypatch.setattr(project_proof, "grade_file", lucky)
    told = [str(one) for one in prove_task(replace(task_of(folder), seeds=6), KNOWN, HINTS)]
    assert len(told) == 2 and all(f"seed {seeds[4]}" in one for one in told)
    assert [seed for name, seed in graded if name == "reference.py"] == list(seeds)
    assert [seed for name, seed in graded if name == "wrong"] == [seeds[1], seeds[4]]
    assert len(set(seeds)) == 6 and seeds[:3] == SEEDS


def test_hint_that_contains_the_solution_is_told() -> None:
    hints = HINTS | {
        "mean-is-the-average": [
            "sum(values) / len(values) def spread(values): centre = mean(values)",
            "b",
            "c",
        ]
    }
    assert "contains the solution" in hint_problems(hints)


def test_missing_rungs_and_strange_checks_are_told() -> None:
    told = hint_problems({"mean-is-the-average": ["a", "b"], "no-such-check": ["a", "b", "c"]})
    assert "`mean-is-the-average` has 2 rungs" in told
    assert "`no-such-check` is no check" in told
