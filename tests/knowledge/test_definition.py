"""The glossary: each term found in any spelling, defined in the words of its lesson and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.catalog import Catalog, load_catalog
from knowledge.definition import define, glossary_of, prose_of, units_using
from knowledge.passage import plain
from knowledge.terms import Term, terms_built_on
from tutor_error import TutorError


def test_a_term_is_defined_by_the_sentence_in_which_it_stands_bold() -> None:
    catalog = load_catalog()
    told = define(catalog, glossary_of(catalog).find("topological order"))
    assert told.unit == "computational-graphs"
    assert told.section == "Mathematics"
    assert "**topological order**" in told.text
    assert "has no cycles" in told.text, "a sentence that points back brings the one before it"


@pytest.mark.parametrize(
    ("wanted", "term"),
    [
        ("kNN", "k-nearest neighbors"),
        ("k nearest neighbours", "k-nearest neighbors"),
        ("Learning Rates", "learning rate"),
        ("mse", "mean squared error"),
        ("AUC", "AUC"),
        ("one hot", "one-hot"),
    ],
)
def test_a_term_is_found_in_any_spelling(wanted: str, term: str) -> None:
    assert glossary_of(load_catalog()).find(wanted).term == term


def test_a_near_miss_is_offered() -> None:
    with pytest.raises(TutorError) as raised:
        glossary_of(load_catalog()).find("learning rat")
    assert raised.value.code == "unknown-term"
    assert "`learning rate`" in raised.value.remedy


def test_words_of_a_term_offer_the_term() -> None:
    with pytest.raises(TutorError) as raised:
        glossary_of(load_catalog()).find("confusion")
    assert "`confusion matrix`" in raised.value.remedy


def test_every_definition_stands_in_the_text_that_learners_read() -> None:
    catalog = load_catalog()
    bare = 0
    for term in glossary_of(catalog).terms:
        told = define(catalog, term)
        prose = " ".join(plain(prose_of(catalog, term.unit)).replace("|", " ").replace("·", " ").split())
        for word in plain(told.text).replace("|", " ").replace("·", " ").split():
            assert word in prose, (term, word)
        bare += not told.text
    assert bare == 0


def test_no_oracle_text_is_in_a_definition(school_content: Path) -> None:
    catalog = Catalog(school_content)
    told = define(catalog, Term("straightedge", "straight-lines"))
    assert "secret" not in str(told)


def test_other_units_that_use_a_term_are_told_in_order() -> None:
    catalog = load_catalog()
    using = units_using(catalog, glossary_of(catalog).find("learning rate"))
    order = list(catalog.units)
    assert using == sorted(using, key=order.index)
    assert "gradient-descent" not in using
    assert "backpropagation" in using


def test_a_unit_builds_on_terms_of_its_prerequisites_alone() -> None:
    catalog = load_catalog()
    built_on = terms_built_on(catalog, "backpropagation", prose_of(catalog, "backpropagation"))
    homes = {term.unit for term in built_on}
    assert "computational-graphs" in homes
    assert "backpropagation" not in homes
    assert "sgd-and-momentum" not in homes


def test_the_glossary_of_a_track_has_its_terms_alone() -> None:
    catalog = load_catalog()
    assert {catalog.unit(term.unit).track for term in glossary_of(catalog, "math").terms} == {"math"}
    with pytest.raises(TutorError):
        glossary_of(catalog, "maths")


def test_terms_of_a_text_come_in_the_order_of_their_first_use() -> None:
    used = glossary_of(load_catalog()).used_in("Momentum smooths the gradient; the learning rate scales it.")
    assert used[0].term == "momentum"
    assert [term.term for term in used if term.term in ("gradient", "learning rate")] == [
        "gradient", "learning rate"
    ]  # fmt: skip
