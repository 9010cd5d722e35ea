"""The README's picture: drawn twice, it is the same picture."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from screen_driver import ScriptedTutor

from tutor.events import TokenStreamed

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]


async def test_the_picture_shows_the_dialogue_and_does_not_change(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    draw_screen = runpy.run_path(str(ROOT / "docs" / "screenshot.py"))["draw_screen"]
    answer = [TokenStreamed("The chain rule, "), TokenStreamed("applied backwards to df[col].")]
    first, second = [await draw_screen(ScriptedTutor(why=answer).opened, ("why",)) for _ in range(2)]
    assert first == second
    assert "terminal-0" not in first
    assert "backwards&#160;to&#160;df[col]." in first
