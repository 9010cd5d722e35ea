"""The MCP server: the tutor's tools, resources and prompts, for the learner of each request.

It publishes `knowledge`, `sandbox` and `teaching` and adds no judgement of its own. The
rule owned here: the names of the tools are a contract.
"""

from __future__ import annotations

import logging
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer

from mcp_server.calls import for_learner_of_token
from mcp_server.completion import register_completion
from mcp_server.context import ServerContext
from mcp_server.curriculum_tools import register_curriculum_tools
from mcp_server.help_tools import register_help_tools
from mcp_server.placement_tools import register_placement_tools
from mcp_server.places import hide_places
from mcp_server.planning_tools import register_planning_tools
from mcp_server.progress_tools import register_progress_tools
from mcp_server.project_tools import register_project_tools
from mcp_server.prompts import register_prompts
from mcp_server.question_tools import register_question_tools
from mcp_server.resources import register_resources
from mcp_server.run_tools import register_run_tools
from mcp_server.wire import TutorServer

if TYPE_CHECKING:
    from mcp_server.auth import Auth

NAME = "mltutor"
_INSTRUCTIONS = Path(__file__).parent / "instructions.md"


def build_server(context: ServerContext, auth: Auth | None = None) -> MCPServer[Any]:
    """A server over `context`, which the caller closes after it.

    auth: how tokens are checked over HTTP; the context must then be one by token.
    """
    if (auth is not None) != context.by_token:
        raise ValueError("a server of many learners and the check of their tokens go together")
    _keep_the_screen_clean()
    by_token = (for_learner_of_token, hide_places(context)) if context.by_token else ()
    server = TutorServer(
        NAME,
        context,
        title="mltutor",
        instructions=_INSTRUCTIONS.read_text(encoding="utf-8").strip(),
        version=_version(),
        log_level="WARNING",
        middleware=(*by_token, context.calls),
        auth=auth.settings if auth is not None else None,
        token_verifier=auth.verifier if auth is not None else None,
    )
    register_curriculum_tools(server, context)
    register_planning_tools(server, context)
    register_progress_tools(server, context)
    register_project_tools(server, context)
    register_help_tools(server, context)
    register_question_tools(server, context)
    register_placement_tools(server, context)
    register_run_tools(server, context)
    register_resources(server, context)
    register_prompts(server, context)
    register_completion(server, context)
    return server


def _keep_the_screen_clean() -> None:
    """The SDK would log to the terminal, which the TUI draws on; a handler of ours stops it."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())


def _version() -> str:
    try:
        return version("mltutor")
    except PackageNotFoundError:
        return "0"
