"""Which free requests go to a model with tools: those that want more than the passages tell.

Requests labelled before the rule was measured; the share and the words were chosen on the half `dev`.
The one rule owned here: the search answers by words alone, as it does before vectors are there.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.labelled import FOLDER
from evals.metrics import confusion, mean
from evals.record import Sample
from evals.rows import read_rows
from evals.run import Context

NAME = "requests"
DESCRIPTION = "open requests are told from those that a passage answers"
FLOORS = {"balanced_accuracy": 0.75, "closed_kept": 0.9}


class Request(BaseModel):
    """`open`: it asks for an example, a comparison, a computation, advice or a synthesis."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    question: str
    open: bool

    @property
    def split(self) -> Literal["dev", "test"]:
        """By a hash of the question, so that no hand moves one."""
        return "dev" if hashlib.sha256(self.question.lower().encode()).digest()[0] % 2 else "test"


def read_requests(path: Path = FOLDER / "open_requests.jsonl") -> list[Request]:
    """One labelled request a line. TutorError `broken-content` names the file and the line."""
    return read_rows(path, Request)


def run(context: Context) -> Iterator[Sample]:
    """One sample a request, with the share of its terms that the authored answer holds."""
    yield from asyncio.run(_measure(context))


async def _measure(context: Context) -> list[Sample]:
    # Imported late: the MCP SDK.
    from mcp_server.context import ServerContext
    from mcp_server.server import build_server
    from tutor.agent.open_request import is_open, share_told
    from tutor.agent.retrieval import find_passages
    from tutor.toolbox import open_toolbox

    server = ServerContext(context.home, embedder_setting="none", vectors="off")
    samples: list[Sample] = []
    try:
        async with open_toolbox(build_server(server)) as toolbox:
            for row in read_requests():
                started = time.perf_counter()
                passages = await find_passages(toolbox, server.catalog, row.question, lambda _: None)
                said = is_open(row.question, passages)
                given = {"question": row.question, "open": row.open, "split": row.split}
                told = {"open": said, "share": share_told(row.question, passages)}
                scores = {"right": float(said == row.open)}
                samples.append(Sample(row.id, given, told, scores, seconds=time.perf_counter() - started))
    finally:
        server.close()
    return samples


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Figures of the test half; `dev.*` those of the half on which the rule was chosen."""
    found: dict[str, float] = {}
    for split, prefix in (("test", ""), ("dev", "dev.")):
        own = [sample for sample in samples if sample.input["split"] == split]
        if own:
            found |= {f"{prefix}{name}": value for name, value in _figures(own).items()}
    return found


def _figures(samples: Sequence[Sample]) -> dict[str, float]:
    counts = confusion(
        [bool(sample.input["open"]) for sample in samples],
        [bool(sample.output["open"]) for sample in samples],
    )
    opened = counts.true_positive / max(counts.true_positive + counts.false_negative, 1)
    kept = counts.true_negative / max(counts.true_negative + counts.false_positive, 1)
    return {
        "requests": float(len(samples)),
        "open_found": opened,
        "closed_kept": kept,
        "balanced_accuracy": mean([opened, kept]),
    }
