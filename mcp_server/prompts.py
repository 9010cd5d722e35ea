"""Prompts that a client offers its user: how to study a unit, review code, plan a week.

Their texts are the Markdown files of `prompts/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mcp.server import MCPServer

from mcp_server.context import ServerContext

_FOLDER = Path(__file__).parent / "prompts"


def register_prompts(server: MCPServer[Any], context: ServerContext) -> None:
    @server.prompt(title="Study a unit", description="Learn one unit: its idea, then its questions.")
    def study_unit(unit: str) -> str:
        return _fill("study_unit", unit=unit, title=context.catalog.unit(unit).title)

    @server.prompt(
        title="Review my code", description="Find out why a project's checks fail, without the answer."
    )
    def review_my_code(project: str, path: str = "") -> str:
        place = path or str(context.workspaces / project)
        return _fill(
            "review_my_code", project=project, title=context.catalog.project(project).unit.title, path=place
        )

    @server.prompt(title="Plan my week", description="Seven days of study from what is due and what is next.")
    def plan_my_week(minutes: str = "60", programme: str = "") -> str:
        return _fill(
            "plan_my_week", minutes=minutes, programme=f" in the programme `{programme}`" if programme else ""
        )


def _fill(name: str, **values: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").format(**values)
