"""Resources: what a client reads by address, as Markdown. `listing` tells which there are.

The rule owned here: a resource shows what a tool shows, in the same words, and no more.
"""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer

from knowledge.outline import plan_text
from mcp_server.context import ServerContext
from mcp_server.curriculum_tools import read_public_unit
from mcp_server.help_tools import explain_attempt
from mcp_server.listing import MARKDOWN
from mcp_server.markdown import fenced
from mcp_server.news import PROGRESS
from mcp_server.progress_tools import read_progress
from mcp_server.reply import as_resource
from mcp_server.run_tools import show_run


def register_resources(server: MCPServer[Any], context: ServerContext) -> None:
    @server.resource(
        "unit://{id}",
        title="A unit",
        description="A lesson, case study or project brief, as a learner may read it.",
        mime_type=MARKDOWN,
    )
    def unit(id: str) -> str:
        return as_resource(lambda: read_public_unit(context.catalog, id).markdown, "unit", context)

    @server.resource(
        "programme://{id}",
        title="A programme",
        description="A study programme with its parts, weeks and units.",
        mime_type=MARKDOWN,
    )
    def programme(id: str) -> str:
        def read() -> str:
            return f"{fenced(plan_text(context.catalog.programme(id), context.catalog))}\n"

        return as_resource(read, "programme", context)

    @server.resource(
        "report://{attempt}",
        title="A report",
        description="A stored grade in words: what passed, what failed and why.",
        mime_type=MARKDOWN,
    )
    def report(attempt: str) -> str:
        return as_resource(lambda: explain_attempt(context, attempt).markdown, "report", context)

    @server.resource(
        "run://{id}",
        title="A run",
        description="A detached run: its state, output and report. Reading it closes it to predictions.",
        mime_type=MARKDOWN,
    )
    def run(id: str) -> str:
        return as_resource(lambda: show_run(context, context.runs.get(id)).as_text(), "run", context)

    @server.resource(
        PROGRESS,
        name="progress",
        title="The learner's progress",
        description="Mastery of every unit met so far, each with the attempts behind it.",
        mime_type=MARKDOWN,
    )
    def progress() -> str:
        return as_resource(lambda: read_progress(context).as_text(), "progress", context)
