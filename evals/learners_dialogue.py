"""A talker led through a unit's dialogue, and what may not happen on the way.

The real turn: the act is read, the answer judged, the dialogue steps on. Code is judged by the
suite `grading`; here a code answer is right when its talker is. The rule owned here: a fault
names the unit, the question, the talker and the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evals.learners_talk import Line, Place, Talker
from knowledge.page import Case, Lesson
from knowledge.public import public_page
from knowledge.unit import CodeQuestion, ExplainQuestion, Misconception, Question
from teaching import dialogue
from teaching.answers import Verdict
from teaching.dialogue_state import DialogueState
from teaching.features import Encoder
from teaching.ladder import MOST_QUESTION_TURNS
from teaching.leak import Leak, LeakDetector
from teaching.moves import Move
from teaching.speech_act import Act
from teaching.turn import judge_turn, read_act

MOST_LINES = 40
"""Lines at one question, judged or not, after which it counts as endless."""
_DISPUTES = frozenset({"repair", "correct"})
_SHOWS = frozenset({"choice", "repair", "correct"})
"""Moves that show what a misconception says and what speaks against it."""


@dataclass
class Tale:
    """What came of one dialogue. faults: by rule, in words.

    heard and sound: ideas of sound answers that were counted, of all that their labels say are
    there. confirmed and keys: right turns confirmed, of exact keys. voiced and named: turns of wrong
    answers, and those at which a misconception was named. covered: ideas counted in all.
    """

    turns: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    sound: int = 0
    heard: int = 0
    disputed: int = 0
    answered_soundly: int = 0
    keys: int = 0
    confirmed: int = 0
    voiced: int = 0
    named: int = 0
    covered: int = 0

    def blame(self, rule: str, where: str, what: str) -> None:
        self.faults.setdefault(rule, []).append(f"{where}: {what}")


class Watch:
    """The leaks of one unit, looked for in every move; what may be said depends on what was said."""

    def __init__(self, lesson: Lesson | Case, beliefs: Mapping[str, Misconception]) -> None:
        self._public = texts_of(public_page(lesson))
        self._beliefs = beliefs
        self._unit = lesson.unit.id
        self._detectors: dict[tuple[str, frozenset[str], str], LeakDetector] = {}

    def find(self, question: Question, state: DialogueState, move: Move) -> Leak | None:
        """A leak of an idea that is neither said nor told, or of the answer while the question is open.

        state: after the turn. Hints and blanks are there to be shown; a choice shows its own idea among
        wrong ones; a repair shows what its misconception's author wrote against it.
        """
        if question.id in state.outcomes or state.question != question.id:
            return None
        told = frozenset({*state.covered, *state.asserted})
        shown = f"{move.kind}:{move.expectation}" if move.kind in _SHOWS else ""
        key = (question.id, told, shown)
        if key not in self._detectors:
            self._detectors[key] = self._detector(question, told, shown)
        # Line by line: what stands on two lines of a list is no run of one text.
        found = (self._detectors[key].find(line) for line in move.text.splitlines())
        return next((leak for leak in found if leak is not None), None)

    def _detector(self, question: Question, told: frozenset[str], shown: str) -> LeakDetector:
        kind, _, offered = shown.partition(":")
        public = [*self._public, *(self._named(question) if kind in _SHOWS else ())]
        if not isinstance(question, ExplainQuestion):
            return LeakDetector([str(getattr(question, "why", ""))], [*public, *question.hints])
        secret = [question.ideal]
        for idea in question.expectations:
            known = [idea.says, idea.assertion, *idea.variants]
            if idea.id in told:
                public += known
            else:
                secret += known
                is_offered = kind == "choice" and idea.id == offered
                public += [*idea.hints, idea.cloze.text, *([idea.says] if is_offered else [])]
        return LeakDetector(secret, public)

    def _named(self, question: Question) -> list[str]:
        """What the unit's misconceptions hold ready for a choice and for whoever voices one."""
        return [
            text
            for one in self._beliefs.values()
            if self._unit in one.units or one.id in getattr(question, "misconceptions", ())
            for text in (one.belief, one.contrast, one.repair, *one.accepted_repairs)
        ]


