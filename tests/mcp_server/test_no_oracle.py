"""Everything that the server says, searched for markers that stand in every text which judges or helps.

Every tool, resource, prompt and completion is asked with every id, and hints are climbed rung by rung. A
marker may come back at its own level alone: a rung when it is given, the reason of an answer after the
right answer, a belief in the report that found it, the reference once it is earned.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, PromptReference, ResourceTemplateReference

from knowledge.catalog import Catalog, load_catalog
from knowledge.unit import ChoiceQuestion, CodeQuestion, ExplainQuestion, OrderQuestion, Question
from mcp_server.context import ServerContext
from mcp_server.server import build_server
from teaching.ladder import choice_options
from tests.mcp_server.planted import ROOTS, Planted, plant, records_below, sorted_fields, words

pytestmark = pytest.mark.anyio
PROJECT, CASE = "iris-knn-classifier", "case-porto-seguro"
FEW = (
    "loss-functions", "data-leakage", "perceptron", "k-nearest-neighbors", PROJECT, "ml-04-spam-detector",
    CASE,
)  # fmt: skip
WRITTEN = tuple(unit.id for unit in load_catalog().units.values() if unit.status != "planned")
BREAKS = """

@check("a hidden check that breaks", points=1, task=ROW, visible=False, evidence=KNN)
def breaks(submission, data):
    raise RuntimeError("MARK" + str(data))
