"""What one turn may say: every rule of the guard, made ready once from the turn's state.

The rule owned here: what a text is checked against comes from the record and the content
alone, never from the text; a fault is told in a clause that gives nothing away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from knowledge.unit import ExplainQuestion, Question
from teaching.leak import LeakDetector
from tutor.agent.guard.arithmetic import disputed_sum
from tutor.agent.guard.citing import Citing, Place, place_of, unknown_place
from tutor.agent.guard.idea import gives_idea, open_ideas
from tutor.agent.guard.injection import addresses, markers, obeyed, orders, strip_links
from tutor.agent.guard.key import gives_key
from tutor.agent.guard.oracle import Oracle
from tutor.agent.guard.program import copies_solution
from tutor.agent.guard.stream import Blocked, GuardedStream
from tutor.agent.guard.verdict import confirms, false_claim, record_of
from tutor.speaker.speaker import Passage

_PUBLIC_MOVES = frozenset({"teach", "ask", "choice", "answer", "recommend"})
"""Moves whose words are content: a sentence there that says “that is wrong” is no verdict."""
_NO_FACTS = frozenset({"decline", "recap", "recommend"})
"""Moves about the conversation, which state nothing of the subject."""


@dataclass(frozen=True)
class Told:
    """One move of the turn: its kind and its authored words."""

    move: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Watch:
    """passages: what may be cited. sections: the whole text of each place that may be cited.

    told: the turn's moves. line: what the learner wrote. earlier: what the tutor said before, and
    what of the open lesson is settled. open: the questions that are still to be answered, with the
    ideas already said. outcome: what the turn's tools gave. in_lesson: a question of a lesson is open.
    """

    oracle: Oracle = field(default_factory=Oracle)
    passages: tuple[Passage, ...] = ()
    sections: Mapping[Place, str] = field(default_factory=dict[Place, str])
    told: tuple[Told, ...] = ()
    line: str = ""
    earlier: tuple[str, ...] = ()
    open: tuple[tuple[Question, frozenset[str]], ...] = ()
    outcome: Mapping[str, Any] = field(default_factory=dict[str, Any])
    in_lesson: bool = False

    def fault(self, text: str, move: str = "") -> str | None:
        """Why a text may not be said, None when it may. move: the kind of the move that it words."""
        if (place := unknown_place(text, self.passages)) is not None:
            return f"it cites {place}, which was not among the passages"
        if (marker := obeyed(text, self._markers)) is not None:
            return f"it says “{marker}” because a passage or an output asks for it"
        if self._leaks.find(text) is not None:
            return "it gives away part of an answer, a hint or a solution"
        if any(gives_key(question, text, self._shown, self.line) for question, _ in self.open):
            return "it gives away the answer to the open question"
        if self._gives_idea(text):
            return "it says an idea that the learner is still to find"
        if copies_solution(text, self.oracle.references, self._free_code):
            return "its code is the solution under other names"
        if disputed_sum(self.line, text):
            return "it disputes a sum of the learner's that is right"
        talks = move == "answer" and not self.in_lesson
        return false_claim(text, self._record, self._shown, talks=talks)

    def stream(self, move: str, emit: Callable[[str], None]) -> GuardedStream:
        """A stream that lets a speaker's words for a move through as far as they may be said."""
        facts = [word for one in self.told for word in one.words]
        return GuardedStream(emit, lambda text: self.fault(text, move), Tidying(self, facts, move))

    def finish(self, stream: GuardedStream, move: str) -> str:
        """The rest of the stream, then what only the whole can tell. Raises Blocked.

        Returns what was shown.
        """
        stream.finish()
        tidying = stream.tidy
        if isinstance(tidying, Tidying) and move == "answer" and self.passages and not tidying.citing.stayed:
            raise Blocked("none of its sentences is near enough to the passages to carry a citation of one")
        if move == "confirm" and not confirms(stream.said):
            raise Blocked("it does not say plainly that the learner was right")
        return stream.shown

    def _gives_idea(self, text: str) -> bool:
        for question, said in self.open:
            if isinstance(question, ExplainQuestion) and (ideas := open_ideas(question, said)):
                public = (*self._shown, self.line, question.ask)
                if gives_idea(question, ideas, text, public):
                    return True
        return False

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        """Words that this turn may say: its moves' own, and the passages that it may cite."""
        words = tuple(word for one in self.told for word in one.words)
        return (*words, *(passage.text for passage in self.passages), *self.sections.values())

    @cached_property
    def _free_code(self) -> tuple[str, ...]:
        return (*self.oracle.starters, *self.oracle.public, *self._shown, self.line)

    @cached_property
    def _leaks(self) -> LeakDetector:
        return LeakDetector(self.oracle.secret, (*self.oracle.public, *self._shown, *self.earlier, self.line))

    @cached_property
    def _verdicts(self) -> tuple[str, ...]:
        return tuple(word for one in self.told if one.move not in _PUBLIC_MOVES for word in one.words)

    @cached_property
    def _record(self) -> frozenset[Any]:
        return record_of(self.outcome, self._verdicts)

    @cached_property
    def _markers(self) -> frozenset[str]:
        """What hidden orders ask for. Words that also stand outside of orders are no sign."""
        read = [*(passage.text for passage in self.passages), *texts_of(self.outcome)]
        known = [self.line, *(word for one in self.told for word in one.words if not orders(word))]
        return markers(read, known)

    @cached_property
    def links(self) -> frozenset[str]:
        """Addresses that may go out: those of the content, of the move and of the learner."""
        return addresses([*self._shown, self.line])


class Tidying:
    """Takes out links of no source, then citations that do not hold; marks what has none."""

    def __init__(self, watch: Watch, facts: Sequence[str], move: str) -> None:
        self._links = watch.links
        names = {place_of(one.unit, one.section): one.citation for one in watch.passages}
        citable = watch.sections if move == "answer" else {}
        self.citing = Citing(citable, facts, marks=move not in _NO_FACTS, names=names)

    def sentence(self, text: str) -> str:
        return self.citing.sentence(strip_links(text, self._links))

    def end_paragraph(self) -> str:
        return self.citing.end_paragraph()


def texts_of(value: Any) -> list[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        return [value]
    inner: Iterable[Any] = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return [text for one in inner for text in texts_of(one)]


def sections_of(passages: Iterable[Passage], whole: Callable[[Passage], str]) -> dict[Place, str]:
    """The text behind each place that may be cited; whole: a passage's section in full, "" if unknown."""
    found: dict[Place, str] = {}
    for passage in passages:
        place = place_of(passage.unit, passage.section)
        if place not in found:
            found[place] = whole(passage) or passage.text
        elif passage.text not in found[place]:
            found[place] += f"\n\n{passage.text}"
    return found
