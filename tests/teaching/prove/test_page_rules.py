"""Each rule is broken in a copy of a real lesson, and told."""

# ruff: noqa: E501 - a row is read best on one line

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.catalog import PACKAGED, Catalog
from teaching.prove.page_rules import check_page, count_words

Edit = Callable[[str], str]
LESSON = "lessons/neural-networks/perceptron.md"


@pytest.fixture
def problems_after(tmp_path: Path) -> Callable[[Edit], str]:
    """What the rules say of the perceptron lesson after an edit of its text."""
    for name in ("units.csv", "inventory.csv", "misconceptions.yaml"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    path = tmp_path / LESSON
    path.parent.mkdir(parents=True)

    def check(edit: Edit) -> str:
        before = (PACKAGED / LESSON).read_text(encoding="utf-8")
        after = edit(before)
        path.write_text(after, encoding="utf-8")
        catalog = Catalog(tmp_path)
        return "\n".join(str(problem) for problem in check_page(catalog, catalog.lesson("perceptron")))

    return check


def replace(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def test_lesson_as_it_is_has_no_problems(problems_after: Callable[[Edit], str]) -> None:
    assert problems_after(lambda text: text) == ""


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (replace("level: 1", "level: 2"), "`level` is 2, units.csv has 1"),
        (replace("title: Neurons, weights", "title: Weights"), "`title` is"),
        (replace("prerequisites: [what-is-deep-learning, ", "prerequisites: ["), "`prerequisites` differ"),
        (replace('  course/w2/topic-1: "#In code"\n', ""), "no place for the row `course/w2/topic-1`"),
        (replace('hub/4.1/concept-1: "#In code"', 'hub/4.1/concept-1: "#Nowhere"'), "no such heading"),
        (replace("hub/4.1/objective-1: q3", 'hub/4.1/objective-1: "#Idea"'), "text alone does not meet it"),
        (replace("hub/4.1/objective-1: q3", "hub/4.1/objective-1: q9"), "no section or question"),
        (replace("## Pitfalls", "## Traps"), "the sections are"),
        (lambda text: text[: text.index("## Why")] + "## Why\n\nShort.\n", "A lesson has 500 to 1,500"),
        (replace("```python run", "```python"), "fewer than two blocks"),
        (replace("## Pitfalls", "```mermaid\npie\n```\n\n## Pitfalls"), "the diagram cannot be drawn in 100 columns: its first line"),
        (replace("The perceptron was the first", "Loss $x^2$. The perceptron was the first"), "looks like LaTeX"),
        (replace("misconception: bias-does-not-matter}", "misconception: no-such-thing}"), "`no-such-thing` is not in"),
        (replace("- {value: 1.0, misc", "- {value: 1.5, misc"), "lies within the tolerance"),
        (
            replace("Think of the boundary in the plane: can it bend?", "It is a linear classifier so it draws one straight boundary."),
            "a hint of `e1` tells the answer",
        ),
        (replace("form a ___ in the plane", "form a line or ___ in the plane"), "contains its own answer"),
        (
            replace("The classes of XOR lie on opposite corners, so no line separates them.", "A perceptron can separate the classes only with one straight line."),
            "say nearly the same",
        ),
    ],
)  # fmt: skip
def test_each_broken_promise_is_told(problems_after: Callable[[Edit], str], edit: Edit, told: str) -> None:
    assert told in problems_after(edit)


def test_words_of_code_do_not_count() -> None:
    assert count_words("one two\n\n```python\nthree four\n```\n\nfive") == 3
