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
from knowledge.unit import (
    ChoiceQuestion,
    CodeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    Misconception,
    Question,
)
from teaching import ladder
from teaching.answers import Verdict
from teaching.dialogue_state import DialogueState, Outcome
from teaching.hints import rungs_of
from teaching.moves import Move, Voice, excerpt, vary
from teaching.speech_act import Act

Turn = tuple[DialogueState, list[Move]]
_TEACHING_ORDER = (
    "idea", "mathematics", "in-code", "pitfalls", "problem", "data", "constraint", "architecture", "result",
    "why-it-worked", "leakage", "what-not-to-copy",
)  # fmt: skip
MOST_TRIES_TURNS = 6
_NUDGES = (
    "Read the question once more and look at what is given: what follows from it?",
    "Go through what is given, piece by piece: which one have you not used yet?",
    "Try the smallest case first, with numbers that you can follow by hand.",
)


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
        # How to put it is no help with the matter, and must not count as any.
        return state, [voice.move("remark", verdict.feedback, [verdict.feedback])]
    if verdict is not None and verdict.correct is False:
        state = replace(state, wrong_tries=state.wrong_tries + 1)
    else:
        state = replace(state, dont_knows=state.dont_knows + 1, helped=True)
    rung = state.wrong_tries + state.dont_knows
    hints = rungs_of(question)
    patience = len(hints) + (4 if isinstance(question, CodeQuestion) else 1)
    if state.wrong_tries >= 2 and not isinstance(question, CodeQuestion):
        return _settle(state, "told"), [_reason(question, voice, verdict)]
    if rung > patience or state.question_turns >= MOST_TRIES_TURNS:
        return _settle(state, "told"), [_reason(question, voice, verdict)]
    state = replace(state, helped=True)
    named = misconceptions.get(verdict.misconception or "") if verdict else None
    if named is not None:
        return state, [voice.repair(named, "With that in mind, try the question again.")]
    lead = _verdict_lead(question, verdict)
    if rung > len(hints):
        return state, [_after_the_last_hint(question, voice, hints, lead)]
    move = voice.hint(hints[rung - 1])
    return state, [replace(move, text=lead + move.text)]


def _after_the_last_hint(question: Question, voice: Voice, hints: list[str], lead: str) -> Move:
    """All hints are given: the last once more, or another way to look; for code, what to do next."""
    if isinstance(question, CodeQuestion):
        last = f" The last was: {hints[-1]}" if hints else ""
        text = (
            f"{lead}Those were all my hints.{last} `/grade FILE` runs what you have; `skip` passes over it."
        )
        return voice.move("hint", text, [text])
    nudge = f"Once more, because it matters: {hints[-1]}" if hints else vary(voice.seed, _NUDGES)
    return voice.move("hint", lead + nudge, [nudge])


def _verdict_lead(question: Question, verdict: Verdict | None) -> str:
    """What is said before the hint; a wrong formula may be told what kind of slip it is."""
    if verdict is None or verdict.correct is not False:
        return ""
    return f"{verdict.feedback} " if isinstance(question, FormulaQuestion) else "Not quite. "


def _reason(question: Question, voice: Voice, verdict: Verdict | None) -> Move:
    """The answer and why, after a word on how it came to this."""
    if isinstance(question, CodeQuestion):
        return voice.correct("Leave it for now, and come back to it with a file to grade.")
    leads = (
        ("Not that either. Let me show you.", "No. Here is how it goes.", "Not quite. This is the way.")
        if verdict is not None and verdict.correct is False
        else ("Then let me show you.", "Let us settle it.", "Here is how it goes.")
    )
    right: list[str] = []
    if isinstance(question, ChoiceQuestion):
        places = [place for place, option in enumerate(question.options, 1) if option.correct]
        right = [f"Right is option {' and '.join(map(str, places))}."]
    why = getattr(question, "why", "")
    return voice.correct(" ".join(filter(None, [vary(voice.seed, leads), *right, why])))


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
    asked = [name for name in state.steps if not name.startswith("#")]
    own = sum(outcome == "solved" for outcome in state.outcomes.values())
    if state.question is not None and state.question not in state.outcomes:
        place = f"at question {asked.index(state.question) + 1} of {len(asked)}" if len(asked) > 1 else "here"
        text = f"We stop {place}; `/learn {state.unit}` goes on with what is not answered yet."
    else:
        text = f"You answered {own} of {len(asked)} question{'s' * (len(asked) != 1)} without help."
        again = [n for n, name in enumerate(asked, 1) if state.outcomes.get(name) in ("told", "skipped")]
        if again:
            text += f" Worth another look: question{'s' * (len(again) > 1)} {_listed(again)}."
    done = replace(state, question=None, expects="nothing", focus=None, finished=True)
    return done, [*moves, voice.recap(text), voice.recommend()]


def _listed(numbers: list[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