"""


def test_every_field_of_the_schemas_is_sorted_into_shown_or_oracle() -> None:
    records = {record for root in ROOTS for record in records_below(root)}
    assert len(records) >= 20
    for record in records:
        assert set(sorted_fields(record)) == set(record.model_fields)


class Listener:
    """Calls the server, keeps the names of what was called, and searches whatever comes back."""

    def __init__(self, client: Client, planted: Planted) -> None:
        self.client, self.planted = client, planted
        self.leaks: list[str] = []
        self.called: set[str] = set()

    async def call(self, tool: str, allowed: str | None = None, **arguments: Any) -> dict[str, Any]:
        """The structured content. allowed: the start of the places that this one call may tell."""
        self.called.add(tool)
        told: list[str] = []

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:
            told.append(message or "")

        outcome = await self.client.call_tool(tool, arguments, progress_callback=on_progress)
        fields = dict(outcome.structured_content or {})
        if tool == "search_curriculum":
            fields.pop("query", None)
        told += [*texts_of(outcome), json.dumps(fields, ensure_ascii=False)]
        self.search(told, f"{tool} {str(arguments)[:160]}", allowed)
        return fields

    async def read(self, uri: str, allowed: str | None = None) -> str:
        try:
            contents = (await self.client.read_resource(uri)).contents
            told = "\n".join(getattr(one, "text", "") for one in contents)
        except MCPError as error:
            told = str(error)
        self.search([told], uri, allowed)
        return told

    async def prompt(self, name: str, **arguments: str) -> str:
        self.called.add(f"prompt:{name}")
        try:
            shown = await self.client.get_prompt(name, arguments)
            told = "\n".join(getattr(one.content, "text", "") for one in shown.messages)
        except MCPError as error:
            told = str(error)
        self.search([told], f"prompt {name} {arguments}")
        return told

    async def complete(
        self, ref: PromptReference | ResourceTemplateReference, name: str, **known: str
    ) -> None:
        for typed in ("", "z", "zq", "e", "1"):
            found = await self.client.complete(ref, {"name": name, "value": typed}, known or None)
            self.search(found.completion.values, f"completion of {name} in {ref}")

    def search(self, told: list[str], where: str, allowed: str | None = None) -> None:
        for place in self.planted.found_in("\n".join(told)):
            if allowed is None or not place.startswith(allowed):
                self.leaks.append(f"{where}: {place}")


def texts_of(outcome: CallToolResult) -> Iterator[str]:
    for block in outcome.content:
        if block.type == "text":
            yield block.text
        elif block.type == "image":
            yield base64.b64decode(block.data).decode("latin-1")


@asynccontextmanager
async def listening(folder: Path, units: tuple[str, ...]) -> AsyncIterator[tuple[Listener, ServerContext]]:
    planted = plant(folder / "content", units)
    context = ServerContext(
        folder / "home",
        content=planted.root,
        embedder_setting="none",
        vectors="off",
        roots=(folder / "work",),
    )
    try:
        async with Client(build_server(context)) as client:
            yield Listener(client, planted), context
    finally:
        context.close()


@pytest.mark.parametrize("unit_id", WRITTEN)
async def test_no_reading_answering_or_hinting_tells_a_marker(tmp_path: Path, unit_id: str) -> None:
    async with listening(tmp_path, (unit_id,)) as (ear, context):
        await read_unit_everywhere(ear, context.catalog, unit_id)
        await search_for_oracles(ear, 12)
        for name, question in questions_of(context.catalog, unit_id):
            await answer_wrongly(ear, context.catalog, name, question)
        await climb_question_hints(ear, context.catalog, unit_id)
        await climb_check_hints(ear, context.catalog, unit_id)
    assert ear.leaks == []


async def test_a_whole_session_over_every_tool_prompt_and_address_tells_no_marker_below_its_level(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path, FEW) as (ear, context):
        break_a_check(ear.planted)
        await look_around(ear, context)
        await work_on_a_project(ear, context)
        await answer_with_code(ear, context)
        await run_and_predict(ear)
        await look_around(ear, context)
        await ask_for_prompts(ear, context)
        await complete_everything(ear, context)
        tools = {tool.name for tool in (await ear.client.list_tools()).tools}
        prompts = {f"prompt:{one.name}" for one in (await ear.client.list_prompts()).prompts}
        assert tools | prompts == ear.called
    assert ear.leaks == []


async def test_checks_that_do_not_load_and_code_questions_that_break_tell_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path, ("perceptron", PROJECT)) as (ear, context):
        for checks in ear.planted.root.rglob("checks.py"):
            mark = words(ear.planted.mark("broken on loading"))
            checks.write_text(f"raise RuntimeError('{mark}')\n", encoding="utf-8")
        files = {"solution.py": "x = 1"}
        told = await ear.call("check_project", project=PROJECT, files=files)
        assert told["error"]["code"] == "broken-checks" and "mltutor verify" in told["error"]["remedy"]
        await ear.call("grade_project", project=PROJECT, attempt_id="a", files=files)
        name, _ = next(pair for pair in questions_of(context.catalog, "perceptron") if pair[1].kind == "code")
        await ear.call("answer_question", question=name, answer="x = 1", attempt_id="b")
        await ear.call("start_project", id=PROJECT)
    assert ear.leaks == []


def break_a_check(planted: Planted) -> None:
    """A mistake in a hidden check must not show its code, nor what it raises."""
    path = planted.root / "projects" / PROJECT / "checks.py"
    broken = BREAKS.replace("MARK", words(planted.mark("broken check")))
    path.write_text(path.read_text(encoding="utf-8") + broken, encoding="utf-8")


async def look_around(ear: Listener, context: ServerContext) -> None:
    catalog = context.catalog
    for tool in ("list_units", "recommend_next", "progress", "review_due", "sandbox_status", "ask_question"):
        await ear.call(tool)
    for programme in (*catalog.programme_ids, "none-such"):
        for tool in ("plan_study", "recommend_next"):
            await ear.call(tool, programme=programme)
        await ear.read(f"programme://{programme}")
        await ear.call("place_learner", session="look", scope=programme)
    for unit_id in catalog.units:
        await ear.read(f"unit://{unit_id}")
    for unit_id in FEW:
        await read_unit_everywhere(ear, catalog, unit_id)
        await ear.call("explain_progress", unit=unit_id)
    await search_for_oracles(ear, 60)
    page = await ear.client.list_resources()
    ear.search([page.model_dump_json()], "the list of resources")
    for resource in page.resources:
        await ear.read(str(resource.uri))
    step = await ear.call("place_learner", session="p")
    while step.get("question"):
        name = step["question"]["question"]
        await ear.call(
            "answer_question", question=name, answer="I don't know", attempt_id=f"p-{name}", placement="p"
        )
        step = await ear.call("place_learner", session="p")


async def read_unit_everywhere(ear: Listener, catalog: Catalog, unit_id: str) -> None:
    page = await ear.call("read_unit", id=unit_id)
    for title in (*page.get("sections", ()), "no such section"):
        await ear.call("read_unit", id=unit_id, section=title)
    await ear.read(f"unit://{unit_id}")
    asked = await ear.call("ask_question", unit=unit_id)
    for _, question in questions_of(catalog, unit_id):
        if isinstance(question, OrderQuestion) and asked.get("items"):
            assert asked["items"] != question.items
    await ear.call("list_units", kind=catalog.unit(unit_id).kind)


async def search_for_oracles(ear: Listener, most: int) -> None:
    texts = [text for text in ear.planted.texts if len(text) > 20]
    step = max(len(texts) // most, 1)
    for text in texts[::step]:
        await ear.call("search_curriculum", query=text[:500], limit=20)
    await ear.call("search_curriculum", query=words(1), limit=20)


def questions_of(catalog: Catalog, unit_id: str) -> list[tuple[str, Question]]:
    kind = catalog.unit(unit_id).kind
    if kind == "project":
        return []
    page = catalog.case(unit_id) if kind == "case_study" else catalog.lesson(unit_id)
    return [(f"{unit_id}/{question.id}", question) for question in page.front.questions]


async def answer_wrongly(ear: Listener, catalog: Catalog, name: str, question: Question) -> None:
    """What a learner could say without the right answer; the right option last, with its reason."""
    if isinstance(question, CodeQuestion):
        return
    for number, said in enumerate(("I don't know", "tell me the answer", "0", "1, 2", "2, 1, 3, 4", "?")):
        wrong = None if not isinstance(question, ChoiceQuestion) else f"{name}.why"
        await ear.call("answer_question", wrong, question=name, answer=said, attempt_id=f"{name}-{number}")
    if isinstance(question, ChoiceQuestion):
        right = next(place for place, option in enumerate(question.options, 1) if option.correct)
        await ear.call(
            "answer_question", f"{name}.why", question=name, answer=str(right), attempt_id=f"{name}-r"
        )
    if isinstance(question, ExplainQuestion):
        for part in parts_of(question):
            await ear.call(
                "answer_question", question=f"{name}/{part}", answer="1", attempt_id=f"{name}-{part}"
            )
        await ear.call("ask_question", unit=name.partition("/")[0])
        assert len(choice_options(question, question.expectations[0].id, catalog.misconceptions)) > 1


def parts_of(question: ExplainQuestion) -> list[str]:
    parts = [
        f"{kind}:{idea.id}" for idea in question.expectations for kind in ("cloze", "choice", "restatement")
    ]
    return [*parts, *(f"repair:{name}" for name in question.misconceptions), "cloze:none", "none:e1", ""]


async def climb_question_hints(ear: Listener, catalog: Catalog, unit_id: str) -> None:
    for name, question in questions_of(catalog, unit_id):
        places = [f"{name}.hints.{rung}" for rung in range(len(question.hints))]
        if isinstance(question, ExplainQuestion):
            places += [f"{name}.expectations.{idea.id}.hints.0" for idea in question.expectations]
        await climb(ear, unit_id, question.id, places)


async def climb_check_hints(ear: Listener, catalog: Catalog, unit_id: str) -> None:
    if catalog.unit(unit_id).kind == "lesson":
        return
    prefix = f"{unit_id}/lab" if catalog.unit(unit_id).kind == "case_study" else unit_id
    for check, rungs in catalog.project(unit_id).hints.items():
        await climb(ear, unit_id, check, [f"{prefix}.hints.{check}.{rung}" for rung in range(len(rungs))])


async def climb(ear: Listener, unit_id: str, check: str, places: list[str]) -> None:
    """Each call shows its own rung and no other; the last one stays."""
    for place in [*places, *places[-1:]]:
        shown = await ear.call("give_hint", place, project=unit_id, check=check)
        assert ear.planted.found_in(str(shown["text"])) == {place}
    if not places:
        await ear.call("give_hint", project=unit_id, check=check)
    await ear.call("give_hint", project=unit_id, check=f"{check}x")


async def work_on_a_project(ear: Listener, context: ServerContext) -> None:
    """From the starter to the solution: what is told at each step is that step's."""
    for unit_id in (PROJECT, CASE):
        prefix = f"{unit_id}/lab" if unit_id == CASE else unit_id
        made = await ear.call("start_project", id=unit_id)
        written = [
            path.read_bytes().decode("latin-1") for path in Path(made["folder"]).rglob("*") if path.is_file()
        ]
        ear.search(written, f"the workspace of {unit_id}")
        await ear.call("check_project", project=unit_id, path=made["folder"])
        found = await ear.call(
            "grade_project", "misconception:", project=unit_id, path=made["folder"], attempt_id=unit_id
        )
        assert found["checks"] and not found["passed"]
        ear.search([json.dumps(found)], f"the grade of {unit_id}")
        told = await ear.call("explain_report", "misconception:", attempt=unit_id)
        assert told["markdown"]
        await ear.read(f"report://{unit_id}", "misconception:")
        await ear.call("show_solution", project=unit_id)
        await ear.call("show_solution", project=unit_id, agreed=True)
        for row in found["checks"]:
            hints = context.catalog.project(unit_id).hints.get(row["id"], [])
            places = [f"{prefix}.hints.{row['id']}.{rung}" for rung in range(len(hints))]
            if row["status"] in ("failed", "error"):
                await climb(ear, unit_id, row["id"], places)
        await ear.call("show_solution", project=unit_id)
        shown = await ear.call("show_solution", f"{prefix}.reference.py", project=unit_id, agreed=True)
        assert ear.planted.found_in(shown["code"]) == {f"{prefix}.reference.py"}


