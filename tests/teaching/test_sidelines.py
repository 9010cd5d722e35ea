"""What stands beside a lesson: comparing, debugging, self-review, leakage hunt, summary. Pure functions."""

from __future__ import annotations

import pytest

from knowledge.catalog import load_catalog
from knowledge.sentence import sentences
from teaching.comparing import parts_of
from teaching.debugging import advise, read_failure
from teaching.leak_hunt import suspicions
from teaching.self_review import review_parts
from teaching.summary import Exchange, summarise


def test_each_sentence_of_a_comparison_stands_in_the_section_that_it_names() -> None:
    catalog = load_catalog()
    knn, bayes = (catalog.lesson(name) for name in ("k-nearest-neighbors", "naive-bayes"))
    parts = parts_of(knn.page, [bayes.unit.title, bayes.unit.name])
    assert [part.label for part in parts] == ["Side by side", "Idea", "Cost", "When"]
    assert parts[0].section == "Beside naive Bayes"
    for part in parts:
        section = knn.page.section(part.section)
        assert section is not None and " ".join(part.text.split()[:8]) in " ".join(section.text.split())


@pytest.mark.parametrize("name", ["ValueError", "KeyError", "NoSuchErrorAnywhere"])
def test_an_error_is_explained_by_a_question_and_never_by_a_fix(name: str) -> None:
    advice = advise(name)
    assert advice.ask.endswith("?") or "?" in advice.ask
    assert not any(word in advice.ask.lower() for word in ("replace ", "change it to", "you should"))


def test_a_failure_is_read_with_the_learners_own_line() -> None:
    run = {"outcome": "error", "error": {"name": "ValueError", "message": "shapes (2,3) (2,2)", "line": 2}}
    told = read_failure(run, "import numpy\nprint(a @ b)\n")
    assert "line 2" in told and "print(a @ b)" in told and "shape" in told
    assert "in time" in read_failure({"outcome": "timeout", "error": None}, "")


def test_a_self_review_counts_and_gives_no_points() -> None:
    source = "import random\ndef f(x):\n    return random.random()\n\ntry:\n    f(1)\nexcept:\n    pass\n"
    report = {"checks": [{"status": "passed"}, {"status": "failed"}], "seconds": 1.0}
    parts = {part.title: part for part in review_parts(source, report)}
    assert "`f`" in parts["Reading"].evidence and "docstring: f" in parts["Reading"].evidence
    assert parts["Again"].evidence == "Lines where chance enters: 3."
    assert "1 of 2 visible checks" in parts["Limits"].evidence and "line 7 hides" in parts["Limits"].evidence
    assert all(part.asks.endswith("?") for part in parts.values())
    assert not any("point" in part.evidence for part in parts.values())
    assert review_parts("not python (", report)[0].evidence == "1 lines, no function."


def test_every_written_case_has_a_hunt_that_quotes_its_leakage_section() -> None:
    catalog = load_catalog()
    cases = [unit.id for unit in catalog.find(kind="case_study") if unit.status != "planned"]
    for case in (catalog.case(name) for name in cases):
        section = case.page.section("leakage")
        found = suspicions(case)
        assert section is not None and len(found) >= 2
        flat = " ".join(section.text.split())
        assert all(one.told and one.told in flat and one.practice for one in found)


def test_a_summary_repeats_the_record() -> None:
    told = summarise(
        [
            Exchange("what is PCA?", "question"),
            Exchange("/learn perceptron", "learn", "perceptron"),
            Exchange("1", "reply", "perceptron", "q1", True),
            Exchange("9", "reply", "perceptron", "q2", False),
            Exchange("/grade", "grade", "xor-network", graded=False),
            Exchange("/grade", "grade", "xor-network", graded=True),
        ],
        {"perceptron": "The perceptron"},
    )
    assert (
        "“what is PCA?”" in told
        and "**The perceptron**: 1 answered right; 1 still open after a miss (q2)" in told
    )
    assert "graded twice; the last time passed" in told
    assert "only just begun" in summarise([], {})


def test_a_ratio_does_not_end_a_sentence() -> None:
    text = "The **odds** are the ratio of the chances, 1 : 9. Then they are 3 : 9. So: Nine."
    assert sentences(text) == [
        "The **odds** are the ratio of the chances, 1 : 9.", "Then they are 3 : 9.", "So:", "Nine.",
    ]  # fmt: skip
