import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import pair_folds
from evals.matching_data import Example
from evals.pair_folds import UNIT_FOLDS, Idea, PairFolds, authored_drawn, folds_of, ideas_of, texts_of_pairs
from evals.pair_network import Draw, Plan
from teaching.features import Proposition
from teaching.pair_reader import Network

IDEA = Idea(
    "unit-0", ("steps get shorter", "it slows down"), ("it changes",), ("the loss is a sum",), ("up",)
)


def examples(source: Any, part: str, number: int) -> list[Example]:
    return [
        Example(
            source, f"unit-{place}", part, f"{part} answer {place}",
            Proposition("Why?", (f"{part} wording {place}",)), place % 2 == 0, False,
        )
        for place in range(number)
    ]  # fmt: skip


class DrawsThatAreKept:
    """Trains nothing and remembers what each network would have been shown, in place of `train_network`."""

    def __init__(self) -> None:
        self.shown: list[set[str]] = []
        self.began: list[int | None] = []

    def __call__(
        self, draw: Draw, states: Mapping[str, Any], plan: Plan, seed: int, start: Network | None = None
    ) -> dict[str, Any]:
        rows = [row for _ in range(20) for row in draw(random.Random(seed))]
        self.shown.append({text for row in rows for text in (row.meant, row.said)})
        self.began.append(None if start is None else int(start["number"][0]))
        return {"number": np.array([len(self.shown) - 1])}


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> DrawsThatAreKept:
    kept = DrawsThatAreKept()
    monkeypatch.setattr(pair_folds, "train_network", kept)
    return kept


def folds(
    learners: Sequence[Example] = (), ideas: Sequence[Idea] = (), kept: Path | None = None
) -> PairFolds:
    semeval = [*examples("semeval", "beetle", 12), *examples("semeval", "sciEntsBank", 12)]
    return PairFolds(semeval, learners, ideas, {}, kept)


def test_no_network_is_asked_about_a_question_that_it_learnt_from(trained: DrawsThatAreKept) -> None:
    opened = folds()
    for row in [*examples("semeval", "beetle", 12), *examples("semeval", "sciEntsBank", 12)]:
        for name in opened.names_for(row):
            opened.network(name, 1)
            shown = trained.shown[-1]
            assert row.answer not in shown
            assert any(text.startswith(row.part) for text in shown)
            assert not any(
                text.startswith("sciEntsBank" if row.part == "beetle" else "beetle") for text in shown
            )


def test_no_network_is_asked_about_a_unit_whose_answers_or_wordings_it_learnt_from(
    trained: DrawsThatAreKept,
) -> None:
    learners = examples("learners", "covered", 16)
    opened = folds(learners, [IDEA])
    for row in learners:
        (name,) = opened.names_for(row)
        opened.network(name, 1)
        assert row.answer not in trained.shown[-1]
        assert (row.group == IDEA.unit) <= (IDEA.good[0] not in trained.shown[-1])
        assert any(text.startswith("covered answer") for text in trained.shown[-1])


def test_the_domain_goes_on_from_semeval_and_the_shipped_ones_see_all(trained: DrawsThatAreKept) -> None:
    learners = examples("learners", "covered", 16)
    opened = folds(learners, [IDEA])
    opened.network("shipped", 1)
    semeval, shipped = trained.shown
    assert {row.answer for row in learners} <= shipped and set(IDEA.good) <= shipped
    assert not {row.answer for row in learners} & semeval
    assert trained.began == [None, 0]


def test_a_test_is_read_by_the_networks_of_its_corpus_alone(trained: DrawsThatAreKept) -> None:
    opened = folds()
    test = examples("semeval", "beetle", 1)[0]
    assert opened.names_for_test(test) == [f"beetle-{fold}" for fold in range(pair_folds.QUESTION_FOLDS)]


def test_a_kept_network_is_not_trained_again(trained: DrawsThatAreKept, tmp_path: Path) -> None:
    first = folds(kept=tmp_path).network("beetle-0", 1)
    again = folds(kept=tmp_path).network("beetle-0", 1)
    assert len(trained.shown) == 1
    assert np.array_equal(first["number"], again["number"])


def test_folds_are_even_and_the_same_every_time() -> None:
    groups = [f"unit-{place}" for place in range(33)]
    found = folds_of(groups, UNIT_FOLDS)
    assert found == folds_of(reversed(groups), UNIT_FOLDS)
    sizes = [list(found.values()).count(fold) for fold in range(UNIT_FOLDS)]
    assert max(sizes) - min(sizes) <= 1


def test_authored_texts_are_labelled_by_what_they_are() -> None:
    rows = [row for seed in range(30) for row in authored_drawn([IDEA], random.Random(seed))]
    by_text = {(row.said, row.meant): row for row in rows}
    assert by_text["it slows down", "steps get shorter"].states
    assert not any(row.states for row in rows if row.said in ("it changes", "the loss is a sum", "up"))
    assert any(row.contradicts for row in rows)
    assert all(not (row.states and row.contradicts) for row in rows)


def test_every_text_that_a_network_may_be_shown_is_among_those_with_states() -> None:
    texts = texts_of_pairs(examples("semeval", "beetle", 2), [IDEA])
    for seed in range(30):
        for row in authored_drawn([IDEA], random.Random(seed)):
            assert {row.meant, row.said} <= texts


def test_the_ideas_of_a_question_are_told_apart_from_each_other() -> None:
    one, other = Proposition("Why?", ("a", "b")), Proposition("Why?", ("c",))
    found = ideas_of("unit", [one, other], [("p",), ()], [Proposition("Why?", ("w",))])
    assert found == [
        Idea("unit", ("a", "b"), ("p",), ("c",), ("w",)),
        Idea("unit", ("c",), (), ("a", "b"), ("w",)),
    ]
