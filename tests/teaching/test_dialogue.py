import json
import random
from collections.abc import Iterable

import pytest
from lesson_fixture import DOWNHILL, MISCONCEPTIONS, explain_question, gradient_descent

from knowledge.unit import ExplainQuestion
from teaching.answers import Verdict
from teaching.dialogue import begin, step
from teaching.dialogue_state import DialogueState
from teaching.ladder import MOST_FOCUS_TURNS, MOST_QUESTION_TURNS
from teaching.leak import find_leak
from teaching.moves import Move
from teaching.speech_act import Act
from teaching.turn import judge_part, judge_turn, read_act
from tutor_error import TutorError

LESSON = gradient_descent()
QUESTION = explain_question()
IDEAS = {idea.id: idea for idea in QUESTION.expectations}
WHOLE = " ".join(idea.says for idea in QUESTION.expectations)


def kinds(moves: Iterable[Move]) -> list[str]:
    return [move.kind for move in moves]


def say(state: DialogueState, line: str) -> tuple[DialogueState, list[Move]]:
    act = read_act(LESSON, state, line)
    verdict = None
    if act.kind == "answer" and LESSON.question(state.question or "").kind != "code":  # type: ignore[union-attr]
        verdict = judge_turn(LESSON, state, line, misconceptions=MISCONCEPTIONS)
    elif act.kind == "answer":
        verdict = Verdict("w - " in line, float("w - " in line))
    return step(LESSON, state, act, verdict, misconceptions=MISCONCEPTIONS)


def explain() -> DialogueState:
    return begin(LESSON, only="q3")[0]


def talk(state: DialogueState, *lines: str) -> tuple[DialogueState, list[Move]]:
    moves: list[Move] = []
    for line in lines:
        state, moves = say(state, line)
    return state, moves


def test_a_lesson_opens_by_teaching_its_idea_and_then_asks() -> None:
    state, moves = begin(LESSON)
    assert kinds(moves) == ["teach", "ask"]
    assert moves[0].section == "idea" and "arrow" in moves[0].text
    assert moves[1].question == state.question == "q1"


def test_teaching_and_questions_alternate_until_a_recap_and_a_recommendation() -> None:
    state, moves = begin(LESSON)
    seen = kinds(moves)
    for line in ("towards smaller w", "2.4", WHOLE, "w - lr * g"):
        state, moves = say(state, line)
        seen += kinds(moves)
    assert [kind for kind in seen if kind in ("teach", "ask", "recommend")] == [
        "teach", "ask", "teach", "ask", "teach", "ask", "ask", "recommend",
    ]  # fmt: skip
    assert state.finished
    assert set(state.outcomes.values()) == {"solved"}
    assert "4 of 4" in moves[-2].text


def test_a_right_answer_is_confirmed_plainly() -> None:
    for line in ("towards smaller w",):
        _, moves = talk(begin(LESSON)[0], line)
        assert moves[0].kind == "confirm"
        assert moves[0].text.split()[0].strip(",.") in ("Right", "Yes", "Correct", "Exactly")
    for idea in IDEAS.values():
        _, moves = talk(explain(), idea.variants[0])
        assert moves[0].kind == "confirm" and idea.says in moves[0].text


def test_wrong_once_helps_and_wrong_twice_tells_why_and_moves_on() -> None:
    state, _ = begin(LESSON)
    state, moves = say(state, "it stays at 3")
    assert kinds(moves) == ["hint"] and state.question == "q1"
    assert not any("smaller" in move.text for move in moves)
    state, moves = say(state, "towards larger w")
    assert moves[0].kind == "correct" and "3 minus something positive" in moves[0].text
    assert state.question == "q2" and state.outcomes["q1"] == "told"


def test_a_wrong_option_with_a_misconception_is_met_with_its_contrast() -> None:
    _, moves = talk(begin(LESSON)[0], "towards larger w")
    assert kinds(moves) == ["repair"] and DOWNHILL.contrast in moves[0].text


def test_a_line_that_is_no_number_costs_no_try() -> None:
    state = begin(LESSON, only="q2")[0]
    state, moves = say(state, "quite a lot")
    assert state.wrong_tries == 0 and "number" in moves[0].text
    assert talk(state, "2.4")[0].outcomes["q2"] == "solved"


def test_not_knowing_goes_hint_then_prompt_then_assertion_and_restatement() -> None:
    state = explain()
    told: list[list[str]] = []
    for _ in range(3):
        state, moves = say(state, "I don't know")
        told.append(kinds(moves))
    assert told == [["hint"], ["prompt"], ["assert", "restate"]]
    assert state.expects == "restatement" and state.focus in state.asserted


