"""A formula question on the screen, over the real tutor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from screen_driver import screen_text, send

from tutor.tui.app import TutorApp

pytestmark = pytest.mark.anyio
Open = Callable[..., Any]


async def test_a_formula_is_asked_answered_and_confirmed_on_the_screen(opened: Open):
    app = TutorApp(lambda: opened())
    async with app.run_test(size=(120, 50)) as pilot:
        for line in ("/learn loss-functions", "skip", "skip", "skip"):
            await send(pilot, line)
        assert "Type a formula in" in app.side.prose.said and app.confidence.display
        assert "2*x^2" in screen_text(app), "the sign of multiplication is not read as emphasis"
        await pilot.press("f3", "f3", "f3")
        await send(pilot, "(1 - y)*p - 3*y*(1 - p)")
        assert "Write three losses" in app.side.prose.said
        said = [block.text for block in app.query("TutorMessage")]
        assert said[-1].startswith(("Right", "Yes", "Correct", "Exactly"))
