"""The watch over one turn, made from the graph's state.

The rule owned here: a question is open while it is asked or pasted and not settled; its key
and its ideas are then secret, also from a question about it.
"""

from __future__ import annotations

from knowledge.catalog import Catalog
from knowledge.page import Case, Lesson
from knowledge.unit import ExplainQuestion, Question
from teaching.dialogue_state import DialogueState
from teaching.features import letter_overlap
from teaching.leak import tokens
from tutor.agent import lesson
from tutor.agent.briefing import read_besides
from tutor.agent.guard.oracle import oracle_of
from tutor.agent.guard.watch import Told, Watch, sections_of
from tutor.agent.state import Segment, State, passages_of
from tutor.speaker.speaker import Passage
from tutor_error import TutorError

_PASTED = 0.6
"""Letters that a line shares with a question from which on it is that question, pasted."""
_BEST = 3


def watch_of(state: State, catalog: Catalog) -> Watch:
    """What this turn may say: by the moves chosen, the passages found and the record."""
    passages = passages_of(state)
    segments = [Segment.from_json(stored) for stored in state.get("segments", [])]
    units = _units(state, segments)
    at = lesson.resume(state.get("lesson"))
    pages = [page for unit in units if (page := _page(catalog, unit)) is not None]
    is_open = at is not None and at.question is not None and at.unit in catalog.units
    opened = [_open_in(lesson.page_of(catalog, at.unit), at)] if at is not None and is_open else []
    line = state.get("line", "")
    opened += [(question, frozenset[str]()) for question in _pasted(pages, line, at)]
    said = tuple(one["text"] for one in state.get("messages", []) if one["role"] == "tutor")
    settled = _settled(lesson.page_of(catalog, at.unit), at) if at is not None and is_open else ()
    told = tuple(
        Told(one.move, tuple(filter(None, (one.text, *one.facts, one.next_step)))) for one in segments
    )
    return Watch(
        oracle_of(catalog, units), passages, sections_of(passages, lambda one: _section(catalog, one)),
        told, line, (*said, *settled), tuple(opened), read_besides(state) | state.get("outcome", {}), is_open,
    )  # fmt: skip


def _units(state: State, segments: list[Segment]) -> tuple[str, ...]:
    """The units in play: the lesson's, the project's, those of the best passages."""
    stored = state.get("lesson")
    units = [passage.unit for passage in passages_of(state)[:_BEST]]
    units += [segment.unit for segment in segments if segment.unit]
    units += [stored["unit"]] if stored else []
    units += [project] if (project := state.get("project")) else []
    return tuple(dict.fromkeys(units))


def _page(catalog: Catalog, unit_id: str) -> Lesson | Case | None:
    unit = catalog.units.get(unit_id)
    if unit is None or unit.status == "planned" or unit.kind == "project":
        return None
    return lesson.page_of(catalog, unit_id)


def _open_in(page: Lesson | Case, at: DialogueState) -> tuple[Question, frozenset[str]]:
    question = page.question(str(at.question))
    if question is None:
        raise TutorError(
            "unknown-question", f"`{at.unit}` has no question `{at.question}` any more.",
            f"`/learn {at.unit}` takes the lesson up again.",
        )  # fmt: skip
    return question, frozenset((*at.covered, *at.asserted))


def _settled(page: Lesson | Case, at: DialogueState) -> tuple[str, ...]:
    """What the lesson has told or heard so far: reasons of settled questions, ideas that were said."""
    found: list[str] = []
    for question in page.front.questions:
        over = at.outcomes.get(question.id) in ("solved", "helped", "told")
        if over:
            found += [getattr(question, "why", ""), getattr(question, "ideal", "")]
        if isinstance(question, ExplainQuestion):
            said = {*at.covered, *at.asserted} if question.id == at.question else set[str]()
            ideas = [idea for idea in question.expectations if over or idea.id in said]
            found += [text for idea in ideas for text in (idea.says, idea.assertion)]
    return tuple(filter(None, found))


def _pasted(pages: list[Lesson | Case], line: str, at: DialogueState | None) -> list[Question]:
    """Questions of the units in play that the learner's line repeats, and that the lesson has not settled."""
    words = " ".join(tokens(line))
    found: list[Question] = []
    for page in pages:
        for question in page.front.questions:
            here = at is not None and at.unit == page.unit.id
            if here and at is not None and (question.id == at.question or question.id in at.outcomes):
                continue
            asked = " ".join(tokens(question.ask))
            if asked and (asked in words or letter_overlap(line[:2000], question.ask) >= _PASTED):
                found.append(question)
    return found


def _section(catalog: Catalog, passage: Passage) -> str:
    """The section that a passage is of, in full; "" for the learner's own material."""
    from knowledge.passage import page_of

    unit = catalog.units.get(passage.unit)
    if unit is None or unit.status == "planned":
        return ""
    page = page_of(catalog, unit)
    section = page.section(passage.section)
    return page.text_under(section) if section is not None else ""
