"""The dialogue over a lesson, as a state machine: a state and what the learner did give a state and moves.

It alternates a piece of teaching with a question, and ends with a recap. No model, no
clock, no store: whoever calls it judges the answer (`turn.py`), keeps the state and
speaks the moves. The one rule owned here: a dialogue always ends; a question takes at
most 12 judged turns and a line that answers nothing costs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from knowledge.page import Case, Lesson
from knowledge.unit import CodeQuestion, ExplainQuestion, FormulaQuestion, Misconception, Question
from teaching import ladder
from teaching.answers import Verdict
from teaching.dialogue_state import DialogueState, Outcome
from teaching.moves import Move, Voice, excerpt
from teaching.speech_act import Act

Turn = tuple[DialogueState, list[Move]]
_TEACHING_ORDER = (
    "idea", "mathematics", "in-code", "pitfalls", "problem", "data", "constraint", "architecture", "result",
    "why-it-worked", "leakage", "what-not-to-copy",
)  # fmt: skip
MOST_TRIES_TURNS = 6
_NUDGE = "Read the question once more and look at what is given: what follows from it?"


def begin(
    lesson: Lesson | Case,
    *,
    only: str | None = None,
    done: Iterable[str] = (),
    covered: Mapping[str, Iterable[str]] | None = None,
) -> Turn:
    """The first state and moves.

    only: one question without the lesson around it; done: questions already answered (from the
    log), which are not asked again; covered: expectations already said, by question.
    """
    done = set(done)
    asked = [q.id for q in lesson.front.questions if q.id not in done and only in (None, q.id)]
    if only is not None and not asked:
        asked = [q.id for q in lesson.front.questions if q.id == only]
    carried = {name: tuple(ids) for name, ids in (covered or {}).items()}
    steps = tuple(asked) if only else _alternate(_taught(lesson), asked)
    return _advance(lesson, DialogueState(lesson.unit.id, steps, carried=carried), [])


def _taught(lesson: Lesson | Case) -> list[str]:
    by_anchor = {section.anchor: section for section in lesson.page.sections}
    known = [name for name in _TEACHING_ORDER if name in by_anchor]
    return [f"#{name}" for name in known if lesson.page.text_under(by_anchor[name]).strip()]


def _alternate(sections: list[str], questions: list[str]) -> tuple[str, ...]:
    """Section, question, section, question; what is left over of either follows at the end."""
    steps: list[str] = []
    for place in range(max(len(sections), len(questions))):
        steps += sections[place : place + 1] + questions[place : place + 1]
    return tuple(steps)


def step(
    lesson: Lesson | Case,
    state: DialogueState,
    act: Act,
    verdict: Verdict | None = None,
    *,
    misconceptions: Mapping[str, Misconception] | None = None,
) -> Turn:
    """What follows on the learner's line. An `answer` needs its verdict; ValueError without."""
    question = lesson.question(state.question) if state.question else None
    if state.finished or question is None:
        return state, []
    voice = Voice(state.unit, question, state.seed)
    if act.kind == "meta":
        return _steer(lesson, state, act, question)
    if act.kind in ("greeting", "off_topic", "question"):
        lead = {"greeting": "Hello!", "question": "Back to our question.", "off_topic": ""}[act.kind]
        again = ladder.repeat(question, state, misconceptions or {}, lead)
        return replace(state, turns=state.turns + 1), [
            voice.decline(),
            *again,
        ] if act.kind == "off_topic" else again
    if act.kind == "answer" and verdict is None:
        raise ValueError("an answer needs its verdict")
    state = replace(
        state,
        turns=state.turns + 1,
        question_turns=state.question_turns + 1,
        focus_turns=state.focus_turns + 1,
    )
    if isinstance(question, ExplainQuestion):
        state, moves = ladder.explain_turn(question, state, act, verdict, misconceptions or {})
    else:
        state, moves = _plain_turn(question, state, act, verdict, misconceptions or {})
    return _advance(lesson, state, moves) if state.question in state.outcomes else (state, moves)


def ask_again(
    lesson: Lesson | Case, state: DialogueState, misconceptions: Mapping[str, Misconception], lead: str = ""
) -> list[Move]:
    """What is open, asked again after something beside it; nothing when nothing is open."""
    question = lesson.question(state.question) if state.question else None
    return ladder.repeat(question, state, misconceptions, lead) if question is not None else []


def hasten(state: DialogueState) -> DialogueState:
    """The same dialogue without the reading that is still to come; its questions stay."""
    kept = tuple(name for name in state.steps[state.at + 1 :] if not name.startswith("#"))
    return replace(state, steps=(*state.steps[: state.at + 1], *kept), turns=state.turns + 1)


def reason_of(lesson: Lesson | Case, state: DialogueState) -> tuple[str, str] | None:
    """The question settled last and the authored reason of its answer; None before the first."""
    settled = [name for name, outcome in state.outcomes.items() if outcome != "skipped"]
    question = lesson.question(settled[-1]) if settled else None
    if question is None:
        return None
    why = question.ideal if isinstance(question, ExplainQuestion) else getattr(question, "why", "")
    return question.id, why


