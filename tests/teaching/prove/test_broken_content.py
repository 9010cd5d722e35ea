"""Content broken in some forty ways: each is caught, and the message names the file and the key."""

# ruff: noqa: E501  (a break a line reads best)

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.catalog import PACKAGED, Catalog, load_catalog
from knowledge.inventory import check_curriculum
from sandbox.report import CheckReport
from teaching.prove.block_runs import check_runs
from teaching.prove.likeness import find_alike
from teaching.prove.page_rules import check_page
from teaching.prove.project_proof import Task, check_hints, read_wrong
from tutor_error import TutorError

LESSON, LESSON_FILE = "k-nearest-neighbors", "lessons/classical-ml/k-nearest-neighbors.md"
PROJECT, PROJECT_FOLDER = "iris-knn-classifier", "projects/iris-knn-classifier"
CASE_FILE = "cases/case-rossmann-store-sales.md"
Break = tuple[str, str, str, tuple[str, ...]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the tables, one lesson with what it names, one project and the programmes."""
    folder = tmp_path / "content"
    for name in ("lessons/classical-ml", "lessons/math", PROJECT_FOLDER, "programmes"):
        shutil.copytree(PACKAGED / name, folder / name)
    for name in ("inventory.csv", "units.csv", "misconceptions.yaml", CASE_FILE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGED / name, folder / name)
    return folder


def told(root: Path) -> str:
    """All that is said of the lesson, the project and the tables, without running anything."""
    said = [*check_curriculum(root)]
    try:
        catalog = Catalog(root)
        said += map(str, find_alike(catalog))
        said += [str(problem) for problem in check_page(catalog, catalog.lesson(LESSON))]
        project = catalog.project(PROJECT)
        checks = [_check(name) for name in load_catalog().project(PROJECT).hints]
        task = Task(project.folder, project.main, None, PROJECT_FOLDER)  # type: ignore[arg-type]
        said += [str(problem) for problem in check_hints(task, checks, project.hints)]
        for path in sorted(project.folder.glob("wrong/*.py")):
            read_wrong(path)
        for name in catalog.programme_ids:
            catalog.programme(name)
        catalog.case("case-rossmann-store-sales")
    except TutorError as error:
        said += [f"{error.message} {error.remedy}"]
    return "\n".join(said)


def _check(name: str) -> CheckReport:
    return CheckReport(name, name, "", "blocked", 0.0, 1.0)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_copy_itself_is_in_order(root: Path) -> None:
    assert told(root) == ""


BREAKS: dict[str, Break] = {
    # file, old text, new text, what the message must name
    "front matter without a start": (LESSON_FILE, "---\nformat", "format", (LESSON_FILE, "front matter")),
    "front matter without an end": (LESSON_FILE, "---\n## Why", "## Why", (LESSON_FILE, "no end")),
    "broken YAML": (LESSON_FILE, "minutes: 30", "minutes: [30", (LESSON_FILE, "line")),
    "a key twice": (LESSON_FILE, "level: 1\n", "level: 1\nlevel: 2\n", (LESSON_FILE, "`level` is given twice")),
    "an unknown key": (LESSON_FILE, "minutes: 30", "minuts: 30", (LESSON_FILE, "`minuts`", "`minutes`")),
    "an unknown key deep inside": (
        LESSON_FILE, "tolerance: 0.005", "tolerence: 0.005", (LESSON_FILE, "questions.0.tolerence", "tolerance"),
    ),
    "a wrong type": (LESSON_FILE, "minutes: 30", "minutes: soon", (LESSON_FILE, "`minutes`")),
    "an old format": (LESSON_FILE, "format: 1", "format: 7", (LESSON_FILE, "`format`")),
    "another title": (LESSON_FILE, "title: k-nearest", "title: K nearest", (LESSON_FILE, "`title`", "units.csv")),
    "another level": (LESSON_FILE, "level: 1", "level: 2", (LESSON_FILE, "`level`", "units.csv")),
    "other prerequisites": (
        LESSON_FILE, "[data-splits-and-cross-validation]", "[]", (LESSON_FILE, "`prerequisites`"),
    ),
    "a covered row without a place": (
        LESSON_FILE, '  hub/3.1/concept-4: "#Beside naive Bayes"\n', "", (LESSON_FILE, "hub/3.1/concept-4"),
    ),
    "a row of another unit": (
        LESSON_FILE, "covers:\n", 'covers:\n  hub/9.9/x: "#Idea"\n', (LESSON_FILE, "hub/9.9/x"),
    ),
    "a place that is not there": (LESSON_FILE, '"#Idea"', '"#Ideas"', (LESSON_FILE, "#Ideas", "no such heading")),
    "a place with hardly a word": (
        LESSON_FILE, '"#Idea"', '"#Check yourself"', (LESSON_FILE, "#Check yourself", "fewer than 60"),
    ),
    "a section too few": (LESSON_FILE, "## Pitfalls", "### Pitfalls", (LESSON_FILE, "sections are", "Pitfalls")),
    "formulas as LaTeX": (LESSON_FILE, "## Mathematics\n", "## Mathematics\n\nSo $x^2$.\n", (LESSON_FILE, "LaTeX")),
    "one block to run": (LESSON_FILE, "```python run", "```python", (LESSON_FILE, "fewer than two blocks")),
    "no reference": (LESSON_FILE, "references:\n", "references: []\nold:\n", (LESSON_FILE, "`references`")),
    "a reference that cannot be found": (
        LESSON_FILE, ", doi: 10.1109/TIT.1967.1053964", "", (LESSON_FILE, "references.0", "doi"),
    ),
    "a DOI that is none": (
        LESSON_FILE, "10.1109/TIT.1967.1053964", "TIT.1967", (LESSON_FILE, "references.0.doi"),
    ),
    "a reference twice": (
        LESSON_FILE, "10.1007/3-540-49257-7_15", "10.1109/TIT.1967.1053964", (LESSON_FILE, "given twice"),
    ),
    "two questions of one id": (LESSON_FILE, "- id: q2", "- id: q1", (LESSON_FILE, "share an id")),
    "a question of no kind": (LESSON_FILE, "kind: numeric", "kind: number", (LESSON_FILE, "questions.0")),
    "a choice without a right option": (
        LESSON_FILE, ", correct: true", "", (LESSON_FILE, "questions.1", "correct: true"),
    ),
    "a wrong value that is right": (
        LESSON_FILE, "{value: 0.6,", "{value: 0.334,", (LESSON_FILE, "q1", "tolerance"),
    ),
    "a hint too few": (
        LESSON_FILE, '      - "The vote counts heads: the nearest of the three has no more weight than the third."\n', "",
        (LESSON_FILE, "q1", "`hints`"),
    ),
    "an unknown misconception": (
        LESSON_FILE, "misconceptions: [knn-learns", "misconceptions: [knn-dreams-of", (LESSON_FILE, "q5", "knn-dreams-of"),
    ),
    "a cloze that holds its answer": (
        LESSON_FILE, "500 are ___.", "500 are noise ___.", (LESSON_FILE, "q5", "`e1`", "its own answer"),
    ),
    "a hint that tells the answer": (
        LESSON_FILE, "How does the Euclidean distance treat a useful and a useless column?",
        "Every column counts alike in the distance, so the noise columns drown the informative ones.",
        (LESSON_FILE, "q5", "`e1`", "tells the answer"),
    ),
    "two expectations that say the same": (
        LESSON_FILE, "In many dimensions all points are nearly equally far away, so being nearest means little.",
        "Every column counts alike in the distance, and the noise columns drown the informative ones.",
        (LESSON_FILE, "`e1` and `e2`"),
    ),
    "a term that is introduced and not used": (
        LESSON_FILE, "introduces: [", "introduces: [kernel trick, ", (LESSON_FILE, "kernel trick"),
    ),
    "a term that another lesson introduces": (
        LESSON_FILE, "introduces: [", "introduces: [gradient, ", (LESSON_FILE, "“gradient”", "gradients-and-matrix-calculus"),
    ),
    "a term used before its lesson": (
        LESSON_FILE, "## Pitfalls\n", "## Pitfalls\n\nAs in collaborative filtering.\n", ("collaborative",),
    ),
    "a mentioned term that is not there": (
        LESSON_FILE, "mentions: [", "mentions: [warp drive, ", (LESSON_FILE, "warp drive"),
    ),
    "prerequisites in a circle": (
        "units.csv", "classical-ml,1,pandas-and-eda,roadmap", "classical-ml,1,k-nearest-neighbors,roadmap",
        ("units.csv", "circle"),
    ),
    "a row that nobody has": ("units.csv", "syllabus/topic/supervised/6;", "", ("inventory.csv", "syllabus/topic/supervised/6")),
    "a misconception twice": (
        "misconceptions.yaml", "- id: knn-nearest-decides-alone", "- id: knn-all-points-vote",
        ("misconceptions.yaml", "knn-all-points-vote", "twice"),
    ),
    "an unknown key of a project": (
        f"{PROJECT_FOLDER}/project.yaml", "memory_mb", "memory", ("project.yaml", "budget.memory", "memory_mb"),
    ),
    "hints for no check": (f"{PROJECT_FOLDER}/hints.yaml", "distances-match-the-definition:", "distances:", ("hints.yaml",)),
    "a wrong solution without front matter": (
        f"{PROJECT_FOLDER}/wrong", '"""', "'''", ("wrong", "misconception"),
    ),
    "a programme of no unit": ("programmes/dl-roadmap.yaml", "[perceptron, ", "[perceptron-x, ", ("dl-roadmap.yaml", "perceptron-x")),
    "a case that is no text": (CASE_FILE, "format: 1", "format: 1\n\tkind: x", (CASE_FILE,)),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_is_caught_and_names_its_place(root: Path, name: str) -> None:
    file, old, new, named = BREAKS[name]
    path = root / file
    if path.is_dir():
        path = sorted(path.glob("*.py"))[0]
    edit(path, old, new)
    said = told(root)
    assert said, "nothing was noticed"
    for word in named:
        assert word in said, said


