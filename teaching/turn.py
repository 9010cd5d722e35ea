"""One line of the learner, read against the open place of a dialogue: the act, and the verdict.

The one rule owned here: a line that fills the open blank, picks an option or is short
enough to be such an answer is an answer, whatever else its words could mean ("next" is
a good answer to "language models predict the ___ token").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from knowledge.page import Case, Lesson
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    Misconception,
    PredictQuestion,
    Question,
)
from teaching.answers import Verdict, fills, judge_answer, judge_cloze, judge_repair, pick_options
from teaching.dialogue_state import DialogueState
from teaching.features import Encoder
from teaching.formula.symbols import FormulaError, symbols_of
from teaching.formula.tree import read_formulas
from teaching.ladder import choice_options
from teaching.prototypes import nearest_act
from teaching.speech_act import Act, classify, is_bare_command
from tutor_error import TutorError

Beliefs = Mapping[str, Misconception]
_SAID_IN_WORDS = (ExplainQuestion, ClozeQuestion)
_ORDERS = re.compile(
    r"(?:please |can you |could you )*(?:compare|contrast|explain|define|describe|tell me (?:more )?about|"
    r"show me|remind me)\s+\S",
    re.IGNORECASE,
)
"""How a line begins that wants to be told something; a number, a choice, an order or code never does."""


def read_act(lesson: Lesson | Case, state: DialogueState, line: str, embedder: Encoder | None = None) -> Act:
    """The act of a line, given what the dialogue waits for."""
    question = lesson.question(state.question) if state.question else None
    return classify(line) if question is None else act_of_line(question, state, line, embedder)


def act_of_line(question: Question, state: DialogueState, line: str, embedder: Encoder | None = None) -> Act:
    """The act of a line before an open question. The embedder helps where no rule speaks."""
    if _answers_shortly(question, state, line):
        return Act("answer")
    act = classify(line, asked=question.ask)
    if act.kind == "answer" and not isinstance(question, _SAID_IN_WORDS) and _ORDERS.match(line.strip()):
        return Act("question")
    return nearest_act(line, question.ask, embedder) if act.kind == "answer" else act


def is_short_answer(lesson: Lesson | Case, state: DialogueState, line: str) -> bool:
    """The line fills the open blank, picks an option or repeats what is asked for: an answer for certain."""
    question = lesson.question(state.question) if state.question else None
    return question is not None and _answers_shortly(question, state, line)


def _answers_shortly(question: Question, state: DialogueState, line: str) -> bool:
    if isinstance(question, ClozeQuestion):
        asks_for_command = any(is_bare_command(answer) for answer in question.cloze.answers)
        return fills(question.cloze, line) or (asks_for_command and is_bare_command(line))
    if isinstance(question, FormulaQuestion):
        return _is_formula(question, line)
    if isinstance(question, ChoiceQuestion):
        return bool(pick_options([option.text for option in question.options], line))
    if isinstance(question, PredictQuestion):
        return "".join(line.lower().split()) == "".join(question.answer.lower().split())
    if isinstance(question, ExplainQuestion) and state.expects == "cloze":
        return any(fills(idea.cloze, line) for idea in question.expectations if idea.id == state.focus)
    return False


def _is_formula(question: FormulaQuestion, line: str) -> bool:
    """Whether a line reads as a formula, said with doubt ("is it s(1-s)?") or without."""
    said = re.sub(
        r"^(?:is|could|would|should) (?:it|that|this)(?: be| not)* |\?+$", "", line.strip(), flags=re.I
    )
    try:
        read_formulas(said, symbols_of(question), up_to=question.up_to)
    except FormulaError:
        return False
    return True


def judge_turn(
    lesson: Lesson | Case,
    state: DialogueState,
    line: str,
    *,
    misconceptions: Beliefs,
    embedder: Encoder | None = None,
) -> Verdict:
    """The verdict on an answer at the open place of a dialogue."""
    question = lesson.question(state.question) if state.question else None
    if question is None:
        raise TutorError("no-question", "No question is open in this dialogue.", "Start the lesson again.")
    return judge_part(
        question, state.part, line, misconceptions=misconceptions, embedder=embedder,
        covered_before=frozenset(state.covered),
    )  # fmt: skip


def judge_part(
    question: Question,
    part: str,
    answer: str,
    *,
    misconceptions: Beliefs,
    embedder: Encoder | None = None,
    covered_before: frozenset[str] = frozenset(),
) -> Verdict:
    """`part` is "" for the question itself, or what `DialogueState.part` gives: `kind:id`.

    Raises TutorError `unknown-part` for a part that the question does not have.
    """
    if not part or not isinstance(question, ExplainQuestion):
        return judge_answer(
            question, answer, misconceptions=misconceptions, embedder=embedder, covered_before=covered_before
        )
    kind, _, name = part.partition(":")
    if kind == "repair" and name in misconceptions:
        return judge_repair(misconceptions[name], answer, embedder)
    idea = next((idea for idea in question.expectations if idea.id == name), None)
    if idea is None or kind not in ("cloze", "choice", "restatement"):
        raise TutorError(
            "unknown-part",
            f"The question `{question.id}` has no part `{part}`.",
            "Answer the question itself.",
        )
    if kind == "choice":
        options = choice_options(question, idea.id, misconceptions)
        picked = pick_options(options, answer)
        if picked:
            return _judge_pick(question, idea.id, [options[place] for place in picked], misconceptions)
    if kind == "cloze":
        filled = judge_cloze(idea.id, idea.cloze, answer)
        if filled.correct:
            return filled
    verdict = judge_answer(
        question, answer, misconceptions=misconceptions, embedder=embedder, covered_before=covered_before
    )
    # A blank that was filled wrongly is settled; doubt about the rest of the line is no second chance.
    return replace(verdict, correct=False) if kind == "cloze" and not verdict.covered else verdict


def _judge_pick(question: ExplainQuestion, idea: str, picked: list[str], beliefs: Beliefs) -> Verdict:
    says = next(one.says for one in question.expectations if one.id == idea)
    if picked == [says]:
        return Verdict(True, 1.0, (idea,), feedback="Right.")
    named = next((m for m in question.misconceptions if m in beliefs and beliefs[m].belief in picked), None)
    return Verdict(False, 0.0, misconception=named, feedback="Not quite.")