def _steer(lesson: Lesson | Case, state: DialogueState, act: Act, question: Question) -> Turn:
    state = replace(state, turns=state.turns + 1)
    if act.command == "repeat":
        return state, [Voice(state.unit, question, state.seed).ask(question)]
    if act.command == "next":
        return _advance(lesson, replace(state, outcomes={**state.outcomes, question.id: "skipped"}), [])
    return _finish(lesson, state, [])


def _plain_turn(
    question: Question,
    state: DialogueState,
    act: Act,
    verdict: Verdict | None,
    misconceptions: Mapping[str, Misconception],
) -> Turn:
    """A question with one right answer: wrong once gives help, wrong twice the reason."""
    voice = Voice(state.unit, question, state.seed)
    if verdict is not None and verdict.correct:
        outcome: Outcome = "helped" if state.helped or state.wrong_tries else "solved"
        why = getattr(question, "why", "")
        return _settle(state, outcome), [voice.confirm([why] if why else [])]
    if verdict is not None and verdict.correct is None and state.question_turns < MOST_TRIES_TURNS:
        return state, [voice.move("hint", verdict.feedback, [verdict.feedback])]
    if verdict is not None and verdict.correct is False:
        state = replace(state, wrong_tries=state.wrong_tries + 1)
    else:
        state = replace(state, dont_knows=state.dont_knows + 1, helped=True)
    rung = state.wrong_tries + state.dont_knows
    patience = len(question.hints) + (4 if isinstance(question, CodeQuestion) else 1)
    if state.wrong_tries >= 2 and not isinstance(question, CodeQuestion):
        return _settle(state, "told"), [_reason(question, voice)]
    if rung > patience or state.question_turns >= MOST_TRIES_TURNS:
        return _settle(state, "told"), [_reason(question, voice)]
    state = replace(state, helped=True)
    named = misconceptions.get(verdict.misconception or "") if verdict else None
    if named is not None:
        return state, [voice.repair(named, "With that in mind, try the question again.")]
    hint = question.hints[min(rung, len(question.hints)) - 1] if question.hints else _NUDGE
    lead = _verdict_lead(question, verdict)
    move = voice.hint(hint)
    return state, [replace(move, text=lead + move.text)]


def _verdict_lead(question: Question, verdict: Verdict | None) -> str:
    """What is said before the hint; a wrong formula may be told what kind of slip it is."""
    if verdict is None or verdict.correct is not False:
        return ""
    return f"{verdict.feedback} " if isinstance(question, FormulaQuestion) else "Not quite. "


def _reason(question: Question, voice: Voice) -> Move:
    why = getattr(question, "why", "")
    return voice.correct(why or "Leave it for now, and come back to it with a file to grade.")


def _settle(state: DialogueState, outcome: Outcome) -> DialogueState:
    return replace(state, outcomes={**state.outcomes, str(state.question): outcome})


def _advance(lesson: Lesson | Case, state: DialogueState, moves: list[Move]) -> Turn:
    """On to the next question, teaching what stands before it."""
    for at in range(state.at + 1, len(state.steps)):
        name = state.steps[at]
        if name.startswith("#"):
            moves = [*moves, _teach(lesson, name[1:])]
            continue
        question = lesson.question(name)
        if question is None:
            raise ValueError(f"the lesson has no question {name}")
        fresh = DialogueState(
            state.unit, state.steps, at, name, "answer", turns=state.turns, outcomes=state.outcomes,
            carried=state.carried, covered=state.carried.get(name, ()),
        )  # fmt: skip
        return fresh, [*moves, Voice(state.unit, question, fresh.seed).ask(question)]
    return _finish(lesson, replace(state, at=len(state.steps)), moves)


def _teach(lesson: Lesson | Case, anchor: str) -> Move:
    section = lesson.page.section(anchor)
    if section is None:
        raise ValueError(f"the lesson has no section {anchor}")
    shown = excerpt(lesson.page.text_under(section))
    return Move(
        "teach", f"**{section.title}**\n\n{shown}", lesson.unit.id, facts=(shown,), section=section.anchor
    )


def _finish(lesson: Lesson | Case, state: DialogueState, moves: list[Move]) -> Turn:
    voice = Voice(state.unit, None, state.seed)
    own = sum(outcome == "solved" for outcome in state.outcomes.values())
    asked = sum(not name.startswith("#") for name in state.steps)
    again = [name for name, outcome in state.outcomes.items() if outcome in ("told", "skipped")]
    text = f"You answered {own} of {asked} question{'s' * (asked != 1)} without help."
    if again:
        text += f" Worth another look: {', '.join(again)}."
    done = replace(state, question=None, expects="nothing", focus=None, finished=True)
    return done, [*moves, voice.recap(text), voice.recommend()]
