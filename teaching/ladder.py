"""One explain question: which idea to ask for next, and how much to give away.

The ladder of an idea is hint after hint, then a cloze, then a choice, then the tutor says
it and asks for it in the learner's words. The one rule owned here: only what the learner
says covers an idea; coverage never falls; the tutor's own words cover nothing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from knowledge.unit import Expectation, ExplainQuestion, Misconception, Question
from teaching.answers import Verdict
from teaching.dialogue_state import DialogueState
from teaching.features import letter_overlap
from teaching.moves import Move, Voice
from teaching.speech_act import Act

FRONTIER, COHERENCE, CENTRALITY = 0.5, 0.3, 0.2
"""Weights of the next idea: nearly said, close to what was just said, close to all the others."""
MOST_FOCUS_TURNS = 6
MOST_QUESTION_TURNS = 12
MOST_REPAIRS = 2

Turn = tuple[DialogueState, list[Move]]
Beliefs = Mapping[str, Misconception]


def explain_turn(
    question: ExplainQuestion, state: DialogueState, act: Act, verdict: Verdict | None, beliefs: Beliefs
) -> Turn:
    """One judged turn. The state's turn counts already include it."""
    newly = tuple(name for name in verdict.covered if name not in state.covered) if verdict else ()
    if verdict is not None:
        nearest = {name: max(p, state.nearness.get(name, 0.0)) for name, p in verdict.nearness.items()}
        state = replace(state, covered=state.covered + newly, nearness={**state.nearness, **nearest})
    if state.focus is None and _remaining(question, state):
        state = replace(_aim(question, state, None), focus_turns=state.focus_turns)
    voice = Voice(state.unit, question, state.seed)
    moves = [voice.confirm([_idea(question, name).says for name in newly])] if newly else []
    if len(state.covered) == len(question.expectations):
        return _wrap_up(question, state, moves)
    if state.question_turns >= MOST_QUESTION_TURNS:
        return _wrap_up(question, state, moves)
    if state.expects == "repair":
        return _after_repair(question, state, verdict, beliefs, moves)
    if verdict is not None and verdict.misconception in beliefs:
        turned = _repair(question, state, beliefs[str(verdict.misconception)], moves)
        if turned is not None:
            return turned
    return _lead_on(question, state, act, verdict, newly, beliefs, moves)


def _lead_on(
    question: ExplainQuestion,
    state: DialogueState,
    act: Act,
    verdict: Verdict | None,
    newly: Sequence[str],
    beliefs: Beliefs,
    moves: list[Move],
) -> Turn:
    focus = str(state.focus)
    if focus in state.covered or state.expects == "restatement":
        return _next_idea(question, state, newly, moves)
    if state.focus_turns >= MOST_FOCUS_TURNS - 1:
        return _tell(question, state, moves)
    if newly and state.expects == "answer":
        return state, [*moves, *_open_idea(question, state)]
    if act.kind == "dont_know":
        state = replace(state, dont_knows=state.dont_knows + 1, helped=True)
        return _climb(question, state, beliefs, moves, least=_after_dont_know(question, state))
    if act.kind == "objection":
        return _climb(
            question, replace(state, helped=True), beliefs, moves, least=_choice_rung(question, state)
        )
    unsure = [name for name in verdict.unsure if name not in state.asserted] if verdict else []
    if unsure and state.expects == "answer":
        nearest = max(unsure, key=lambda name: state.nearness.get(name, 0.0))
        state = state if nearest == focus else _refocus(state, nearest)
        return _climb(question, state, beliefs, moves, least=_prompt_rung(question, state))
    return _climb(question, state, beliefs, moves)


def _climb(
    question: ExplainQuestion, state: DialogueState, beliefs: Beliefs, moves: list[Move], least: int = 1
) -> Turn:
    """The focus's next rung, at least `least`: hints, then the cloze, the choice, the assertion."""
    idea = _idea(question, str(state.focus))
    rung = max(state.rungs.get(idea.id, 0) + 1, least)
    voice = Voice(state.unit, question, state.seed)
    state = replace(state, helped=True, rungs={**state.rungs, idea.id: rung})
    if rung <= len(idea.hints):
        return replace(state, expects="answer"), [*moves, voice.hint(idea.hints[rung - 1], idea)]
    if rung == _prompt_rung(question, state):
        return replace(state, expects="cloze"), [*moves, voice.prompt(idea)]
    if rung == _choice_rung(question, state):
        return replace(state, expects="choice"), [
            *moves, voice.choice(idea, choice_options(question, idea.id, beliefs)),
        ]  # fmt: skip
    return _tell(question, state, moves)


def _tell(question: ExplainQuestion, state: DialogueState, moves: list[Move]) -> Turn:
    idea = _idea(question, str(state.focus))
    voice = Voice(state.unit, question, state.seed)
    told = replace(
        state, expects="restatement", asserted=(*state.asserted, idea.id), helped=True,
        focus_turns=MOST_FOCUS_TURNS - 1,
    )  # fmt: skip
    return told, [*moves, voice.tell(idea), voice.restate(idea)]


def _next_idea(
    question: ExplainQuestion, state: DialogueState, newly: Sequence[str], moves: list[Move]
) -> Turn:
    """On to another idea that nobody has said; when none is left, the question ends."""
    if not _remaining(question, state):
        return _wrap_up(question, state, moves)
    state = _aim(question, state, newly[-1] if newly else None)
    return replace(state, expects="answer"), [*moves, *_open_idea(question, state)]


