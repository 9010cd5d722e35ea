from pathlib import Path

import pytest
from small_content import SECRET, write_content

from knowledge.catalog import Catalog
from knowledge.page import read_page
from knowledge.passage import passages_of, plain, split_unit, windows
from knowledge.unit import Unit

UNIT = Unit(id="trees", kind="lesson", title="Trees", track="classical-ml", level=2)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(write_content(tmp_path / "content"))


def test_passages_follow_headings_and_carry_the_path_above_them(catalog: Catalog) -> None:
    places = {passage.id: passage.path for passage in passages_of(catalog) if passage.unit == "neighbours"}
    assert list(places) == [
        "neighbours#overview", "neighbours#idea", "neighbours#mathematics", "neighbours#scaling",
        "neighbours#in-code",
    ]  # fmt: skip
    assert places["neighbours#scaling"] == ("Classifying by nearest neighbours", "Mathematics", "Scaling")


def test_every_written_kind_is_split_and_planned_units_are_not(catalog: Catalog) -> None:
    assert {passage.unit for passage in passages_of(catalog)} == {
        "neighbours", "losses", "flowers", "store-sales",
    }  # fmt: skip


def test_no_private_text_becomes_a_passage(catalog: Catalog) -> None:
    assert all(SECRET not in passage.text for passage in passages_of(catalog))


def test_a_section_that_only_sends_to_the_questions_is_no_passage(catalog: Catalog) -> None:
    assert [p.anchor for p in passages_of(catalog) if p.unit == "store-sales"] == ["problem"]


def test_code_and_formulas_with_blank_lines_stay_whole(catalog: Catalog) -> None:
    texts = {passage.id: passage.text for passage in passages_of(catalog)}
    assert texts["neighbours#in-code"].count("```") == 2
    assert "n_neighbors=3)\nassert" in texts["neighbours#in-code"]
    assert texts["neighbours#mathematics"].count("$$") == 2


def test_a_long_section_becomes_even_passages_under_the_limit() -> None:
    paragraphs = "\n\n".join(f"Paragraph {n} " + "word " * 38 for n in range(14))
    passages = split_unit(UNIT, read_page(f"## Idea\n{paragraphs}\n"))
    lengths = [len(passage.text.split()) for passage in passages]
    assert [passage.id for passage in passages] == ["trees#idea", "trees#idea/2", "trees#idea/3"]
    assert max(lengths) <= 240 and min(lengths) >= 120


def test_no_word_of_a_section_is_lost_in_passages_or_windows() -> None:
    words = [f"w{n}." for n in range(1000)]
    passages = split_unit(UNIT, read_page("## Idea\n" + "\n\n".join(words)))
    assert " ".join(passage.text for passage in passages).split() == words
    seen = " ".join(window.text.split("\n", 1)[1] for passage in passages for window in windows(passage))
    assert seen.split() == words


def test_two_headings_of_one_name_give_different_ids() -> None:
    passages = split_unit(UNIT, read_page("## Idea\nfirst\n\n## Idea\nsecond\n"))
    assert [passage.id for passage in passages] == ["trees#idea", "trees#idea-2"]


def test_windows_are_about_fifty_words_with_the_headings_in_front() -> None:
    sentences = " ".join(f"Sentence number {n} has seven words here." for n in range(24))
    (passage,) = split_unit(UNIT, read_page(f"## Idea\n### Roots\n{sentences}\n"))
    found = windows(passage)
    assert all(window.text.startswith("Trees > Idea > Roots\n") for window in found)
    assert all(35 <= len(window.text.split("\n", 1)[1].split()) <= 65 for window in found)


def test_a_code_block_is_a_window_of_its_own(catalog: Catalog) -> None:
    passage = next(p for p in passages_of(catalog) if p.id == "neighbours#in-code")
    assert any("KNeighborsClassifier" in window.text for window in windows(passage))


def test_equal_windows_have_equal_hashes_and_a_change_shows() -> None:
    first, again = (split_unit(UNIT, read_page("## Idea\nOne root.\n"))[0] for _ in range(2))
    other = split_unit(UNIT, read_page("## Idea\nTwo roots.\n"))[0]
    assert windows(first)[0].hash == windows(again)[0].hash != windows(other)[0].hash


def test_plain_text_keeps_identifiers_and_drops_marks() -> None:
    assert plain("**Fit** the `n_neighbors` of [this](https://example.org) _once_") == (
        "Fit the n_neighbors of this once"
    )
