"""Reading a line: its intent, the unit that it names, the scope of a question."""

from __future__ import annotations

import pytest

from knowledge.catalog import load_catalog
from tutor.agent.intent import read_intent
from tutor.agent.naming import resolve_unit
from tutor.agent.scope import judge_scope
from tutor.speaker.speaker import Passage
from tutor_error import TutorError


@pytest.mark.parametrize(
    ("line", "kind", "target"),
    [
        ("what is backpropagation?", "question", ""),
        ("Teach me the perceptron", "learn", "the perceptron"),
        ("I want to learn about gradient descent", "learn", "gradient descent"),
        ("start project iris-knn-classifier", "start", "iris-knn-classifier"),
        ("grade ~/work/My Solution.py", "grade", "~/work/My Solution.py"),
        ("please check my code in ./Iris/solution.py", "check", "./Iris/solution.py"),
        ("/grade /tmp/A b/solution.py", "grade", "/tmp/A b/solution.py"),
        ("check your learning rate", "question", ""),
        ("give me a hint for some-check", "hint", "some-check"),
        ("What should I do next?", "next", ""),
        ("how am I doing?", "progress", ""),
        ("hi there!", "greeting", ""),
        ("/ask grade x.py", "question", "grade x.py"),
        ("How does the learning rate work", "question", ""),
    ],
)
def test_a_line_has_its_intent(line: str, kind: str, target: str) -> None:
    intent = read_intent(line)
    assert (intent.kind, intent.target) == (kind, target)


@pytest.mark.parametrize("line", ["next", "check it", "start", "what is a gradient?", "0.5", "thanks", "run"])
def test_in_a_lesson_a_line_is_about_the_open_question(line: str) -> None:
    assert read_intent(line, in_lesson=True).kind == "reply"


@pytest.mark.parametrize(
    ("line", "kind"), [("grade solution.py", "grade"), ("/next", "next"), ("my progress", "progress")]
)
def test_a_command_leaves_a_lesson_all_the_same(line: str, kind: str) -> None:
    assert read_intent(line, in_lesson=True).kind == kind


@pytest.mark.parametrize(
    ("name", "unit"),
    [("perceptron", "perceptron"), ("The Perceptron", "perceptron"), ("backprop", "backpropagation"),
     ("backpropagation", "backpropagation"), ("dbscan", "density-clustering"),
     ("iris classifier", "iris-knn-classifier"), ("k nearest neighbours", "k-nearest-neighbors")],
)  # fmt: skip
def test_a_unit_is_found_by_what_people_call_it(name: str, unit: str) -> None:
    kinds = ("lesson",) if unit != "iris-knn-classifier" else ("project",)
    assert resolve_unit(load_catalog(), name, kinds).id == unit


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(TutorError, match="perceptron"):
        resolve_unit(load_catalog(), "percepton")


def test_a_term_met_in_passing_does_not_make_a_planned_topic_covered() -> None:
    catalog = load_catalog()
    passing = [Passage("perceptron", "Pitfalls", "Methods such as DBSCAN exist, too.")]
    assert judge_scope(catalog, "how does DBSCAN work?", passing).scope == "planned"
    assert judge_scope(catalog, "how does DBSCAN work?", []).scope == "planned"
    assert (
        judge_scope(catalog, "what is a bias?", [Passage("perceptron", "Idea", "a **bias** b")]).scope
        == "covered"
    )
    assert judge_scope(catalog, "how long should I boil an egg?", []).scope == "outside"


def test_a_term_in_diagrams_and_code_alone_does_not_make_a_planned_topic_covered() -> None:
    catalog = load_catalog()
    drawn = "The network:\n\n  input ──► dropout ──► output\n\n```python\nx = dropout(x)\n```\n\nIt won."
    told = "Dropout switches units off at random. With dropout no unit can rely on another."
    asked = "what is dropout?"
    for text, scope in ((drawn, "planned"), (f"{drawn}\n\n{told}", "covered")):
        passage = Passage("case-porto-seguro", "Architecture", text, title="Porto Seguro")
        assert judge_scope(catalog, asked, [passage]).scope == scope
