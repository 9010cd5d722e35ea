"""Everything that the packaged content lets anyone read, searched for what it must not tell.

An oracle text is whatever judges or helps: answers, expectations, hints, beliefs, references,
checks, hidden data. It may share words with what its author wrote for learners, and no more.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client

from knowledge.catalog import Catalog, load_catalog
from knowledge.page import Case, Lesson
from knowledge.search import open_search
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    ExplainQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from mcp_server.context import ServerContext
from mcp_server.server import build_server
from mltutor.catalogue import public_view
from teaching.leak import LeakDetector

pytestmark = pytest.mark.anyio
LEARNERS = ("brief.md", "starter.py", "starter.ipynb")
WRITTEN = [unit.id for unit in load_catalog().units.values() if unit.status != "planned"]


def pages_of(catalog: Catalog, unit_id: str) -> list[Lesson | Case]:
    kind = catalog.unit(unit_id).kind
    if kind == "project":
        return []
    return [catalog.case(unit_id) if kind == "case_study" else catalog.lesson(unit_id)]


def oracle_of(catalog: Catalog, unit_id: str) -> Iterator[tuple[str, str]]:
    """(where, text) of all that judges or helps in a unit."""
    for page in pages_of(catalog, unit_id):
        for question in page.front.questions:
            yield from ((f"{unit_id}/{question.id}", text) for text in secrets_of(question))
        yield from files_below(page.path.with_suffix(""))
    if catalog.unit(unit_id).kind == "project":
        yield from files_below(catalog.path_of(unit_id))


def files_below(folder: Any) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".yaml") and path.name not in (*LEARNERS, "project.yaml"):
            yield str(path.relative_to(folder.parent)), path.read_text(encoding="utf-8")


def secrets_of(question: Question) -> list[str]:
    secrets = [*question.hints, getattr(question, "why", "")]
    if isinstance(question, ExplainQuestion):
        secrets.append(question.ideal)
        for idea in question.expectations:
            secrets += [
                idea.says,
                *idea.variants,
                *idea.partial,
                *idea.hints,
                idea.cloze.text,
                idea.assertion,
            ]
    if isinstance(question, OrderQuestion):
        secrets.append(" ".join(question.items))
    return secrets


def written_for_learners(catalog: Catalog, unit_id: str) -> Iterator[str]:
    """What an author put before learners on purpose, read from the files and not from any view."""
    for page in pages_of(catalog, unit_id):
        yield page.page.body
        for question in page.front.questions:
            yield question.ask
            if isinstance(question, ChoiceQuestion):
                yield from (option.text for option in question.options)
            elif isinstance(question, ClozeQuestion):
                yield question.cloze.text
            elif isinstance(question, OrderQuestion):
                yield from question.items
            elif isinstance(question, PredictQuestion):
                yield question.code
    folders = [page.path.with_suffix("") for page in pages_of(catalog, unit_id)]
    folders += [catalog.path_of(unit_id)] if catalog.unit(unit_id).kind == "project" else []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.name in LEARNERS:
                yield path.read_text(encoding="utf-8")


def beliefs_of(catalog: Catalog) -> list[tuple[str, str]]:
    return [
        (name, text)
        for name, one in catalog.misconceptions.items()
        for text in (one.belief, *one.cue, one.contrast, one.repair, *one.accepted_repairs)
    ]


def told_by(value: object) -> Iterator[str]:
    """Each text in a JSON value by itself, so that no run is made of two."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in told_by(inner))
    elif isinstance(value, list | tuple):
        yield from (text for inner in value for text in told_by(inner))


@functools.cache
def detector(unit_id: str) -> tuple[LeakDetector, list[str]]:
    catalog = load_catalog()
    secrets = [*oracle_of(catalog, unit_id), *beliefs_of(catalog)]
    public = written_for_learners(catalog, unit_id)
    return LeakDetector([text for _, text in secrets], public), [where for where, _ in secrets]


def leaks(unit_id: str, told: object) -> list[str]:
    search, places = detector(unit_id)
    texts = {text for text in told_by(told) if len(text.split()) >= 4}
    found = [leak for text in texts if (leak := search.find(text)) is not None]
    return [f"{places[leak.source]}: {leak.passage}" for leak in found]


@pytest.mark.parametrize("unit_id", WRITTEN)
async def test_no_reading_tool_tells_what_judges_or_helps(context: ServerContext, unit_id: str) -> None:
    catalog = context.catalog
    told: list[object] = []
    async with Client(build_server(context)) as client:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("read_unit", {"id": unit_id}), ("list_units", {}), ("recommend_next", {}), ("progress", {}),
            ("review_due", {}),
        ]  # fmt: skip
        page = await client.call_tool("read_unit", {"id": unit_id})
        sections = (page.structured_content or {})["sections"]
        calls += [("read_unit", {"id": unit_id, "section": title}) for title in sections]
        calls += [("search_curriculum", {"query": text[:500]}) for text in probes(catalog, unit_id)]
        if catalog.unit(unit_id).kind != "project":
            calls.append(("ask_question", {"unit": unit_id}))
        for name, arguments in calls:
            outcome = await client.call_tool(name, arguments)
            assert not outcome.is_error, (name, arguments, outcome.content)
            told += own_part(outcome.structured_content or {}, unit_id)
        resource = await client.read_resource(f"unit://{unit_id}")
        told += [content.text for content in resource.contents if hasattr(content, "text")]  # pyright: ignore
    assert leaks(unit_id, told) == []


def probes(catalog: Catalog, unit_id: str) -> list[str]:
    """Queries made of the very texts that must not be found."""
    return [text for _, text in oracle_of(catalog, unit_id) if text.strip()][:12]


def own_part(content: dict[str, Any], unit_id: str) -> list[object]:
    """Of search hits, those of the unit: what is public in another unit is that unit's business."""
    if "hits" in content:
        return [hit["text"] for hit in content["hits"] if hit["unit"] == unit_id]
    return [content]


@pytest.mark.parametrize("unit_id", WRITTEN)
def test_show_tells_nothing_that_judges_or_helps(unit_id: str) -> None:
    catalog = load_catalog()
    assert leaks(unit_id, public_view(catalog, unit_id)) == []


def test_the_index_holds_nothing_that_judges_or_helps(context: ServerContext) -> None:
    catalog = context.catalog
    context.home.mkdir(parents=True)
    with open_search(context.home, catalog, embedder="none") as search:
        for unit_id in WRITTEN:
            for query in probes(catalog, unit_id):
                texts = [hit.text for hit in search.search(query[:500], k=20) if hit.unit == unit_id]
                assert leaks(unit_id, texts) == []


@pytest.mark.parametrize("unit_id", WRITTEN)
def test_the_search_for_leaks_would_find_each_kind_of_oracle_text(unit_id: str) -> None:
    catalog = load_catalog()
    missed: list[str] = []
    public = list(written_for_learners(catalog, unit_id))
    for where, text in oracle_of(catalog, unit_id):
        if where.endswith(("checks.py", "reference.py")) and not leaks(unit_id, [text]):
            missed.append(where)
    assert missed == []
    assert json.dumps(public)