def texts_of(value: object) -> list[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in texts_of(inner)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts_of(inner)]  # pyright: ignore[reportUnknownVariableType]
    return []


def converse(
    lesson: Lesson | Case,
    name: str,
    talker: Talker,
    beliefs: Mapping[str, Misconception],
    encoder: Encoder | None,
    watch: Watch,
) -> Tale:
    """The whole dialogue of a unit with one talker."""
    tale = Tale()
    state, moves = dialogue.begin(lesson)
    at_question, lines = "", 0
    while not state.finished:
        question = lesson.question(str(state.question))
        assert question is not None, "an unfinished dialogue has an open question"
        lines = lines + 1 if question.id == at_question else 0
        at_question = question.id
        where = f"{lesson.unit.id}/{question.id} {name} turn {lines + 1}"
        if lines >= MOST_LINES:
            tale.blame("ended", where, f"{MOST_LINES} lines and no end")
            return tale
        line = talker(Place(lesson, state, question, beliefs, lines))
        act, verdict = _judge(lesson, state, question, line, beliefs, encoder)
        before = state
        state, moves = dialogue.step(lesson, state, act, verdict, misconceptions=beliefs)
        tale.turns += 1
        _check(tale, where, question, before, state, moves, watch)
        _count(tale, where, question, before, line, act, verdict, moves)
    return tale


def _judge(
    lesson: Lesson | Case,
    state: DialogueState,
    question: Question,
    line: Line,
    beliefs: Mapping[str, Misconception],
    encoder: Encoder | None,
) -> tuple[Act, Verdict | None]:
    act = read_act(lesson, state, line.text)
    if act.kind != "answer":
        return act, None
    if isinstance(question, CodeQuestion):
        return act, Verdict(line.is_key, float(line.is_key))
    return act, judge_turn(lesson, state, line.text, misconceptions=beliefs, embedder=encoder)


def _check(
    tale: Tale, where: str, question: Question, before: DialogueState, after: DialogueState,
    moves: list[Move], watch: Watch,
) -> None:  # fmt: skip
    """The rules that hold for every talker."""
    if after.question == before.question:
        lost = set(before.covered) - set(after.covered)
        if lost:
            tale.blame("coverage_kept", where, f"lost {', '.join(sorted(lost))}")
        if after.question_turns > MOST_QUESTION_TURNS:
            tale.blame("ended", where, f"{after.question_turns} judged turns")
    for move in moves:
        leak = watch.find(question, after, move) if move.question in (question.id, None) else None
        if leak is not None:
            tale.blame("no_leak", where, f"{move.kind} gives away “{leak.passage}”")


def _count(
    tale: Tale, where: str, question: Question, before: DialogueState, line: Line, act: Act,
    verdict: Verdict | None, moves: list[Move],
) -> None:  # fmt: skip
    """How right and wrong answers were met."""
    kinds = {move.kind for move in moves if move.question == question.id}
    if line.is_key:
        tale.keys += 1
        tale.confirmed += "confirm" in kinds or "recap" in kinds
        if "confirm" not in kinds and "recap" not in kinds:
            tale.blame("keys_confirmed", where, f"`{line.text[:40]}` is the key and was not confirmed")
    tale.covered += len(verdict.covered) if verdict is not None else 0
    row = line.written
    if (
        row is None
        or before.expects not in ("answer", "restatement")
        or act.kind != "answer"
        or verdict is None
    ):
        return
    if row.is_sound:
        stated = {name for name, label in row.labels.items() if label == "covered"} - set(before.covered)
        tale.sound += len(stated)
        tale.heard += len(stated & set(verdict.covered))
        tale.answered_soundly += 1
        if verdict.misconception is not None or kinds & _DISPUTES:
            tale.disputed += 1
            tale.blame("undisputed", where, f"“{row.answer[:80]}” ({row.id}) is sound and was disputed")
    if row.style in ("wrong", "contradicting"):
        tale.voiced += 1
        tale.named += verdict.misconception is not None
