"""The tool of a placement: which question comes next, and at the end where the learner stands.

Answers are judged and kept by `answer_question`. It writes nothing: what was asked and how it went
is read from the event log, so that a placement that broke off goes on.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from pydantic import BaseModel

from mcp_server.answering import page_of
from mcp_server.arguments import PlacementSession, Scope
from mcp_server.context import ServerContext
from mcp_server.markdown import bullets, joined
from mcp_server.question_tools import AskedQuestion, show_question
from mcp_server.reply import Reply, tool
from teaching.evidence import question_id
from teaching.indirect import graph_of
from teaching.placement import MOST_ITEMS, items_of, next_item, scope_of, with_needed
from teaching.placing import Placed, judged_replies, known_replies, outcome_of, replies_of
from teaching.planner import recommend_next
from teaching.records import Event
from teaching.tracing import mastery
from tutor_error import TutorError


class PlacedUnit(BaseModel):
    """A unit that is passed over, how likely it is known, why, and the attempts that say so."""

    unit: str
    title: str
    p: float
    why: str
    evidence: list[str]


class PlacementStep(Reply):
    """`question` is the next one, or null when the placement is over; then the rest is told.

    stop: `enough` questions were asked, what is open is `settled`, or `no-items` are left.
    passed_over: units of the scope that need not be taken. start: the unit to begin with.
    """

    session: str
    scope: str
    title: str
    asked: int
    most: int
    question: AskedQuestion | None
    stop: str
    right: int
    passed_over: list[PlacedUnit]
    start: str | None
    told: str

    def as_text(self) -> str:
        if self.question is not None:
            place = f"Question {self.asked + 1} of at most {self.most}"
            head = f"{place} ({self.title}). Tell no verdict on the way."
            return joined(
                head, self.question.as_text(), f"Give answer_question the placement `{self.session}`."
            )
        rows = [f"`{one.unit}` ({one.title}): {one.why}" for one in self.passed_over[:40]]
        begin = f"Begin with `{self.start}`." if self.start else ""
        return joined(self.told, bullets(rows), begin)


def register_placement_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Find out where a learner stands", reads=True)
    def place_learner(session: PlacementSession, scope: Scope | None = None) -> PlacementStep:
        """The next question of a placement, or its outcome: at most twelve questions in all.

        Use it with a learner who knows part of the field, before a plan; not to teach. Show
        the question as it is, give the answer to answer_question with `placement` set to the session,
        then call this again. Tell no verdicts on the way. An answer "I don't know" is welcome.
        """
        graph = graph_of(context.catalog)
        title, wanted = scope_of(context.catalog, scope)
        events = context.records.events(context.learner)
        replies = replies_of(context.catalog, events, session)
        asked = {question_id(event) for event in judged_replies(events, session)}
        known = known_replies(context.catalog, events, session)
        scoped = with_needed(graph, wanted)
        if not items_of(context.catalog, scoped):
            raise TutorError(
                "nothing-to-ask", f"Nothing that {title} needs is written yet.", "`mltutor plan` shows more."
            )
        items = [
            item
            for item in items_of(context.catalog, scoped, asked)
            if item.unit not in {reply.unit for reply in known}
        ]
        pick = next_item(graph, wanted, items, (*known, *replies), most=MOST_ITEMS + len(known))
        step = PlacementStep(
            session=session,
            scope=scope or "",
            title=title,
            asked=len(replies),
            most=MOST_ITEMS,
            question=None,
            stop=pick.stop,
            right=sum(reply.right for reply in replies),
            passed_over=[],
            start=None,
            told="",
        )
        if pick.item is not None:
            page = page_of(context, pick.item.unit)
            question = page.question(pick.item.id.partition("/")[2])
            assert question is not None, "an item is made of a question of its page"
            return step.model_copy(update={"question": show_question(context, page, question)})
        placed = outcome_of(context.catalog, events, scoped, session)
        start = (
            placed.start if scope not in context.catalog.programme_ids else _next_in(context, scope, events)
        )
        return step.model_copy(
            update={
                "passed_over": [_placed(one) for one in placed.passed_over],
                "start": start,
                "told": placed.told,
            }
        )


def _next_in(context: ServerContext, programme: str | None, events: list[Event]) -> str | None:
    """What `recommend_next` would say, so that both lead to the same unit."""
    return recommend_next(context.catalog, mastery(context.catalog, events), programme, events).unit


def _placed(one: Placed) -> PlacedUnit:
    return PlacedUnit(unit=one.unit, title=one.title, p=one.p, why=one.why, evidence=list(one.evidence))