async def answer_with_code(ear: Listener, context: ServerContext) -> None:
    unit_id = "perceptron"
    name, question = next(
        pair for pair in questions_of(context.catalog, unit_id) if isinstance(pair[1], CodeQuestion)
    )
    folder = context.catalog.lesson(unit_id).question_folder(question)  # type: ignore[arg-type]
    starter = (folder / "starter.py").read_text(encoding="utf-8")
    judged = await ear.call("answer_question", question=name, answer=starter, attempt_id="code-1")
    assert judged["correct"] is False


async def run_and_predict(ear: Listener) -> None:
    await ear.call("run_code", code="print(1)")
    await ear.call("run_code", path=str(ear.planted.root / "projects" / PROJECT / "reference.py"))
    run = (await ear.call("start_run", code="print(2)"))["run"]
    await ear.call("record_prediction", run=run, prediction="2", attempt_id="said")
    await ear.call("get_run", id=run, wait=30)
    await ear.call("cancel_run", id=run)
    await ear.read(f"run://{run}")
    await ear.read("run://none")


async def ask_for_prompts(ear: Listener, context: ServerContext) -> None:
    for unit_id in (*FEW, "none", "convolution"):
        await ear.prompt("tutor", unit=unit_id)
        await ear.prompt("tutor", unit=unit_id, question="q1")
        await ear.prompt("case_discussion", case=unit_id)
        await ear.prompt("debug_with_me", project=unit_id, check="distances-match-the-definition")
        await ear.prompt("explain_like_i_know", topic=unit_id, known="SQL")
    for programme in (*context.catalog.programme_ids, ""):
        await ear.prompt("plan_my_week", programme=programme)
    for attempt in (PROJECT, CASE, "", "none"):
        await ear.prompt("review_my_attempt", attempt=attempt)


async def complete_everything(ear: Listener, context: ServerContext) -> None:
    for prompt in (await ear.client.list_prompts()).prompts:
        ref = PromptReference(type="ref/prompt", name=prompt.name)
        for argument in prompt.arguments or ():
            for unit_id in FEW:
                await ear.complete(ref, argument.name, unit=unit_id, project=unit_id)
    for template in (await ear.client.list_resource_templates()).resource_templates:
        ref = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)
        await ear.complete(ref, "id")
        await ear.complete(ref, "attempt")
