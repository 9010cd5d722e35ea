"""The tutor itself: screens on a terminal, plain lines on a pipe."""

from __future__ import annotations

import sys

import typer

from mltutor.cli import settings_of
from mltutor.output import note


def open_dialogue(context: typer.Context, first: str | None = None) -> int:
    """Open the tutor and return the exit code. `first` is said before the learner types."""
    settings = settings_of(context)
    if sys.stdin.isatty() and sys.stdout.isatty():
        # Textual is the one package that only a terminal needs.
        from tutor.tui import run_tui

        return run_tui(settings, first=first)
    _tell_isolation()
    from tutor.line import run_lines

    return run_lines(settings, sys.stdin, sys.stdout, first=first)


def _tell_isolation() -> None:
    from sandbox.isolation import current_isolation

    isolation = current_isolation()
    if isolation.tier != "namespaces":
        note(f"Code runs with isolation tier `{isolation.tier}`: {isolation.reason}")
        if isolation.remedy:
            note(f"For full isolation: {isolation.remedy}")
