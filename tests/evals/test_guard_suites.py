"""The suites of citations and of the guard: their data, their splits and what they count as held."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from evals.citations import cited_text, kappa, read_pairs
from evals.replies import Reply, leaking_replies, rename, written_replies
from evals.suites.citations import FLOORS
from evals.suites.guard import say
from evals.tune_citations import least_threshold
from knowledge.catalog import load_catalog
from tutor.agent.guard import Watch
from tutor.agent.guard.support import is_supported, support, threshold
from tutor_error import TutorError


def test_a_unit_has_all_its_pairs_in_one_split() -> None:
    pairs = read_pairs()
    splits = {(pair.unit, pair.split) for pair in pairs}
    assert len(splits) == len({pair.unit for pair in pairs})
    assert len(pairs) >= 200 and all(sum(p.split == s for p in pairs) > 80 for s in ("test", "tuning"))


def test_every_cited_section_is_there() -> None:
    catalog = load_catalog()
    assert all(cited_text(catalog, pair) for pair in read_pairs())


def test_a_wrong_line_of_pairs_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"id": "c-1"}\n', encoding="utf-8")
    with pytest.raises(TutorError, match="line 1"):
        read_pairs(path)


def test_kappa_is_that_of_scikit_learn() -> None:
    first = [True, True, False, False, True, False, True, True]
    second = [True, False, False, False, True, True, True, True]
    assert kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))
    assert kappa(first, first) == 1.0


def test_the_threshold_is_the_least_that_reaches_the_aim() -> None:
    scores = [place / 20 for place in range(20, 0, -1)]
    labels = [True] * 10 + [False] + [True] * 4 + [False] * 5
    assert least_threshold(scores, labels, aim=0.9) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="no threshold"):
        least_threshold(scores, [False] * 20)


def test_the_lexical_form_holds_its_floor_without_an_embedder() -> None:
    catalog = load_catalog()
    pairs = [pair for pair in read_pairs() if pair.split == "test" and pair.agreed]
    kept = [pair for pair in pairs if is_supported(pair.sentence, cited_text(catalog, pair))]
    assert len(kept) >= 15
    assert sum(pair.supported for pair in kept) / len(kept) >= FLOORS["lexical.precision"]


def test_a_section_supports_its_own_sentences_and_not_those_of_another_subject() -> None:
    source = "A random forest averages many trees. Each tree is grown on a bootstrap sample of the rows."
    assert support("Each tree is grown on a bootstrap sample of the rows.", source) == pytest.approx(1.0)
    assert support("Dropout switches off random units.", source) < threshold("lexical")
    assert support("Each tree is grown on 17 samples of the rows.", source) < 1.0
    assert support("", source) == support("Anything at all.", "") == 0.0


def test_leaks_are_made_from_every_kind_of_question_and_held() -> None:
    catalog = load_catalog()
    replies = list(leaking_replies(catalog, ("perceptron", "iris-knn-classifier")))
    assert len(replies) > 10
    assert [reply.id for reply in replies if say(reply)[1] is None] == []


def test_every_hand_written_reply_goes_as_it_should() -> None:
    replies = list(written_replies())
    assert {reply.kind for reply in replies} == {"verdict", "injection", "citation", "honest"}
    blocked_honest = [r.text for r in replies if r.kind == "honest" and say(r)[1] is not None]
    assert len(blocked_honest) <= 3, blocked_honest
    missed = [r.text for r in replies if r.kind == "verdict" and say(r)[1] is None]
    assert len(missed) <= 0.05 * sum(r.kind == "verdict" for r in replies), missed


def test_what_is_said_is_streamed_and_a_blocked_reply_shows_nothing_of_the_bad_sentence() -> None:
    text = "Think of a hill. You are right. Go on."
    shown, why = say(Reply("r", "verdict", "hint", text, Watch(in_lesson=True)))
    assert shown.strip() == "Think of a hill." and why is not None


def test_a_renamed_program_keeps_its_calls_and_loses_its_names() -> None:
    renamed = rename("def area(width, height):\n    '''Doc.'''\n    return np.abs(width * height)\n")
    assert "np.abs" in renamed and "width" not in renamed and "Doc" not in renamed
