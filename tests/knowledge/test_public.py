"""The public view: everything to learn from, nothing to copy the answer from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.catalog import Catalog
from knowledge.public import public_page, public_project, public_question, shuffle_items
from knowledge.unit import OrderQuestion

ORACLE = ("secret", "correct", "45.125", "90.25", "marks-are-even")


PRIVATE_KEYS = {
    "answer", "answers", "assertion", "checks", "compute", "correct", "covers", "expectations", "hints",
    "ideal", "misconception", "misconceptions", "partial", "reference", "repair", "says",
    "variants", "why", "wrong",
}  # fmt: skip


def keys_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | keys_in(list(value.values()))
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


def test_no_oracle_text_of_a_lesson_is_in_its_public_page(school_content: Path) -> None:
    page = public_page(Catalog(school_content).lesson("straight-lines"))
    assert [text for text in ORACLE if text in json.dumps(page)] == []
    assert keys_in(page) & PRIVATE_KEYS == set()


def test_no_oracle_text_of_a_project_is_in_its_public_view(school_content: Path) -> None:
    shown = json.dumps(public_project(Catalog(school_content).project("ruler")))
    assert [text for text in ORACLE if text in shown] == []


def test_the_oracle_texts_are_in_the_files_that_the_view_is_made_from(school_content: Path) -> None:
    written = "".join(
        path.read_text(encoding="utf-8") for path in school_content.rglob("*") if path.is_file()
    )
    assert [text for text in ORACLE if text not in written] == []


def test_the_page_shows_its_sections_with_their_place(school_content: Path) -> None:
    page = public_page(Catalog(school_content).lesson("straight-lines"))
    assert [section["anchor"] for section in page["sections"]] == ["why", "idea", "through-the-origin"]
    assert page["sections"][2]["path"] == ["Idea", "Through the origin"]
    assert page["sections"][1]["text"] == "Two points, one line."
    assert (page["minutes"], page["kind"], page["status"]) == (37, "lesson", "authored")
    assert page["references"][0]["title"] == "Elements"


def test_each_question_shows_what_is_needed_to_answer_it(school_content: Path) -> None:
    page = public_page(Catalog(school_content).lesson("straight-lines"))
    shown = {question["id"]: question for question in page["questions"]}
    assert shown["choice"]["options"] == ["two", "three"]
    assert (shown["numeric"]["unit"], shown["numeric"]["tolerance"]) == ("degrees", 0.5)
    assert shown["formula"]["symbols"] == {"x": "place along it"}
    assert shown["cloze"]["text"] == "A line has no ___."
    assert shown["predict"]["code"] == "print(sum([1, 2]))"
    assert "the starter" in shown["code"]["starter"]
    assert shown["explain"] == {"id": "explain", "kind": "explain", "ask": "Why do two points suffice?"}


def test_items_to_order_are_shuffled_the_same_way_each_time(school_content: Path) -> None:
    _, question = Catalog(school_content).question("straight-lines/order")
    first = public_question(question)["items"]
    assert first == public_question(question)["items"]
    assert sorted(first) == ["first", "fourth", "second", "third"]


@pytest.mark.parametrize("number", range(60))
def test_shuffled_items_are_never_in_the_right_order(number: int) -> None:
    items = ["a", "b", "c"]
    question = OrderQuestion(id=f"q{number}", kind="order", ask="Order.", items=items, why="Because.")
    assert shuffle_items(question) != items
    assert question.items == items


def test_a_project_shows_its_brief_and_starter(school_content: Path) -> None:
    shown = public_project(Catalog(school_content).project("ruler"))
    assert "Mark a ruler evenly." in shown["brief"]
    assert "the starter" in shown["starter"]
    assert shown["main"] == "solution.py"
    assert shown["budget"] == {"seconds": 5.0, "memory_mb": 512, "gpu": "none"}
    assert shown["files"] == ["ruler.txt"]
