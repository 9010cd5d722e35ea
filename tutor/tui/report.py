"""Outcomes of tools on the Output tab: a grade as a table, a run as its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tutor import plain

SHOWN_CHARACTERS = 40_000
"""Of a run's output the end is shown: painting more takes seconds."""

_STATUS_STYLES = {"passed": "$text-success", "failed": "$text-error", "error": "$text-error"}


class ReportTable(Vertical):
    """A row a check (status, points, title), then a row for each thing that explains it."""

    def __init__(self, outcome: Mapping[str, Any]) -> None:
        super().__init__(*self._rows(outcome))

    @staticmethod
    def _rows(outcome: Mapping[str, Any]) -> Iterator[Horizontal]:
        yield Horizontal(*_cells("status", "points", "check"), classes="heading")
        for check in plain.read_checks(outcome):
            status = Content.styled(f"{check.mark} {check.status}", _STATUS_STYLES.get(check.status, ""))
            yield Horizontal(*_cells(status, check.points, check.title))
            for label, text in check.details:
                yield Horizontal(Static(label, classes="label"), Static(text, markup=False, classes="text"))


def _cells(status: str | Content, points: str, title: str) -> tuple[Static, Static, Static]:
    return (
        Static(status, markup=False, classes="status"),
        Static(points, markup=False, classes="points"),
        Static(title, markup=False, classes="text"),
    )


class ReportHead(Static):
    def __init__(self, outcome: Mapping[str, Any]) -> None:
        super().__init__(plain.describe_grade(outcome), markup=False)


class RunText(Static):
    def __init__(self, outcome: Mapping[str, Any]) -> None:
        text = plain.run_text(outcome)
        if len(text) > SHOWN_CHARACTERS:
            text = f"(the last {SHOWN_CHARACTERS} characters)\n{text[-SHOWN_CHARACTERS:]}"
        super().__init__(text, markup=False)


def _curves(outcome: Mapping[str, Any]) -> list[Static | ReportTable]:
    lines = plain.describe_curves(outcome)
    return [Static("\n".join(lines), markup=False)] if lines else []


def outcome_blocks(outcome: Mapping[str, Any]) -> list[Static | ReportTable]:
    """What the Output tab shows of a tool's outcome; empty when it is no report and no run."""
    if plain.is_report(outcome):
        return [ReportHead(outcome), ReportTable(outcome), *_curves(outcome)]
    if plain.is_run(outcome):
        return [RunText(outcome)]
    return []
