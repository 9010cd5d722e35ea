"""What only the learner may agree to, and how they are asked: through their client, and not by a model.

The rule owned here: where the client can ask its user, no argument of a model stands in for the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import (
    AcceptedElicitation,
    CancelledElicitation,
    Context,
    DeclinedElicitation,
    Elicit,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from knowledge.unit import CodeQuestion
from mcp_server.context import ServerContext
from mcp_server.reply import Yes
from mcp_server.solution import solution_of
from tutor_error import TutorError

Confirmed = AcceptedElicitation[Yes] | DeclinedElicitation | CancelledElicitation
Ask = Callable[..., "Elicit[Yes] | Yes"]
_MOST_SHOWN = 600
_RISKS = {
    "none": "This machine cannot isolate code: it would run with your own rights, and could read and change "
    "your files.",
    "landlock": "This machine isolates code by Landlock alone, which holds less than namespaces do.",
}


class Unasked(Yes):
    """An answer that nobody was asked for: nothing had to be confirmed, or the client cannot ask."""


def is_yes(confirmed: Confirmed) -> bool:
    return isinstance(confirmed, AcceptedElicitation) and confirmed.data.yes


def was_asked(confirmed: Confirmed) -> bool:
    return not (isinstance(confirmed, AcceptedElicitation) and isinstance(confirmed.data, Unasked))


def require_yes(confirmed: Confirmed) -> None:
    """TutorError `declined` unless the learner agreed, or nothing had to be agreed to."""
    if not is_yes(confirmed):
        raise TutorError(
            "declined",
            "The learner did not agree, so nothing was done.",
            "Go on without it, or ask them why.",
        )


def asks_before_solution(context: ServerContext) -> Ask:
    """Whether the learner wants to see a solution that is earned. Who cannot be asked says it by `agreed`."""

    def ask(ctx: Context[Any, Any], project: str, agreed: bool) -> Elicit[Yes] | Yes:
        if not _can_ask(ctx):
            return Unasked(yes=agreed)
        found = solution_of(context, project, agreed=False)
        if not found.earned:
            return Unasked(yes=agreed)
        return Elicit(f"{found.told} Show the author's solution of {project}?", Yes)

    return ask


def asks_before_code(context: ServerContext) -> Ask:
    """Whether code that came through a client may run without isolation."""

    def ask(ctx: Context[Any, Any], code: str | None, path: str | None) -> Elicit[Yes] | Yes:
        return _unheld(context, ctx, code or (f"the file {path}" if path else "the project's main file"))

    return ask


def asks_before_files(context: ServerContext) -> Ask:
    """The same for a submission."""

    def ask(ctx: Context[Any, Any], files: dict[str, str] | None, path: str | None) -> Elicit[Yes] | Yes:
        named = ", ".join(files) if files else path
        return _unheld(context, ctx, f"the submission {named}")

    return ask


def asks_before_code_answer(context: ServerContext) -> Ask:
    """The same for an answer that is code."""

    def ask(ctx: Context[Any, Any], question: str, answer: str) -> Elicit[Yes] | Yes:
        if not context.serves_others:
            return Unasked(yes=True)
        unit_id, _, rest = question.partition("/")
        _, asked = context.catalog.question(f"{unit_id}/{rest.partition('/')[0]}")
        return _unheld(context, ctx, answer) if isinstance(asked, CodeQuestion) else Unasked(yes=True)

    return ask


def _unheld(context: ServerContext, ctx: Context[Any, Any], code: str) -> Elicit[Yes] | Yes:
    tier = _tier_to_confirm(context)
    if tier == "none" and not _can_ask(ctx):
        raise TutorError(
            "needs-confirmation",
            "This machine cannot isolate code, and this client cannot ask the learner whether it may run.",
            "Ask them to run it themselves: `mltutor run FILE`, `mltutor check PATH`. See sandbox_status.",
        )
    # Landlock still holds what runs; a host that cannot ask in our name asks before a tool in its own.
    if tier == "" or not _can_ask(ctx):
        return Unasked(yes=True)
    shown = code if len(code) <= _MOST_SHOWN else f"{code[:_MOST_SHOWN]} ..."
    return Elicit(f"{_RISKS[tier]} May this run?\n\n{shown}", Yes)


def _tier_to_confirm(context: ServerContext) -> str:
    """The tier of isolation, where a model's code needs the learner's yes on it; empty where it does not.

    Our own front ends ask in their own words; without a standing consent nothing runs on `none` at all.
    """
    if not context.serves_others:
        return ""
    # Imported late: probing starts a process.
    from sandbox.isolation import current_isolation

    found = current_isolation()
    runs = found.tier != "none" or context.allow_unisolated
    return found.tier if runs and found.asks_before_model_code else ""


def _can_ask(ctx: Context[Any, Any]) -> bool:
    """The client declared that it shows questions to its user, in the form that is used here."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS or ctx.session.can_send_request
