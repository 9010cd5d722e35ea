"""The toolbox: a real client in this process, its events, and errors that keep their remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_server.context import ServerContext
from mcp_server.server import build_server
from tutor.events import Event, ToolFinished, ToolProgressed, ToolStarted
from tutor.toolbox import open_toolbox
from tutor_error import TutorError

pytestmark = pytest.mark.anyio


async def test_a_call_is_told_from_start_to_end(tmp_path: Path) -> None:
    context = ServerContext(tmp_path, embedder_setting="none", vectors="off")
    events: list[Event] = []
    async with open_toolbox(build_server(context)) as toolbox:
        ran = await toolbox.run("print(1)", None, 20, events.append)
        found = await toolbox.search("what is the bias of a neuron?", 2)
    context.close()
    assert ran["stdout"] == "1\n" and found[0].unit == "perceptron"
    started, *progressed, finished = events
    assert isinstance(started, ToolStarted) and "code" not in started.arguments
    assert progressed and all(isinstance(event, ToolProgressed) for event in progressed)
    assert isinstance(finished, ToolFinished) and finished.call == started.call and finished.error is None


async def test_a_refusal_is_the_servers_error_with_code_and_remedy(tmp_path: Path) -> None:
    context = ServerContext(tmp_path, embedder_setting="none", vectors="off")
    events: list[Event] = []
    with pytest.raises(TutorError) as caught:
        async with open_toolbox(build_server(context)) as toolbox:
            await toolbox.call("read_unit", {"id": "percptron"}, events.append)
    context.close()
    assert caught.value.code == "unknown-unit" and "perceptron" in caught.value.remedy
    last = events[-1]
    assert isinstance(last, ToolFinished) and last.error and "perceptron" in last.error


async def test_arguments_of_a_wrong_type_are_refused_in_words(tmp_path: Path) -> None:
    context = ServerContext(tmp_path, embedder_setting="none", vectors="off")
    async with open_toolbox(build_server(context)) as toolbox:
        with pytest.raises(TutorError, match="limit"):
            await toolbox.call("search_curriculum", {"query": "x", "limit": 1000})
    context.close()
