"""Draws docs/tutor.svg: the real screen over the real tutor, in an empty home.

    .venv/bin/python docs/screenshot.py [QUESTION ...]

No model and no network is asked. The picture holds no ids, so it changes only when what it
shows does.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from tutor.tui.app import TutorApp
from tutor.turns import OpenTutor, real_tutor

PICTURE = Path(__file__).parent / "tutor.svg"
QUESTIONS = ("what is backpropagation?",)
SIZE = (120, 36)
ANSWER_SECONDS = 300


def strip_ids(svg: str) -> str:
    """The picture without the number that Rich draws for its classes and clips."""
    return re.sub(r"terminal-\d+", "terminal", svg)


async def draw_screen(open_tutor: OpenTutor, messages: tuple[str, ...]) -> str:
    """Ask each message in turn; the last screen as SVG."""
    app = TutorApp(open_tutor)
    app.animation_level = "none"
    async with app.run_test(size=SIZE) as pilot:
        app.prompt.cursor_blink = False
        await pilot.pause()
        for message in messages:
            app.submit(message)
            async with asyncio.timeout(ANSWER_SECONDS):
                await app.workers.wait_for_complete()
            await pilot.pause()
        return strip_ids(app.export_screenshot(title="mltutor"))


def main() -> None:
    # Colours belong in the picture, whatever the shell says.
    os.environ.pop("NO_COLOR", None)
    for name in [name for name in os.environ if name.startswith("MLTUTOR_")]:
        del os.environ[name]
    # Imported late: settings read the environment that was just cleared.
    from tutor.settings import load_settings

    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        messages = tuple(sys.argv[1:]) or QUESTIONS
        svg = asyncio.run(draw_screen(real_tutor(settings), messages))
    PICTURE.write_text(svg, encoding="utf-8")
    print(PICTURE)


if __name__ == "__main__":
    main()
