"""What a client finds by itself: listed resources, completions, and news of what changed."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import PromptReference, ResourceTemplateReference, ResourceUpdatedNotification

from mcp_server.completion import offer
from mcp_server.context import ServerContext
from mcp_server.listing import PAGE, page_of_resources
from mcp_server.news import News
from mcp_server.picture import fitting, pixels, told_pictures
from mcp_server.server import build_server

pytestmark = pytest.mark.anyio
ANSWER = {"question": "perceptron/q1", "answer": "1", "attempt_id": "a"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_every_written_unit_is_listed_once_over_the_pages_and_can_be_read(
    context: ServerContext, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "mcp_server.wire.page_of_resources", lambda *given: page_of_resources(*given, most=20)
    )
    found: list[Any] = []
    async with Client(build_server(context), mode=mode) as client:
        page = await client.list_resources()
        found += page.resources
        while page.next_cursor:
            page = await client.list_resources(cursor=page.next_cursor)
            assert len(page.resources) <= 20
            found += page.resources
        last = await client.read_resource(str(found[-1].uri))
    uris = [str(one.uri) for one in found]
    written = [unit.id for unit in context.catalog.units.values() if unit.status != "planned"]
    assert len(uris) == len(set(uris)) and [u for u in uris if u.startswith("unit")] == [
        f"unit://{u}" for u in written
    ]
    assert uris[0] == "learner://progress" and all(one.description and one.mime_type for one in found)
    text: str = last.contents[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert len(text.encode()) == found[-1].size
    assert PAGE >= 20


async def first_of(seen: asyncio.Queue[str]) -> str:
    with anyio.fail_after(30):
        return await seen.get()


async def test_a_verdict_and_the_end_of_a_run_are_told_on_the_stream_of_the_newer_wire(
    context: ServerContext,
) -> None:
    async with Client(build_server(context)) as client:
        run = (
            await client.call_tool("start_run", {"code": "import time; time.sleep(1)"})
        ).structured_content or {}
        uri = f"run://{run['run']}"
        async with client.listen(resource_subscriptions=["learner://progress", uri]) as events:
            await client.call_tool("answer_question", ANSWER)
            wanted = {"learner://progress", uri}
            with anyio.fail_after(60):
                async for event in events:
                    wanted.discard(getattr(event, "uri", ""))
                    if not wanted:
                        break
            state = (await client.call_tool("get_run", {"id": run["run"]})).structured_content or {}
    assert state["state"] == "finished"


@pytest.mark.filterwarnings("ignore::mcp.MCPDeprecationWarning")
async def test_a_subscriber_of_the_earlier_wire_is_told_until_it_unsubscribes(context: ServerContext) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def on_message(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            seen.put_nowait(str(message.params.uri))

    async with Client(build_server(context), mode="legacy", message_handler=on_message) as client:
        assert (
            client.server_capabilities.resources is not None
            and client.server_capabilities.resources.subscribe
        )
        await client.subscribe_resource("learner://progress")
        await client.call_tool("answer_question", ANSWER)
        assert await first_of(seen) == "learner://progress"
        await client.unsubscribe_resource("learner://progress")
        await client.subscribe_resource("run://last")
        await client.call_tool("answer_question", {**ANSWER, "attempt_id": "b"})
        context.news.tell("run://last")
        assert await first_of(seen) == "run://last"
    assert seen.empty()


async def test_a_change_is_told_to_the_same_learner_alone() -> None:
    from mcp.server.subscriptions import ResourceUpdated

    heard: dict[str, list[str]] = {"ada": [], "bob": []}
    present = "ada"
    news = News(lambda: present)

    def listener(name: str) -> Callable[[Any], None]:
        return lambda event: heard[name].append(event.uri)

    for present in heard:
        news.subscribe(listener(present))
    present = "ada"
    await news.publish(ResourceUpdated(uri="learner://progress"))
    assert heard == {"ada": ["learner://progress"], "bob": []}


def test_completion_puts_prefixes_first_and_counts_what_it_leaves_out() -> None:
    found = offer(["deep-net", "net", "net-2", "other"], "NET")
    assert found.values == ["net", "net-2", "deep-net"] and (found.total, found.has_more) == (3, False)
    many = offer([f"unit-{number}" for number in range(250)], "unit")
    assert (len(many.values), many.total, many.has_more) == (100, 250, True)
    assert offer(["a"], "zzz").values == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_ids_are_completed_by_kind_and_by_what_is_filled_in(context: ServerContext, mode: str) -> None:
    unit = "iris-knn-classifier"
    rows = [{"id": "seen-check", "status": "passed"}, {"id": "failed-check", "status": "failed"}]
    payload = {"grade": {"passed": False, "checks": rows}, "evidence": []}
    context.records.append("default", "graded", "try-7", unit, unit, payload)

    async with Client(build_server(context), mode=mode) as client:

        async def values(prompt: str, name: str, typed: str, **known: str) -> list[str]:
            ref = PromptReference(type="ref/prompt", name=prompt)
            found = await client.complete(ref, {"name": name, "value": typed}, known or None)
            return found.completion.values

        assert (await values("tutor", "unit", "percep"))[0] == "perceptron"
        assert unit not in await values("tutor", "unit", "iris")
        assert unit in await values("debug_with_me", "project", "iris")
        assert all(name.startswith("case-") for name in await values("case_discussion", "case", ""))
        assert await values("tutor", "question", "q", unit="perceptron") == ["q1", "q2", "q3", "q4", "q5"]
        assert await values("debug_with_me", "check", "", project=unit) == ["failed-check", "seen-check"]
        assert await values("debug_with_me", "check", "", project="xor-network") == []
        assert await values("review_my_attempt", "attempt", "") == ["try-7"]
        assert "dl-roadmap" in await values("plan_my_week", "programme", "dl")
        ref = ResourceTemplateReference(type="ref/resource", uri="unit://{id}")
        found = await client.complete(ref, {"name": "id", "value": "density"})
        assert found.completion.values == [] and found.completion.total == 0


async def test_prompts_name_tools_that_exist_in_their_order_and_say_what_must_not_be_done(
    context: ServerContext,
) -> None:
    unit = "iris-knn-classifier"
    payload = {
        "grade": {"project": unit, "passed": True, "score": 1, "max_score": 1, "checks": []},
        "evidence": [],
    }
    context.records.append("default", "graded", "try-7", unit, unit, payload)
    given = {
        "tutor": {"unit": "perceptron", "question": "q2"}, "review_my_attempt": {},
        "debug_with_me": {"project": unit},
        "plan_my_week": {"programme": "dl-roadmap"}, "case_discussion": {"case": "case-porto-seguro"},
        "explain_like_i_know": {"topic": "attention", "known": "SQL {joins}"},
    }  # fmt: skip
    async with Client(build_server(context)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        for prompt in (await client.list_prompts()).prompts:
            assert prompt.description and all(one.description for one in prompt.arguments or ())
            shown = await client.get_prompt(prompt.name, given[prompt.name])
            text = shown.messages[0].content.text  # pyright: ignore[reportAttributeAccessIssue]
            steps, _, barred = text.partition("What you must not do:")
            named = [word for word in steps.replace("`", " ` ").split() if word in tools]
            assert len(set(named)) >= 3 and barred.count("\n- ") >= 3, prompt.name
            assert "{unit}" not in text and "{title}" not in text


async def test_figures_come_as_images_and_numbers_as_progress(context: ServerContext) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom mltutor_kit import track\nimport time\n"
        "for step in range(3):\n    track(step, loss=1 / (step + 1)); time.sleep(0.3)\n"
        "plt.plot([1, 2]); plt.show()\nprint('x' * 30_000)"
    )
    heard: list[tuple[float, str]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message or ""))

    async with Client(build_server(context)) as client:
        ran = await client.call_tool("run_code", {"code": code}, progress_callback=on_progress)
    images = [block for block in ran.content if block.type == "image"]
    assert len(images) == 1 and images[0].mime_type == "image/png"
    assert pixels(base64.b64decode(images[0].data)) is not None
    text = ran.content[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert "pixels" in text and "left out" in text and len(text) < 15_000
    assert len((ran.structured_content or {})["stdout"]) == 30_001
    assert any(message.startswith("step ") and "loss" in message for _, message in heard)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


def test_pictures_that_do_not_fit_are_named_instead(tmp_path: Any) -> None:
    head = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
    small, large, none = tmp_path / "small.png", tmp_path / "large.png", tmp_path / "text.png"
    small.write_bytes(head)
    large.write_bytes(head + b"\0" * 2_000_000)
    none.write_bytes(b"no picture")
    assert fitting([small, large, none, tmp_path / "gone.png"]) == [head]
    told = told_pictures([small, large])
    assert "640 x 480" in told and "large.png" in told
