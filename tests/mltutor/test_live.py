"""Output as it comes: one changing line for tracked numbers, no escape of the code's on a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from mltutor.live import LiveOutput


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def on_a_terminal() -> Iterator[Terminal]:
    """Both streams on one terminal, as a person has them."""
    with redirect_stdout(Terminal()) as shown, redirect_stderr(shown):
        yield shown


def painted(shown: Terminal) -> list[str]:
    """The lines as a terminal shows them in the end: a return goes to the start, ESC [ K clears the rest."""
    lines: list[str] = []
    for line in shown.getvalue().split("\n"):
        seen = ""
        for part in line.split("\r"):
            cleared = part.removeprefix("\x1b[K")
            seen = cleared if cleared != part else part + seen[len(part) :]
        lines.append(seen)
    return lines


def test_the_changing_line_goes_away_before_anything_else_is_shown() -> None:
    with on_a_terminal() as terminal:
        live = LiveOutput()
        live.take("stdout", "epoch 1\n")
        live.take("metrics", "step 1  loss 0.5  a long line of numbers\n")
        live.take("metrics", "step 2  loss 0.4\n")
        live.take("stdout", "end\n")
        live.take("metrics", "step 3  loss 0.3\n")
        live.end()
    assert painted(terminal) == ["epoch 1", "end", ""]
    assert "step 2  loss 0.4" in terminal.getvalue()


def test_a_progress_bar_returns_to_its_start_and_other_escapes_do_nothing() -> None:
    with on_a_terminal() as terminal:
        live = LiveOutput()
        live.take("stderr", "\r 50%|#####     |")
        live.take("stderr", "\r100%|##########|\n")
        live.take("stdout", "\x1b]0;owned\x07\x1b[2Jtext\n")
    assert painted(terminal) == ["100%|##########|", "text", ""]
    assert "\x1b" not in terminal.getvalue()


def test_a_line_is_no_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    with on_a_terminal() as terminal:
        LiveOutput().take("metrics", f"step 1  {'x' * 200}\n")
    assert len(painted(terminal)[0]) == 19


def test_without_a_terminal_no_changing_line_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    live = LiveOutput()
    live.take("metrics", "step 1  loss 0.5\n")
    live.take("stdout", "out\n")
    live.take("stderr", "err\n")
    live.end()
    assert capsys.readouterr() == ("out\n", "err\n")
