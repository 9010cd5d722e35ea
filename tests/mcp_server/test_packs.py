"""Units of packs through the tools of the server: taught when they are proved, refused with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client

from mcp_server.context import ServerContext
from mcp_server.server import build_server
from sandbox.report import CheckReport, GradeReport
from teaching.grade import evidence_of
from tests.knowledge.packs import LESSON, PAGE, PROJECT, copy_example, record_proof, replace

pytestmark = pytest.mark.anyio


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "pack")


@pytest.fixture
def served(tmp_path: Path, source: Path) -> Iterator[ServerContext]:
    opened = ServerContext(
        tmp_path / "home",
        embedder_setting="none",
        vectors="off",
        allow_unisolated=True,
        content_paths=(str(source),),
    )
    yield opened
    opened.close()


async def test_a_proved_unit_is_read_asked_and_judged_and_a_changed_one_refused(
    served: ServerContext, source: Path, tmp_path: Path
) -> None:
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    async with Client(build_server(served)) as client:
        page = (await client.call_tool("read_unit", {"id": LESSON})).structured_content
        assert page and page["title"] == "A line by the median of slopes"
        asked = (await client.call_tool("ask_question", {"unit": LESSON})).structured_content
        assert asked and asked["question"] == f"{LESSON}/q1"
        answer = {"question": f"{LESSON}/q1", "answer": "9.25", "attempt_id": "a-1"}
        judged = (await client.call_tool("answer_question", answer)).structured_content
        assert judged and judged["correct"] is False and judged["misconception"] == "mean-of-the-slopes"
        replace(source / PAGE, "A float in a lake", "A boat in a lake")
        refused = await client.call_tool("ask_question", {"unit": LESSON})
        assert refused.is_error
        told = str(refused.content)
        assert "it changed since it was proved" in told and f"mltutor verify {LESSON}" in told
        progress = (await client.call_tool("progress", {})).structured_content
        assert progress and [row["unit"] for row in progress["units"]] == [LESSON]


async def test_a_unit_of_a_pack_is_a_resource(served: ServerContext, source: Path, tmp_path: Path) -> None:
    record_proof(tmp_path / "home", source, LESSON, PROJECT)
    async with Client(build_server(served)) as client:
        read = await client.read_resource(f"unit://{LESSON.replace(':', '%3A')}")
        assert "Theil–Sen estimator" in str(read.contents)


def test_the_learners_consent_does_not_cover_the_code_of_a_pack(served: ServerContext) -> None:
    assert served.may_run_unisolated("perceptron-lab") and not served.may_run_unisolated(PROJECT)


def test_a_pack_gives_evidence_for_its_own_units_alone() -> None:
    check = CheckReport(
        id="c", title="c", task="", visible=True, required=True, asks_for_work=True,
        points=1, max_points=1, status="passed", evidence=("perceptron", LESSON),
    )  # fmt: skip
    report = GradeReport(True, 1, 1, 0.1, "cpu", (check,))
    assert [row["unit"] for row in evidence_of(report, PROJECT, frozenset())] == [LESSON]
    assert [row["unit"] for row in evidence_of(report, "perceptron-lab", frozenset())] == [
        "perceptron",
        LESSON,
    ]