def _not_utf8(root: Path) -> None:
    (root / LESSON_FILE).write_bytes(b"---\n\xff\xfe")


def _huge(root: Path) -> None:
    (root / LESSON_FILE).write_bytes(b"x" * 5_000_000)


def _thin_copy(root: Path) -> None:
    source = (root / LESSON_FILE).read_text(encoding="utf-8")
    other = root / "lessons/classical-ml/naive-bayes.md"
    head = other.read_text(encoding="utf-8").partition("\n---\n")[0]
    other.write_text(f"{head}\n---\n{source.partition(chr(10) + '---' + chr(10))[2]}", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "named"),
    [(_not_utf8, "not UTF-8 at byte"), (_huge, "bytes; at most"), (_thin_copy, "`naive-bayes` share")],
    ids=["not UTF-8", "a huge file", "a thin copy"],
)
def test_damaged_files_and_copies_are_caught(root: Path, damage: Callable[[Path], None], named: str) -> None:
    damage(root)
    assert named in told(root)


RUNS = {
    "a block that fails": (
        "assert seen[0] == 1.0 and", "assert seen[0] == 0.5 and", "raised AssertionError"
    ),
    "a block that shows nothing": (
        '    print(f"{d:5} dimensions: the farthest is {ratios[d]:6.2f} times as far as the nearest")\n', "",
        "the block shows nothing",
    ),
    "a block that asserts nothing": (
        "assert ratios[2] > 10 and ratios[1000] < 1.3\n", "", "the block asserts nothing"
    ),
    "a computed answer that differs": ("answer: 0.3333", "answer: 0.6667", "q1"),
    "a prediction that does not come true": ('answer: "0"', 'answer: "1"', "q3"),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_what_is_run_is_caught_too(root: Path, name: str) -> None:
    old, new, named = RUNS[name]
    edit(root / LESSON_FILE, old, new)
    catalog = Catalog(root)
    said = "\n".join(str(problem) for problem in check_runs(catalog, catalog.lesson(LESSON)))
    assert LESSON_FILE in said and named in said, said
