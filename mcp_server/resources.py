"""Resources: a unit, a programme and a report as Markdown, for a client that reads by address."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer

from knowledge.outline import plan_text
from mcp_server.context import ServerContext
from mcp_server.curriculum_tools import read_public_unit
from mcp_server.help_tools import explain_attempt
from mcp_server.reply import as_resource

MARKDOWN = "text/markdown"


def register_resources(server: MCPServer[Any], context: ServerContext) -> None:
    @server.resource(
        "unit://{id}",
        title="A unit",
        description="A lesson, case study or project brief, as a learner may read it.",
        mime_type=MARKDOWN,
    )
    def unit(id: str) -> str:
        return as_resource(lambda: read_public_unit(context.catalog, id).markdown, "unit", context.logs)

    @server.resource(
        "programme://{id}",
        title="A programme",
        description="A study programme with its parts, weeks and units.",
        mime_type=MARKDOWN,
    )
    def programme(id: str) -> str:
        def read() -> str:
            return f"```\n{plan_text(context.catalog.programme(id), context.catalog)}\n```\n"

        return as_resource(read, "programme", context.logs)

    @server.resource(
        "report://{attempt}",
        title="A report",
        description="A stored grade in words: what passed, what failed and why.",
        mime_type=MARKDOWN,
    )
    def report(attempt: str) -> str:
        return as_resource(lambda: explain_attempt(context, attempt).markdown, "report", context.logs)