def test_the_assertion_does_not_count_as_coverage_and_the_restatement_does() -> None:
    state, moves = talk(explain(), *["I don't know"] * 3)
    focus = str(state.focus)
    assert focus not in state.covered
    assert IDEAS[focus].assertion in moves[0].text
    assert focus not in say(state, "ok, it has to do with slopes somehow")[0].covered
    restated, moves = say(state, IDEAS[focus].variants[1])
    assert focus in restated.covered and moves[0].kind == "confirm"


def test_help_climbs_every_rung_of_the_ladder_in_order() -> None:
    state = explain()
    climbed: list[str] = []
    for _ in range(5):
        state, moves = say(state, "hint")
        climbed += kinds(moves)
    assert climbed == ["hint", "hint", "prompt", "choice", "assert", "restate"]


def test_a_filled_blank_covers_with_help() -> None:
    state, moves = talk(explain(), "I don't know", "I don't know")
    idea = IDEAS[str(state.focus)]
    assert idea.cloze.text in moves[0].text and state.part == f"cloze:{idea.id}"
    state, moves = say(state, idea.cloze.answers[0])
    assert idea.id in state.covered and state.helped
    assert moves[0].kind == "confirm"


def test_a_wrong_blank_leads_to_a_choice_among_misconceptions() -> None:
    state, moves = talk(explain(), "I don't know", "I don't know", "banana")
    assert kinds(moves) == ["choice"]
    assert IDEAS[str(state.focus)].says in moves[0].options and DOWNHILL.belief in moves[0].options
    place = moves[0].options.index(IDEAS[str(state.focus)].says) + 1
    focus = state.focus
    assert focus in say(state, str(place))[0].covered


def test_all_ideas_at_once_end_the_question_with_the_ideal_answer() -> None:
    state, moves = say(explain(), WHOLE)
    assert kinds(moves)[:2] == ["confirm", "recap"]
    assert QUESTION.ideal in moves[1].text
    assert state.outcomes["q3"] == "solved"


def test_progress_shows_blanks_for_what_is_missing_and_nothing_of_it() -> None:
    _, moves = say(explain(), IDEAS["step-size"].says)
    pump = moves[-1]
    assert pump.kind == "pump" and "1 of 3 ideas so far" in pump.text and pump.text.count("____") == 2
    assert IDEAS["uphill"].says not in pump.text and IDEAS["overshoot"].says not in pump.text


def test_a_misconception_is_repaired_and_its_right_repair_confirmed() -> None:
    state, moves = say(explain(), DOWNHILL.belief)
    assert kinds(moves) == ["repair"] and DOWNHILL.repair in moves[0].text
    assert state.part == f"repair:{DOWNHILL.id}"
    state, moves = say(state, "towards larger losses")
    assert moves[0].kind == "confirm" and state.expects == "answer"


def test_a_wrong_repair_is_corrected_and_the_same_repair_comes_at_most_twice() -> None:
    state, repairs = explain(), 0
    for _ in range(12):
        state, moves = say(state, DOWNHILL.belief)
        repairs += kinds(moves).count("repair")
        if "correct" in kinds(moves):
            assert DOWNHILL.accepted_repairs[0] in moves[0].text
    assert repairs == 2
    assert state.finished


def test_the_next_idea_is_the_one_that_was_nearly_said() -> None:
    near = Verdict(None, 0.0, nearness={"uphill": 0.1, "step-size": 0.2, "overshoot": 0.7})
    state, _ = step(LESSON, explain(), Act("answer"), near, misconceptions=MISCONCEPTIONS)
    assert state.focus == "overshoot"


def test_an_uncertain_idea_is_asked_as_a_blank_instead_of_guessed() -> None:
    unsure = Verdict(None, 0.0, unsure=("step-size",), nearness={"step-size": 0.6, "uphill": 0.3})
    state, moves = step(LESSON, explain(), Act("answer"), unsure, misconceptions=MISCONCEPTIONS)
    assert kinds(moves) == ["prompt"] and state.focus == "step-size"


def test_an_objection_is_settled_by_a_choice() -> None:
    _, moves = talk(explain(), "the gradient is a vector", "but that's what I said")
    assert kinds(moves) == ["choice"]


def test_questions_greetings_and_strays_cost_no_turn_and_ask_again() -> None:
    state = explain()
    for line, first in (
        ("Hello!", "ask"),
        ("what is a surface?", "ask"),
        ("tell me a joke about pizza", "decline"),
    ):
        after, moves = say(state, line)
        assert kinds(moves)[0] == first and kinds(moves)[-1] == "ask"
        assert (after.question_turns, after.covered, after.question) == (0, (), "q3")


def test_a_stray_during_a_blank_brings_the_blank_back() -> None:
    state, moves = talk(explain(), "I don't know", "I don't know", "what's the weather?")
    assert kinds(moves) == ["decline", "prompt"]
    assert state.expects == "cloze"


