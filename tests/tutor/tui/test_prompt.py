"""The input line: Enter sends, Ctrl+J breaks the line, Up brings back what was sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tutor.tui.prompt import Prompt, complete_path

pytestmark = pytest.mark.anyio


class PromptAlone(App[None]):
    CSS = "Prompt { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def compose(self) -> ComposeResult:
        yield Prompt()

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        self.sent.append(event.text)


async def test_enter_sends_what_is_written_and_nothing_when_it_is_blank():
    app = PromptAlone()
    async with app.run_test() as pilot:
        await pilot.press("space", "enter", *"why", "enter")
        assert app.sent == ["why"]
        assert app.query_one(Prompt).text == ""


async def test_a_message_may_have_several_lines():
    app = PromptAlone()
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b")
        assert app.query_one(Prompt).size.height == 2
        await pilot.press("enter")
        assert app.sent == ["a\nb"]


async def test_up_and_down_walk_through_what_was_sent():
    app = PromptAlone()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two", "enter")
        prompt = app.query_one(Prompt)
        seen: list[str] = []
        for key in ("up", "up", "up", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.text)
        assert seen == ["two", "one", "one", "two", ""]


async def test_pasted_code_keeps_its_lines():
    app = PromptAlone()
    async with app.run_test() as pilot:
        app.copy_to_clipboard("for x in df[col]:\n    print(x)")
        await pilot.press("ctrl+v", "enter")
        assert app.sent == ["for x in df[col]:\n    print(x)"]


async def test_tab_completes_the_path_of_a_command(tmp_path: Path):
    (tmp_path / "my solution.py").touch()
    app = PromptAlone()
    async with app.run_test() as pilot:
        prompt = app.query_one(Prompt)
        prompt.text = f"/check {tmp_path}/my"
        await pilot.press("tab", "enter")
        assert app.sent == [f"/check {tmp_path}/my solution.py"]


def test_a_path_is_completed_as_far_as_the_files_agree(tmp_path: Path):
    for name in ("train.py", "train_fast.py", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    assert complete_path(f"/run {tmp_path}/t") == f"/run {tmp_path}/train"
    assert complete_path(f"/run {tmp_path}/d") == f"/run {tmp_path}/deep/"
    assert complete_path(f"/run {tmp_path}/.h") == f"/run {tmp_path}/.hidden"
    assert complete_path(f"/run {tmp_path}/nothing") == f"/run {tmp_path}/nothing"
    assert complete_path("/run /no/such/folder/x") == "/run /no/such/folder/x"
