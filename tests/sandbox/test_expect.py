"""Claims about values: what must pass, what must not, and what a failure says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sandbox.expect import CheckFailed, expect, fail
from sandbox.sameness import alike, same
from sandbox.summary import CHARACTERS, redact, summary

NAN = float("nan")
PASSING: list[Callable[[], Any]] = [
    lambda: expect(np.eye(3)).shape(3, None).finite().symmetric().diagonal(1.0).sums_to(1.0, axis=1),
    lambda: expect(0.1 + 0.2).close(0.3),
    lambda: expect(np.float32(0.5)).type(float).close(0.5),
    lambda: expect(1).close(1.0),
    lambda: expect(np.array([1.0, 2.0])).close([1, 2]).dtype("float").dtype("float64"),
    lambda: expect([1.0, 2.0]).close([1.0, 2.0]),
    lambda: expect(float("inf")).close(float("inf")),
    lambda: expect([1, 2]).equals((1, 2)).length(2).contains(2),
    lambda: expect(np.int64(3)).equals(3).type(int).one_of([2, 3]),
    lambda: expect({"a": 1.5}).keys("a").item("a").between(1, 2).at_least(1.5).at_most(1.5),
    lambda: expect([3, 2, 2]).decreasing().monotone(),
    lambda: expect([1, 2, 3]).increasing(strictly=True),
    lambda: expect(np.True_).true("is true"),
    lambda: expect("abc").contains("b").differs_from("b"),
    lambda: expect(pd.Series([1.0, 2.0])).close(np.array([1.0, 2.0])),
]
FAILING: list[Callable[[], Any]] = [
    lambda: expect(NAN).close(NAN),
    lambda: expect(np.array([1.0, NAN])).close(np.array([1.0, NAN])),
    lambda: expect(np.ones(3)).close(1.0),
    lambda: expect(1.0).close(np.ones(3)),
    lambda: expect(np.ones((3, 1))).close(np.ones(3)),
    lambda: expect(np.ones((1, 3))).close(np.ones((3, 3))),
    lambda: expect(np.array(["1.0"])).close(np.array([1.0])),
    lambda: expect(np.array([True])).close(np.array([1.0])),
    lambda: expect(True).close(1.0),
    lambda: expect(np.array([1])).close(np.array([1.0])),
    lambda: expect(np.array([1 + 0j])).close(np.array([1.0])),
    lambda: expect(np.array([1.5])).close(np.array([1]), rtol=0.1),
    lambda: expect([1.0]).close(np.array([1.0])),
    lambda: expect([[1.0], [1.0, 2.0]]).close([[1.0], [1.0]]),
    lambda: expect(None).close(1.0),
    lambda: expect("1").close(1.0),
    lambda: expect(True).equals(1),
    lambda: expect(1.0).equals(1),
    lambda: expect(NAN).equals(NAN),
    lambda: expect([1, 2]).equals(np.array([1, 2])),
    lambda: expect({"a": 1}).equals({"a": 1, "b": 2}),
    lambda: expect(NAN).between(-1e9, 1e9),
    lambda: expect(np.array([0.0, NAN])).at_least(-1),
    lambda: expect([1.0, NAN]).increasing(),
    lambda: expect(np.array([NAN])).sums_to(0.0),
    lambda: expect(np.full((2, 2), NAN)).symmetric(),
    lambda: expect(np.full((2, 2), NAN)).diagonal(0.0),
    lambda: expect(np.ones((2, 3))).symmetric(),
    lambda: expect(np.array([1.0, np.inf])).finite(),
    lambda: expect([[1], [2]]).shape(2, 1),
    lambda: expect(np.ones(3)).shape(3, 1),
    lambda: expect(1).true("is one"),
    lambda: expect("no").true("is a text"),
    lambda: expect(True).type(int),
    lambda: expect({"a": 1}).item("b"),
    lambda: expect(3).length(1),
    lambda: expect(3).contains(1),
    lambda: expect(np.float64(1)).dtype("int"),
]


@pytest.mark.parametrize("claim", PASSING)
def test_a_claim_that_holds_passes(claim: Callable[[], Any]) -> None:
    claim()


@pytest.mark.parametrize("claim", FAILING)
def test_a_claim_that_does_not_hold_fails_the_check(claim: Callable[[], Any]) -> None:
    with pytest.raises(CheckFailed):
        claim()


def test_a_failure_says_what_was_seen_expected_and_why() -> None:
    with pytest.raises(CheckFailed) as failed:
        expect(np.array([1.0, 5.0]), "the mean").because("each row counts once").close(np.array([1.0, 2.0]))
    assert failed.value.message == "the mean differs in 1 of 2 entries: each row counts once"
    assert failed.value.seen == "5 (float64) at [1]"
    assert failed.value.expected == "2 (float64) at [1]"


def test_fail_shortens_the_values_that_it_is_given() -> None:
    with pytest.raises(CheckFailed) as failed:
        fail("no", np.arange(100.0), "a sum")
    assert failed.value.seen == "an array of shape (100,), float64: [0, 1, 2, 3, 4, …]"


def test_a_summary_shows_at_most_five_entries_and_one_line() -> None:
    for value in (list(range(100)), {i: i for i in range(100)}, np.arange(100), "x" * 1000, ["y" * 500] * 9):
        text = summary(value)
        assert len(text) <= CHARACTERS
        assert "6" not in text.split("[")[-1].split("{")[-1]


def test_a_redacted_message_keeps_shapes_and_names_and_loses_numbers_and_texts() -> None:
    assert redact("operands could not be broadcast with shapes (3,4) (5,)").endswith("(3,4) (5,)")
    assert redact("name 'foo' is not defined") == "name 'foo' is not defined"
    assert redact("got 0.123456 and -1e-05 in 'a b c d'\nsecond") == "got … and … in '…'"


def test_alike_allows_rounding_and_nothing_else() -> None:
    assert alike([1.0, {"a": np.ones(2)}], [1.0 + 1e-12, {"a": np.ones(2) + 1e-12}])
    assert not alike([1.0], [1.001])
    assert not alike(1, 1.0)
    assert not alike(np.ones(2), np.ones((2, 1)))


def test_same_tells_kinds_apart() -> None:
    assert same(np.float64(2), 2.0)
    assert not same(np.ones(1), [1.0])
    assert not same(2, 2.0)
    assert not same(np.array([1, 2]), np.array([1.0, 2.0]))
