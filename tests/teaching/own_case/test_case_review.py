"""A case is reviewed by running it in the real sandbox; what no rule can decide stays the learner's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from knowledge.catalog import load_catalog
from knowledge.material import Document, material_passages, materials, store_documents
from teaching.own_case.brief import BRIEF, own_words
from teaching.own_case.folder import start_case
from teaching.own_case.plan import PLAN, CaseKind, read_plan
from teaching.own_case.review import CaseReview, join_material, review_case
from teaching.own_case.rubric import rubric_of
from teaching.own_case.runs import read_code, read_predictions
from tests.teaching.learner_log import LearnerLog
from tutor_error import TutorError

CATALOG = load_catalog()
MODEL = """\
import csv

train = list(csv.DictReader(open("train.csv")))
test = list(csv.DictReader(open("test.csv")))
x, y = [float(r["x"]) for r in train], [float(r["y"]) for r in train]
mx, my = sum(x) / len(x), sum(y) / len(y)
slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
with open("predictions.csv", "w") as file:
    file.write("prediction\\n" + "".join(f"{my + SLOPE * (float(r['x']) - mx)}\\n" for r in test))
"""
WORDS = "These are words of my own about this part of the case, and there are enough of them to count."


def new_case(folder: Path, kind: CaseKind = "case") -> Path:
    """A case whose data lie on a line with noise, its model a fitted line, its ablation half of the slope."""
    start_case("rides", folder, kind)
    chance = random.Random(1)
    rows = [(n / 10, 2 * n / 10 + chance.gauss(0, 0.5)) for n in range(80)]
    (folder / "data.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in rows), encoding="utf-8")
    plan = (folder / PLAN).read_text(encoding="utf-8")
    plan = plan.replace('target = "TODO"', 'target = "y"').replace('name = "TODO"', 'name = "mae"')
    (folder / PLAN).write_text(plan, encoding="utf-8")
    (folder / "model.py").write_text(MODEL.replace("SLOPE", "slope"), encoding="utf-8")
    (folder / "ablation.py").write_text(MODEL.replace("SLOPE", "slope / 2"), encoding="utf-8")
    return folder


def write_brief(folder: Path) -> None:
    text = (folder / BRIEF).read_text(encoding="utf-8")
    for part in rubric_of(read_plan(folder).kind):
        text = text.replace(f"## {part.title}\n", f"## {part.title}\n\n{WORDS}\n")
    (folder / BRIEF).write_text(text, encoding="utf-8")


def told(review: CaseReview) -> dict[str, str]:
    return {finding.rule: f"{finding.status}: {finding.text}" for finding in review.findings}


def test_a_finished_case_holds_and_joins_the_learners_material(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "rides")
    first = review_case(folder, CATALOG, [])
    assert not first.finished and told(first)["brief"].startswith("missing")
    write_brief(folder)
    review = review_case(folder, CATALOG, [])
    found = told(review)
    assert review.finished, found
    assert "answers were not where the programs ran" in found["metric"]
    assert found["repeat"] == "holds: baseline.py and model.py gave the same predictions in two fresh kernels"
    assert found["result"].endswith("the model is better")
    home = tmp_path / "home"
    join_material(home, "rides", folder, review)
    passages = material_passages(home)
    assert {passage.unit for passage in passages} == {"own/case-rides/case"}
    text = "\n".join(passage.text for passage in passages)
    assert WORDS in text and "model.py scores" in text
    assert "Who will act on a prediction" not in text and "<!--" not in text
    join_material(home, "rides", folder, review)
    assert len(materials(home)) == 1


def test_evidence_is_made_anew_and_the_learners_words_stay(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "rides")
    write_brief(folder)
    mine = (folder / BRIEF).read_text(encoding="utf-8")
    review_case(folder, CATALOG, [])
    once = (folder / BRIEF).read_text(encoding="utf-8")
    assert "baseline.py scores" in once and "nothing yet" not in once
    (folder / "model.py").write_text("raise ValueError('no model')", encoding="utf-8")
    review_case(folder, CATALOG, [])
    twice = (folder / BRIEF).read_text(encoding="utf-8")
    assert "broken: model.py ended with error in line 1: ValueError: no model" in twice
    parts = rubric_of("case")
    assert own_words(mine, parts) == own_words(once, parts) == own_words(twice, parts)
    assert twice.count(WORDS) == mine.count(WORDS) == len(parts)


def test_held_out_answers_are_not_where_a_program_runs(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "rides")
    spy = "import os, glob\nraise ValueError(sorted(glob.glob('*')), open('test.csv').readline())"
    (folder / "model.py").write_text(spy, encoding="utf-8")
    told_of = told(review_case(folder, CATALOG, []))["model"]
    assert "test.csv" in told_of and "'x\\n'" in told_of
    assert "data.csv" not in told_of and "case.md" not in told_of


def test_loose_seeds_a_mistaken_ablation_and_a_leak_are_found_by_running(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "rides")
    loose = (
        MODEL.replace("SLOPE", "slope")
        .replace("import csv", "import csv, os")
        .replace("{my +", "{int.from_bytes(os.urandom(3), 'big') + my +")
    )
    (folder / "model.py").write_text(loose, encoding="utf-8")
    assert told(review_case(folder, CATALOG, []))["repeat"].startswith("broken: model.py gave 20 other")
    (folder / "model.py").write_text(MODEL.replace("SLOPE", "slope"), encoding="utf-8")
    (folder / "ablation.py").write_text(MODEL.replace("SLOPE", "slope"), encoding="utf-8")
    rows = (folder / "data.csv").read_text(encoding="utf-8").split()
    leaky = ["x,y,late", *(f"{row},{float(row.split(',')[1]) * 3}" for row in rows[1:])]
    (folder / "data.csv").write_text("\n".join(leaky), encoding="utf-8")
    found = told(review_case(folder, CATALOG, []))
    assert "took nothing away" in found["ablation"]
    assert found["leakage"].startswith("broken: `late`")


def test_a_fresh_case_tells_its_gaps_and_runs_nothing(tmp_path: Path) -> None:
    start_case("rides", tmp_path / "rides", "case")
    review = review_case(tmp_path / "rides", CATALOG, [], on_step=pytest.fail)
    assert told(review)["plan"] == "missing: case.toml still has no data.target, metric.name"
    with pytest.raises(TutorError, match="not finished"):
        join_material(tmp_path / "home", "rides", tmp_path / "rides", review)


def test_a_capstone_rests_on_graded_units_and_asks_for_more(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    start_case("mine", folder, "capstone")
    log = LearnerLog()
    units = ["iris-knn-classifier", "xor-network", "pca-from-scratch"]
    listed = ", ".join(f'"{unit}"' for unit in units)
    plan = (folder / PLAN).read_text(encoding="utf-8").replace("units = []", f"units = [{listed}]")
    (folder / PLAN).write_text(plan, encoding="utf-8")
    for unit in units[:2]:
        log.grade(unit, passed=True)
    log.grade(units[2], passed=False)
    review = review_case(folder, CATALOG, log.events)
    assert told(review)["foundations"].startswith("missing: 2 of 3")
    log.grade(units[2], passed=True)
    review = review_case(folder, CATALOG, log.events)
    assert told(review)["foundations"] == f"holds: passed: {', '.join(units)}"
    assert "| xor-network | 2024-03-01 | a-2 |" in (folder / BRIEF).read_text(encoding="utf-8")
    sections = {part.section for part in review.self_review}
    assert {"A paper behind it", "In production"} <= sections
    assert not {"A paper behind it"} & {part.title for part in rubric_of("case")}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("mine", encoding="utf-8")
    with pytest.raises(TutorError) as refused:
        start_case("rides", tmp_path, "case")
    assert refused.value.code == "already-there"
    assert [path.name for path in tmp_path.iterdir()] == ["model.py"]
    store_documents(tmp_path, "case-a", "here", [Document("case", "A", "text")])
    with pytest.raises(TutorError, match="there already"):
        store_documents(tmp_path, "case-a", "there", [Document("case", "A", "text")])


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("target =", "targt =", "Did you mean `target`?"),
        ('name = "mae"', 'name = "mea"', "Did you mean `mae`"),
        ("held_out = 0.25", "held_out = 0.9", "Mend it"),
        ('model = "model.py"', 'model = "../model.py"', "Mend it"),
        ("format = 1", "format = ", "Quote"),
        ("beside = []", 'beside = ["data.csv"]', "Take it out"),
        ("beside = []", 'beside = ["copy.csv"]', "Take it out"),
        ('target = "y"', 'target = "z"', "It has: x, y."),
    ],
)
def test_a_mistake_in_the_plan_is_told(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    folder = new_case(tmp_path / "rides")
    (folder / "copy.csv").write_bytes((folder / "data.csv").read_bytes())
    plan = (folder / PLAN).read_text(encoding="utf-8")
    assert old in plan
    (folder / PLAN).write_text(plan.replace(old, new), encoding="utf-8")
    with pytest.raises(TutorError) as refused:
        review_case(folder, CATALOG, [])
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "left no"),
        (b"guess\n1\n2\n", "no column"),
        (b"prediction\n1\n", "has 1 rows"),
        (b"prediction,x\n1,\n,2\n", "no value in line 3"),
        (b"\xff\xfe", "no CSV"),
    ],
)
def test_predictions_that_cannot_be_read_are_told(content: bytes | None, why: str) -> None:
    with pytest.raises(TutorError, match=why):
        read_predictions(content, 2)


def test_links_do_not_reach_the_sandbox(tmp_path: Path) -> None:
    folder = new_case(tmp_path / "rides")
    (folder / "linked.py").symlink_to("/etc/passwd")
    assert "linked.py" not in read_code(folder, read_plan(folder), "")
