import pytest

from knowledge.fusion import (
    FUSED_RELEVANCE,
    LEXICAL_RELEVANCE,
    Evidence,
    Relevance,
    mix,
    word_scores,
)


def test_a_mix_ranks_what_both_legs_find_above_what_one_finds() -> None:
    scores = mix({1: 0.6, 2: 0.6, 3: 0.0}, {1: 0.8, 4: 0.8}, share=0.5)
    assert scores == pytest.approx({1: 0.7, 2: 0.3, 3: 0.0, 4: 0.4})


def test_a_share_of_one_leaves_the_cosines_and_none_below_zero() -> None:
    assert mix({1: 0.6, 2: -0.3}, {1: 1.0}, share=1.0) == {1: 0.6, 2: 0.0}


def test_word_scores_lie_between_zero_and_one_and_follow_both_measures() -> None:
    scores = word_scores({1: 4.0, 2: 2.0, 3: 2.0}, {1: 1.0, 2: 0.8, 3: 0.1})
    assert scores == pytest.approx({1: 1.0, 2: 0.65, 3: 0.3})


def test_no_match_has_no_scores_and_worthless_words_have_zero() -> None:
    assert word_scores({}, {}) == mix({}, {}) == {}
    assert word_scores({1: 0.0}, {1: 0.5}) == {1: 0.0}


@pytest.mark.parametrize("relevance", [FUSED_RELEVANCE, LEXICAL_RELEVANCE])
def test_relevance_needs_evidence_and_rises_with_each_kind(relevance: Relevance) -> None:
    assert not relevance.holds(Evidence(0.1, 0.1, 0.1))
    assert relevance.holds(Evidence(0.7, 0.9, 1.0))
    middle = relevance.probability(Evidence(0.4, 0.4, 0.4))
    assert relevance.probability(Evidence(0.4, 0.6, 0.4)) > middle
    assert relevance.probability(Evidence(0.4, 0.4, 0.6)) > middle


def test_a_near_passage_is_evidence_only_where_there_are_vectors() -> None:
    near, far = Evidence(0.7, 0.4, 0.4), Evidence(0.1, 0.4, 0.4)
    assert FUSED_RELEVANCE.probability(near) > FUSED_RELEVANCE.probability(far)
    assert LEXICAL_RELEVANCE.probability(near) == LEXICAL_RELEVANCE.probability(far)
