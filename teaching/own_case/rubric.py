"""The rubric of a case: its sections, the questions that lead through them, and their places for evidence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from knowledge.content_file import parse, read_yaml
from knowledge.unit import Record, Slug, Text
from teaching.own_case.plan import CaseKind

Slot = Literal["data", "metric", "leakage", "baseline", "model", "ablation", "result", "grades"]


class Part(Record):
    """A section of the brief. evidence: what the review writes into it; only: of the capstone alone."""

    id: Slug
    title: Text
    asks: Annotated[tuple[Text, ...], Field(min_length=1)]
    evidence: Slot | None = None
    only: Literal["capstone"] | None = None


class Rubric(Record):
    format: Literal[1]
    sections: Annotated[tuple[Part, ...], Field(min_length=1)]


def rubric_of(kind: CaseKind) -> tuple[Part, ...]:
    """The sections of a case or of the capstone, in order."""
    return tuple(part for part in _rubric().sections if part.only in (None, kind))


@cache
def _rubric() -> Rubric:
    path = Path(__file__).with_name("rubric.yaml")
    return parse(Rubric, read_yaml(path), path)
