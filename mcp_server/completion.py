"""Completion: the ids that fit what was typed so far, in arguments of prompts and in addresses.

The rule owned here: only what the learner may name is offered; of a project's checks, those that a report
of theirs has told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from anyio import to_thread
from mcp.server import MCPServer
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from knowledge.unit import Kind
from mcp_server.context import ServerContext

MOST_OFFERED = 100
_LONGEST = 200
Known = dict[str, str]
"""The arguments that are filled in already."""
Ids = Callable[[ServerContext, Known], Iterable[str]]


def register_completion(server: MCPServer[Any], context: ServerContext) -> None:
    @server.completion()
    async def complete(  # pyright: ignore[reportUnusedFunction]
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        given: CompletionContext | None,
    ) -> Completion | None:
        place = ref.name if isinstance(ref, PromptReference) else str(ref.uri)
        ids = _SOURCES.get((place, argument.name))
        if ids is None:
            return None
        known = dict(given.arguments or {}) if given is not None else {}
        found = await to_thread.run_sync(lambda: list(ids(context, known)))
        return offer(found, argument.value)


def offer(ids: Iterable[str], typed: str) -> Completion:
    """Those that begin with what was typed, then those that hold it; at most 100, with how many there are."""
    wanted = typed.strip().casefold()[:_LONGEST]
    known = list(dict.fromkeys(ids))
    first = [one for one in known if one.casefold().startswith(wanted)]
    later = [one for one in known if wanted in one.casefold() and one not in first] if wanted else []
    found = first + later
    return Completion(values=found[:MOST_OFFERED], total=len(found), has_more=len(found) > MOST_OFFERED)


def _written(*kinds: Kind) -> Ids:
    def ids(context: ServerContext, _: Known) -> Iterable[str]:
        return [u.id for u in context.catalog.units.values() if u.kind in kinds and u.status != "planned"]

    return ids


def _programmes(context: ServerContext, _: Known) -> Iterable[str]:
    return context.catalog.programme_ids


def _attempts(context: ServerContext, _: Known) -> Iterable[str]:
    """Grades of this learner, newest first."""
    return [event.attempt for event in reversed(context.records.events(context.learner, kind="graded"))]


def _runs(context: ServerContext, _: Known) -> Iterable[str]:
    return context.runs.ids()


def _questions(context: ServerContext, known: Known) -> Iterable[str]:
    """Of the unit that is filled in already; of none without one."""
    unit = context.catalog.units.get(known.get("unit", ""))
    if unit is None or unit.status == "planned" or unit.kind == "project":
        return []
    page = context.catalog.case(unit.id) if unit.kind == "case_study" else context.catalog.lesson(unit.id)
    return [question.id for question in page.front.questions]


def _checks(context: ServerContext, known: Known) -> Iterable[str]:
    """Those that the learner's own reports on the project name, failed ones first."""
    project = known.get("project", "")
    graded = context.records.events(context.learner, kind="graded", unit=project) if project else []
    reports = [context.last_checks.get(project), *(event.payload["grade"] for event in reversed(graded))]
    rows = [row for report in reports if report for row in report["checks"]]
    return [str(row["id"]) for row in sorted(rows, key=lambda row: row["status"] == "passed")]


_SOURCES: dict[tuple[str, str], Ids] = {
    ("tutor", "unit"): _written("lesson", "case_study"),
    ("tutor", "question"): _questions,
    ("case_discussion", "case"): _written("case_study"),
    ("explain_like_i_know", "topic"): _written("lesson", "case_study", "project"),
    ("review_my_attempt", "attempt"): _attempts,
    ("debug_with_me", "project"): _written("project", "case_study"),
    ("debug_with_me", "check"): _checks,
    ("plan_my_week", "programme"): _programmes,
    ("unit://{id}", "id"): _written("lesson", "case_study", "project"),
    ("programme://{id}", "id"): _programmes,
    ("report://{attempt}", "attempt"): _attempts,
    ("run://{id}", "id"): _runs,
}
