"""The graph of a turn, and what keeps it private.

understand, then retrieve or act, choose, speak, guard, remember; an open request is taken to the
model between choose and speak. The rule owned here: no run is traced or uploaded, whatever the
environment says.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tutor.agent import consulting, nodes, remembering, speaking
from tutor.agent.state import Deps, State

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

RECURSION_LIMIT = 12 + 2 * consulting.MOST_ROUNDS
"""Steps of one turn; seven are taken, and two for each round of a model's calls."""


def keep_private() -> None:
    """Switch off what langsmith, Chroma and the hub client would send. Before they are imported."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"


def build_graph(checkpointer: BaseCheckpointSaver[Any] | None = None) -> Any:
    """The compiled graph; its runs take `Deps` as context."""
    # Imported late: langgraph costs 0.8 s, which a front end spends after its first paint.
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(State, context_schema=Deps)
    steps = (
        nodes.understand,
        nodes.retrieve,
        nodes.act,
        nodes.choose,
        consulting.consult,
        consulting.use_tools,
        speaking.speak,
        speaking.guard,
        remembering.remember,
    )
    for step in steps:
        graph.add_node(step.__name__, step)
    graph.add_edge(START, "understand")
    graph.add_conditional_edges("understand", nodes.route, ["retrieve", "act"])
    for before, after in (("retrieve", "choose"), ("act", "choose"), ("use_tools", "consult"),
                          ("speak", "guard"), ("guard", "remember"), ("remember", END)):  # fmt: skip
        graph.add_edge(before, after)
    graph.add_conditional_edges("choose", consulting.wants_tools, ["consult", "speak"])
    graph.add_conditional_edges("consult", consulting.goes_on, ["use_tools", "speak"])
    return graph.compile(checkpointer=checkpointer)