def _open_idea(question: ExplainQuestion, state: DialogueState) -> list[Move]:
    return [Voice(state.unit, question, state.seed).pump(question, state.covered)]


def _repair(
    question: ExplainQuestion, state: DialogueState, belief: Misconception, moves: list[Move]
) -> Turn | None:
    """The repair question of a misconception, at most twice; None when it was asked often enough."""
    count = state.repairs.get(belief.id, 0)
    if count >= MOST_REPAIRS or state.focus_turns >= MOST_FOCUS_TURNS - 1:
        return None
    voice = Voice(state.unit, question, state.seed)
    state = replace(
        state, expects="repair", repairing=belief.id, repairs={**state.repairs, belief.id: count + 1}
    )
    return state, [*moves, voice.repair(belief, belief.repair)]


def _after_repair(
    question: ExplainQuestion,
    state: DialogueState,
    verdict: Verdict | None,
    beliefs: Beliefs,
    moves: list[Move],
) -> Turn:
    """The repair is settled in one turn: confirmed, or corrected by the tutor. Then back to the idea."""
    voice = Voice(state.unit, question, state.seed)
    belief = beliefs.get(str(state.repairing))
    if verdict is not None and verdict.correct:
        said = voice.confirm(["So that idea does not hold."])
    else:
        told = f"Not quite. The answer is: {belief.accepted_repairs[0]}." if belief else "Let us go on."
        said = voice.correct(told)
    state = replace(state, expects="answer", repairing=None, helped=True)
    if str(state.focus) in state.covered:
        return _next_idea(question, state, (), [*moves, said])
    if state.focus_turns >= MOST_FOCUS_TURNS - 1:
        return _tell(question, state, [*moves, said])
    return state, [*moves, said, voice.pump(question, state.covered)]


def _wrap_up(question: ExplainQuestion, state: DialogueState, moves: list[Move]) -> Turn:
    """The ideal answer ends the question; the outcome tells who said it."""
    voice = Voice(state.unit, question, state.seed)
    if len(state.covered) == len(question.expectations):
        outcome = "helped" if state.helped else "solved"
        lead = (
            "You have all of it. Put together:" if outcome == "helped" else "You have all of it, by yourself:"
        )
    else:
        outcome, lead = (
            "told",
            f"You found {len(state.covered)} of {len(question.expectations)} ideas. All of them:",
        )
    ended = replace(state, expects="nothing", outcomes={**state.outcomes, question.id: outcome})
    return ended, [*moves, voice.recap(f"{lead} {question.ideal}")]


def choice_options(question: ExplainQuestion, idea_id: str, beliefs: Beliefs) -> tuple[str, ...]:
    """The idea among the question's misconceptions, in an order fixed by the ids."""
    idea = _idea(question, idea_id)
    wrong = [beliefs[name].belief for name in question.misconceptions if name in beliefs][:3]
    wrong = wrong or list(idea.partial[:2])
    options = [idea.says, *wrong]
    random.Random(f"{question.id}/{idea_id}").shuffle(options)
    return tuple(options)


def repeat(question: Question, state: DialogueState, beliefs: Beliefs, lead: str) -> list[Move]:
    """What is open, asked again."""
    voice = Voice(state.unit, question, state.seed)
    if not isinstance(question, ExplainQuestion) or state.focus is None:
        return [voice.ask(question, lead)]
    idea = _idea(question, state.focus)
    match state.expects:
        case "cloze":
            again = voice.prompt(idea)
        case "choice":
            again = voice.choice(idea, choice_options(question, idea.id, beliefs))
        case "restatement":
            again = voice.restate(idea)
        case "repair" if state.repairing in beliefs:
            again = voice.repair(beliefs[str(state.repairing)], beliefs[str(state.repairing)].repair)
        case _:
            return [voice.ask(question, lead)]
    return [replace(again, text=f"{lead} {again.text}".strip())]


def next_focus(question: ExplainQuestion, state: DialogueState, last: str | None) -> str:
    """The open idea of highest priority. Raises ValueError when none is open."""
    says = {idea.id: idea.says for idea in question.expectations}

    def priority(name: str) -> float:
        others = [letter_overlap(says[name], text) for other, text in says.items() if other != name]
        coherence = letter_overlap(says[name], says[last]) if last else 0.0
        frontier = state.nearness.get(name, 0.0)
        return FRONTIER * frontier + COHERENCE * coherence + CENTRALITY * sum(others) / len(others)

    return max(_remaining(question, state), key=priority)


def _remaining(question: ExplainQuestion, state: DialogueState) -> list[str]:
    said = {*state.covered, *state.asserted}
    return [idea.id for idea in question.expectations if idea.id not in said]


def _aim(question: ExplainQuestion, state: DialogueState, last: str | None) -> DialogueState:
    return _refocus(state, next_focus(question, state, last))


def _refocus(state: DialogueState, name: str) -> DialogueState:
    return replace(state, focus=name, focus_turns=0, dont_knows=0)


def _idea(question: ExplainQuestion, name: str) -> Expectation:
    return next(idea for idea in question.expectations if idea.id == name)


def _prompt_rung(question: ExplainQuestion, state: DialogueState) -> int:
    return len(_idea(question, str(state.focus)).hints) + 1


def _choice_rung(question: ExplainQuestion, state: DialogueState) -> int:
    return _prompt_rung(question, state) + 1


def _after_dont_know(question: ExplainQuestion, state: DialogueState) -> int:
    """Not knowing once gives a hint, twice the cloze, three times the assertion."""
    return {1: 1, 2: _prompt_rung(question, state)}.get(state.dont_knows, _choice_rung(question, state) + 1)