def test_skipping_moves_on_without_giving_the_answer() -> None:
    state, moves = say(begin(LESSON)[0], "skip")
    assert state.question == "q2" and state.outcomes["q1"] == "skipped"
    assert "correct" not in kinds(moves) and "recap" not in kinds(moves)


def test_stopping_ends_with_a_recap_and_nothing_follows() -> None:
    state, moves = say(begin(LESSON)[0], "stop")
    assert state.finished and kinds(moves) == ["recap", "recommend"]
    assert step(LESSON, state, Act("help")) == (state, [])


def test_a_resumed_lesson_asks_only_what_is_open_and_keeps_coverage() -> None:
    state, _ = begin(LESSON, done={"q1", "q2"}, covered={"q3": ["uphill"]})
    assert state.question == "q3" and state.covered == ("uphill",)
    state, moves = say(state, f"{IDEAS['step-size'].says} {IDEAS['overshoot'].says}")
    assert "recap" in kinds(moves) and state.question == "q4"


def test_a_state_survives_json_and_goes_on_the_same() -> None:
    state = begin(LESSON)[0]
    for line in ("3", "2", "2.4", "the gradient is a slope", "I don't know", DOWNHILL.belief, "hint"):
        again = DialogueState.from_json(json.loads(json.dumps(state.as_json())))
        assert again == state
        assert say(again, line) == say(state, line)
        state = say(state, line)[0]


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        DialogueState.from_json({**explain().as_json(), "colour": "blue"})


def test_an_answer_without_a_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="verdict"):
        step(LESSON, explain(), Act("answer"))


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(TutorError) as caught:
        judge_part(QUESTION, "cloze:nothing", "x", misconceptions=MISCONCEPTIONS)
    assert caught.value.code == "unknown-part"


def lines_of(question: ExplainQuestion) -> list[str]:
    right = [text for idea in question.expectations for text in (idea.says, *idea.variants)]
    wrong = [text for m in MISCONCEPTIONS.values() for text in (m.belief, *m.cue, *m.accepted_repairs)]
    steering = ["I don't know"] * 8 + ["hint"] * 4 + ["but I said that", "hello", "what is that?", "pizza?"]
    blanks = [answer for idea in question.expectations for answer in idea.cloze.answers]
    partial = [text for idea in question.expectations for text in idea.partial]
    return [*right, *wrong, *steering, *blanks, *partial, "1", "2", "3", "2.4", "ok", "w - lr * g"]


@pytest.mark.parametrize("seed", range(24))
def test_any_learner_comes_to_an_end_and_coverage_never_falls(seed: int) -> None:
    draw = random.Random(seed)
    lines = draw.sample(lines_of(QUESTION), 12)
    state, moves = begin(LESSON, only="q3" if seed % 2 else None)
    judged, last_moves = 0, moves
    while not state.finished:
        before = state
        state, last_moves = say(state, draw.choice([*lines, "I don't know"]))
        judged += state.turns - before.turns
        assert last_moves, "the tutor always says something"
        if state.question == before.question:
            assert set(before.covered) <= set(state.covered)
            assert set(state.covered) - set(before.covered) <= set(IDEAS)
            assert state.question_turns <= MOST_QUESTION_TURNS
            assert state.focus_turns <= MOST_FOCUS_TURNS
        assert judged <= 300
    assert last_moves[-1].kind == "recommend"


@pytest.mark.parametrize("seed", range(10))
def test_no_move_gives_away_an_idea_that_is_neither_said_nor_told(seed: int) -> None:
    draw = random.Random(100 + seed)
    lines = [*lines_of(QUESTION)[-30:], *["I don't know"] * 10]
    state, moves = begin(LESSON, only="q3")
    while not state.finished:
        open_ideas = [
            idea for idea in QUESTION.expectations if idea.id not in (*state.covered, *state.asserted)
        ]
        ends = any(move.kind == "recap" for move in moves)
        for move in moves:
            if move.kind == "choice" or ends:
                continue
            oracle = [text for idea in open_ideas for text in (idea.says, *idea.variants, idea.assertion)]
            for text in (move.text, *move.facts):
                assert find_leak(text, oracle, [QUESTION.ask]) is None
        state, moves = say(state, draw.choice(lines))


def test_a_learner_who_never_knows_gets_the_ideal_answer_within_the_limit() -> None:
    state, turns = explain(), 0
    while not state.finished:
        state, moves = say(state, "I don't know")
        turns += 1
    assert turns <= MOST_QUESTION_TURNS
    assert state.outcomes["q3"] == "told"
    assert any(QUESTION.ideal in move.text for move in moves)
