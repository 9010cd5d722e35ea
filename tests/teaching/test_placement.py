"""Placement over small graphs and the packaged one: which item comes next, and when it ends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from learner_log import START, CatalogOfUnits, LearnerLog, unit

from knowledge.catalog import load_catalog
from teaching.indirect import Graph, graph_of
from teaching.placement import (
    MOST_ITEMS,
    Item,
    Reply,
    items_of,
    next_item,
    scope_of,
)
from teaching.placing import outcome_of, replies_of
from teaching.planner import recommend_next
from teaching.tracing import mastery
from tutor_error import TutorError

UNITS = [f"u{n}" for n in range(1, 10)]
CHAIN = Graph({name: UNITS[n - 1 : n] for n, name in enumerate(UNITS)})
ITEMS = [Item(f"{name}/q", name, 0.05) for name in UNITS]


def test_the_first_item_stands_in_the_middle_of_a_chain_not_at_its_ends():
    first = next_item(CHAIN, UNITS, ITEMS, []).item
    assert first is not None
    assert first.unit in UNITS[3:6]


def test_the_same_arguments_give_the_same_item():
    replies = [Reply("u4", 0.05, True)]
    assert next_item(CHAIN, UNITS, ITEMS, replies) == next_item(CHAIN, UNITS, ITEMS, replies)


def test_an_item_that_is_hard_to_guess_is_preferred():
    items = [Item("u5/choice", "u5", 0.5), Item("u5/number", "u5", 0.05)]
    picked = next_item(CHAIN, UNITS, items, []).item
    assert picked is not None
    assert picked.id == "u5/number"


def test_it_ends_after_the_most_items_and_when_none_is_left():
    many = [Reply("u1", 0.25, True)] * MOST_ITEMS
    assert next_item(CHAIN, UNITS, ITEMS, many).stop == "enough"
    assert next_item(CHAIN, UNITS, [], []).stop == "no-items"


def gains_of(graph: Graph, wanted: list[str], items: list[Item]) -> tuple[list[float], str]:
    """What each question settled for a learner who knows nothing, and why the last was the last."""
    left, replies, gains = list(items), list[Reply](), list[float]()
    while (pick := next_item(graph, wanted, left, replies, most=40)).item is not None:
        gains.append(pick.gain)
        replies.append(Reply(pick.item.unit, pick.item.guess, False))
        left.remove(pick.item)
    return gains, pick.stop


def test_questions_end_when_the_next_settles_less_than_a_unit_or_a_fortieth_of_a_small_scope():
    wide = Graph(dict.fromkeys(UNITS, ()) | {f"{name}{n}": (name,) for name in UNITS for n in range(8)})
    gains, stop = gains_of(wide, list(wide.needs), [Item(f"{name}/q", name, 0.05) for name in wide.needs])
    assert stop == "settled" and 3 <= len(gains) < 20 and min(gains) >= 1
    many = [Item(f"{name}/q{n}", name, 0.05) for n in range(4) for name in UNITS]
    gains, stop = gains_of(CHAIN, UNITS, many)
    assert stop == "settled" and 3 <= len(gains) < 20 and len(UNITS) / 40 <= min(gains) < 1


def test_over_the_packaged_graph_a_placement_takes_at_most_twelve_items():
    catalog = load_catalog()
    graph = graph_of(catalog)
    wanted = catalog.programme("dl-roadmap").unit_ids()
    left = [Item(f"{name}/q", name, 0.05) for name in graph.needs]
    known = {name for name in graph.needs if catalog.unit(name).level <= 2}
    replies: list[Reply] = []
    while (item := next_item(graph, wanted, left, replies).item) is not None:
        replies.append(Reply(item.unit, item.guess, item.unit in known))
        left.remove(item)
    assert len(replies) <= MOST_ITEMS
    assert {reply.right for reply in replies} == {True, False}


def test_only_kinds_without_doubt_about_wording_are_asked():
    catalog = load_catalog()
    found = items_of(catalog, ["perceptron", "iris-knn-classifier"])
    kinds = {catalog.question(item.id)[1].kind for item in found}
    assert kinds
    assert kinds <= {"choice", "numeric", "cloze", "order", "predict"}
    assert {item.unit for item in found} == {"perceptron"}


def test_an_unknown_scope_offers_the_nearest():
    with pytest.raises(TutorError) as raised:
        scope_of(load_catalog(), "dl-roadmpa")
    assert raised.value.code == "unknown-scope"
    assert "dl-roadmap" in raised.value.remedy


def placed_log(catalog: CatalogOfUnits, **answers: bool) -> LearnerLog:
    log = LearnerLog()
    for name, right in answers.items():
        catalog.questions[f"{name}/q"] = SimpleNamespace(id="q", kind="numeric")
        log.answer(name, "q", right, question_kind="numeric", placement="p-1")
    return log


def half_known() -> tuple[CatalogOfUnits, LearnerLog]:
    """A placement that goes well up to the last of a chain."""
    catalog = CatalogOfUnits([unit("a"), unit("b", "a"), unit("b2", "a"), unit("c", "b"), unit("d", "c")])
    return catalog, placed_log(catalog, b=True, b2=True, c=True, d=False)


def test_the_outcome_names_what_is_passed_over_and_the_answers_that_say_so():
    catalog, log = half_known()
    found = outcome_of(catalog, log.events, list(catalog.units), "p-1")
    assert [one.unit for one in found.passed_over] == ["a", "b", "b2", "c"]
    assert found.passed_over[0].evidence[:2] == ("a-1", "a-2")
    assert "what builds on it" in found.passed_over[0].why
    assert [reply.right for reply in replies_of(catalog, log.events, "p-1")] == [True, True, True, False]


def test_after_a_placement_the_recommendation_begins_where_it_went_wrong():
    catalog, log = half_known()
    step = recommend_next(catalog, mastery(catalog, log.events), None, log.events, START)
    assert step.unit == "d"


def test_a_placement_alone_never_gives_mastery_however_often_it_is_taken():
    catalog = CatalogOfUnits([unit("a")])
    log = LearnerLog()
    for day in range(20):
        log.answer("a", f"q{day}", True, 48 * day, question_kind="numeric", placement=f"p-{day}")
    assert mastery(catalog, log.events)["a"].level == "practised"
    log.answer("a", "last", True, 2000, question_kind="numeric")
    assert mastery(catalog, log.events)["a"].level == "mastered"
