import pytest

from teaching import contrast

RISES = "The loss rises when the step is too long."


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("The loss falls when the step is too long.", True),
        ("The loss does not rise when the step is too long.", True),
        ("The loss does not fall when the step is too long.", False),
        ("When the step is too long the loss rises.", False),
    ],
)
def test_an_odd_number_of_opposites_and_negations_turns_a_clause_round(said: str, turned: bool) -> None:
    assert (contrast.flip(said, (RISES,)) > 0) is turned


def test_an_agreeing_wording_outweighs_one_that_seems_to_differ() -> None:
    both = ("the terminals are separated by a gap", "the terminals are not connected")
    assert contrast.flip("the terminals are not connected", both) <= 0
    assert contrast.flip("the terminals are connected", both) > 0


def test_words_that_changed_places_are_counted_in_pairs() -> None:
    assert contrast.swapped_share("the test comes before the train", "the train comes before the test") > 0.5
    assert contrast.swapped_share(RISES, RISES) == 0.0
    assert contrast.swapped_share("gradient", RISES) == 0.0


def test_contraries_turn_a_wording_round_in_one_place_each() -> None:
    found = contrast.contraries("A larger rate is faster")
    assert "A smaller rate is faster" in found
    assert "A larger rate is not faster" in found
    assert contrast.contraries("It is not linear")[0] == "It is linear"
    assert len(contrast.contraries("more less up down high low " * 5)) <= 4


@pytest.mark.parametrize("text", ["", "?", "not", "\u0000"])
def test_texts_without_words_have_no_contrast(text: str) -> None:
    assert contrast.flip(text, (RISES,)) <= 0
    assert contrast.swapped_share(text, RISES) == contrast.dismissal("") == 0.0
