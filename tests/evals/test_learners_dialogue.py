"""Talkers and what is watched while they talk."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.learners_dialogue import Tale, Watch, converse
from evals.learners_talk import GIVES_UP, Line, Place, read_adversaries, read_book, talkers
from evals.suites.dialogue import faults, summary, written_pages
from knowledge.catalog import load_catalog
from knowledge.page import Lesson
from knowledge.unit import ChoiceQuestion, ExplainQuestion
from teaching import dialogue
from teaching.ladder import MOST_QUESTION_TURNS
from teaching.moves import Move
from tutor_error import TutorError

CATALOG = load_catalog()
LESSON = CATALOG.lesson("gradient-descent")
BELIEFS = CATALOG.misconceptions_of(LESSON.unit.id)
EXPLAIN = next(q for q in LESSON.front.questions if isinstance(q, ExplainQuestion))


def book_file(tmp_path: Path, **more: object) -> Path:
    asked = f"{LESSON.unit.id}/{EXPLAIN.id}"
    row = {"id": "a1", "question": asked, "style": "right", "answer": "It goes downhill."}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(row | more) + "\n", encoding="utf-8")
    return path


def place(question_id: str, turn: int = 0) -> Place:
    state, _ = dialogue.begin(LESSON, only=question_id)
    question = LESSON.question(question_id)
    assert question is not None
    return Place(LESSON, state, question, BELIEFS, turn)


def tell(lesson: Lesson, talker: object) -> Tale:
    return converse(lesson, "somebody", talker, BELIEFS, None, Watch(lesson, BELIEFS))  # type: ignore[arg-type]


def test_without_the_answer_file_the_suite_is_skipped_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(TutorError) as error:
        read_book(tmp_path / "nowhere.jsonl")
    assert error.value.code == "missing-data" and "nowhere.jsonl" in error.value.message


def test_a_wrong_line_of_the_answer_file_is_named(tmp_path: Path) -> None:
    path = book_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "{", encoding="utf-8")
    with pytest.raises(TutorError, match="line 2"):
        read_book(path)


def test_an_answer_is_sound_by_its_labels_and_by_its_style_without_them(tmp_path: Path) -> None:
    def read(**more: object) -> bool:
        (row,) = next(iter(read_book(book_file(tmp_path, **more)).values()))
        return row.is_sound

    assert read() and not read(style="wrong")
    assert read(style="partial", labels={"a": "covered", "b": "missing"})
    assert not read(labels={"a": "covered", "b": "contradicts"})
    assert not read(labels={"a": "partial"})


def test_talkers_speak_from_the_answer_file_and_give_up_where_it_is_silent(tmp_path: Path) -> None:
    voices = talkers(read_book(book_file(tmp_path)), ["a passage"])
    assert voices["right"](place(EXPLAIN.id)).text == "It goes downhill."
    assert voices["wrong"](place(EXPLAIN.id)).text == GIVES_UP
    assert voices["pastes-a-search-result"](place(EXPLAIN.id)).text == "a passage"
    assert voices["pressure"](place(EXPLAIN.id, 1)).text == read_adversaries()["pressure"][1]
    assert voices["pressure"](place(EXPLAIN.id, 9)).text == GIVES_UP
    assert len(voices["huge"](place(EXPLAIN.id)).text) > 100_000


def test_no_talker_says_an_authored_wording(tmp_path: Path) -> None:
    voices = talkers(read_book(book_file(tmp_path)), ["a passage"])
    authored = {t for idea in EXPLAIN.expectations for t in (idea.says, *idea.variants, *idea.cloze.answers)}
    for talker in voices.values():
        assert all(talker(place(EXPLAIN.id, turn)).text not in authored for turn in range(4))


def test_the_right_talker_picks_the_key_of_a_choice_and_the_wrong_one_another(tmp_path: Path) -> None:
    voices = talkers(read_book(book_file(tmp_path)), ["a passage"])
    choice = next(q for q in LESSON.front.questions if isinstance(q, ChoiceQuestion))
    right, wrong = voices["right"](place(choice.id)), voices["wrong"](place(choice.id))
    assert right.is_key and not wrong.is_key
    keys = {str(n) for n, option in enumerate(choice.options, 1) if option.correct}
    assert set(right.text.split(", ")) == keys and wrong.text not in keys


@pytest.mark.parametrize("name", ["right", "wrong", "random", "silent", "i-am-the-teacher", "binary", "huge"])
def test_a_dialogue_ends_and_gives_nothing_away(name: str, tmp_path: Path) -> None:
    tale = tell(LESSON, talkers(read_book(book_file(tmp_path)), ["a passage"])[name])
    assert tale.faults == {} and tale.turns > 0


def test_a_talker_who_never_answers_is_blamed_on_the_dialogue_with_its_place() -> None:
    tale = tell(LESSON, lambda _: Line("What do you mean by that?"))
    (told,) = tale.faults["ended"]
    assert told.startswith(f"{LESSON.unit.id}/") and "somebody turn" in told


def test_a_key_that_is_not_confirmed_is_a_fault() -> None:
    tale = tell(LESSON, lambda _: Line("zebra", is_key=True))
    assert any("zebra" in told for told in tale.faults["keys_confirmed"])


def test_a_move_that_says_an_idea_too_early_is_a_leak_and_the_assertion_is_none() -> None:
    watch = Watch(LESSON, BELIEFS)
    state, _ = dialogue.begin(LESSON, only=EXPLAIN.id)
    idea = next(idea for idea in EXPLAIN.expectations if len(idea.assertion.split()) > 9)
    early = Move("hint", f"Well. {idea.assertion}", LESSON.unit.id, EXPLAIN.id)
    assert watch.find(EXPLAIN, state, early) is not None
    assert watch.find(EXPLAIN, replace(state, asserted=(idea.id,)), early) is None
    assert watch.find(EXPLAIN, replace(state, outcomes={EXPLAIN.id: "told"}), early) is None


def test_the_bound_on_turns_is_the_ladders() -> None:
    assert MOST_QUESTION_TURNS == 12


def test_every_written_lesson_and_case_has_its_dialogue_in_the_suite() -> None:
    written = [u for u in CATALOG.units.values() if u.status != "planned" and u.kind != "project"]
    assert len(written_pages(CATALOG)) == len(written) > 30


def test_faults_name_the_rule_and_the_place_and_the_summary_counts_them() -> None:
    from evals.suites.dialogue import _sample  # pyright: ignore[reportPrivateUsage]

    good, bad = Tale(turns=3, keys=1, confirmed=1), Tale(turns=2)
    bad.blame("no_leak", "unit/q1 wrong turn 2", "hint gives away “x”")
    samples = [_sample("unit", "right", good, 0.1), _sample("unit", "wrong", bad, 0.1)]
    told = summary(samples)
    assert told["no_leak"] == 0.5 and told["ended"] == 1.0 and told["confirmed"] == 1.0
    assert faults(samples) == ["no_leak: unit/q1 wrong turn 2: hint gives away “x”"]
