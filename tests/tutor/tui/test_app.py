"""The whole screen, driven by keys, over a scripted tutor."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from screen_driver import ScriptedTutor, TutorBehindADoor, screen_text, send, wait_until

import tutor.tui.app as app_module
from tutor.events import (
    ConfidenceInvited,
    ConfirmationAsked,
    CoverageChanged,
    MasteryChanged,
    MoveChosen,
    NoticeShown,
    TaskShown,
    TokenStreamed,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnFailed,
    TurnFinished,
)
from tutor.tui.app import TutorApp
from tutor.tui.chat import Chat
from tutor.tui.confidence import Choice
from tutor.tui.workspace import Workspace
from tutor.turns import Said
from tutor_error import TutorError

pytestmark = pytest.mark.anyio

REPORT = {
    "project": "collaborative-filtering",
    "passed": False,
    "score": 2.0,
    "max_score": 3.0,
    "seconds": 1.2,
    "device": "cpu",
    "checks": [
        {"id": "shapes", "title": "shapes hold", "status": "passed", "points": 2.0, "max_points": 2.0},
        {
            "id": "no-leak",
            "title": "labels stay out",
            "status": "failed",
            "points": 0.0,
            "max_points": 1.0,
            "seen": "loss[/b] was 0.93",
            "expected": "about 0.5",
            "message": "A score that survives shuffled labels is a leak.",
            "misconception": "scale-before-split",
            "hint_available": True,
        },
    ],
    "metrics": [{"step": 0, "loss": 0.9}, {"step": 1, "loss": 0.4}, {"step": 2, "loss": 0.1}],
    "figures": ["/tmp/loss[1].png"],
}


async def test_the_screen_paints_and_takes_a_message_before_the_tutor_is_open():
    tutor = TutorBehindADoor()
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "getting ready…" in screen_text(app)
        await pilot.press(*"hello", "enter")
        assert "hello" in screen_text(app)
        tutor.door.set()
        await wait_until(pilot, lambda: "You said hello." in screen_text(app))
        await wait_until(pilot, lambda: app.status.doing == "ready")


async def test_a_first_message_is_sent_when_the_screen_opens():
    app = TutorApp(ScriptedTutor().opened, first="/learn perceptron")
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "You said /learn perceptron." in screen_text(app))


async def test_an_answer_streams_and_esc_keeps_what_was_said():
    tutor = ScriptedTutor()
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await pilot.press(*"forever", "enter")
        await wait_until(pilot, lambda: "half an answer" in screen_text(app))
        assert app.is_answering
        await pilot.press("escape")
        await wait_until(pilot, lambda: not app.is_answering and "(stopped)" in screen_text(app))
        assert "half an answer" in screen_text(app)
        await wait_until(pilot, lambda: tutor.was_stopped)
        await send(pilot, "next")
        assert "You said next." in screen_text(app)


async def test_a_message_sent_during_an_answer_waits_in_the_input_line():
    app = TutorApp(ScriptedTutor().opened)
    async with app.run_test() as pilot:
        await pilot.press(*"forever", "enter")
        await wait_until(pilot, lambda: "half an answer" in screen_text(app))
        await pilot.press(*"two", "enter")
        await pilot.pause()
        assert app.prompt.text == "two"
        assert "Esc stops it" in screen_text(app)


async def test_code_with_brackets_and_angle_brackets_is_shown_as_written():
    code = "loss[/b] and df[col] and <unk> and `x[0]` [backpropagation › Idea]"
    app = TutorApp(ScriptedTutor(show=[TokenStreamed(code), TaskShown("w[i]", "why [b]w[/b]?")]).opened)
    async with app.run_test(size=(140, 30)) as pilot:
        await send(pilot, "df[col] loss[/b]")
        await send(pilot, "show")
        text = screen_text(app)
    assert "You  df[col] loss[/b]" in text
    assert "loss[/b] and df[col] and <unk> and x[0] [backpropagation › Idea]" in text
    assert "why [b]w[/b]?" in text


async def test_an_error_of_the_tutor_is_a_panel_and_the_app_lives(tmp_path: Path):
    class TutorThatRaises(ScriptedTutor):
        async def turn(self, text: str, thread: str = "default", confidence: float | None = None):
            if text == "raise":
                raise ValueError("shapes [3] differ")
            async for event in super().turn(text, thread):
                yield event

    log = tmp_path / "tutor.log"
    app = TutorApp(TutorThatRaises(bad=[TurnFailed("x", "No unit `a`.", "Try `b`.")]).opened, log=log)
    async with app.run_test() as pilot:
        await send(pilot, "raise")
        assert "ValueError: shapes [3] differ" in screen_text(app)
        await send(pilot, "bad")
        assert "No unit `a`." in screen_text(app)
        assert "→ Try `b`." in screen_text(app)
        await send(pilot, "fine")
        assert "You said fine." in screen_text(app)
    assert "Traceback" in log.read_text(encoding="utf-8")


async def test_an_error_of_the_screen_itself_is_a_panel_and_the_app_lives():
    broken = ToolFinished("c", "grade_project", {"checks": [None], "max_score": 1})
    app = TutorApp(ScriptedTutor(break_it=[TokenStreamed("so far"), broken]).opened)
    async with app.run_test() as pilot:
        await send(pilot, "break_it")
        await wait_until(pilot, lambda: "AttributeError" in screen_text(app))
        assert "so far" in screen_text(app)
        await send(pilot, "fine")
        assert "You said fine." in screen_text(app)


async def test_a_tutor_that_could_not_open_is_tried_again_at_the_next_message():
    class TutorThatOpensAtTheSecondTry(ScriptedTutor):
        tries = 0

        def opened(self):
            self.tries += 1
            if self.tries == 1:
                raise TutorError("no-space", "The disk is full.", "Free some space.")
            return super().opened()

    app = TutorApp(TutorThatOpensAtTheSecondTry().opened)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "→ Free some space." in screen_text(app))
        await send(pilot, "hello")
        assert "You said hello." in screen_text(app)


async def test_a_report_fills_the_output_tab_and_its_figures_the_figure_tab(monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    monkeypatch.setattr(app_module, "open_outside", opened.append)
    events = [
        ToolStarted("c", "grade_project", {"path": "/tmp/work"}),
        ToolFinished("c", "grade_project", REPORT),
    ]
    app = TutorApp(ScriptedTutor(grade=events).opened)
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "grade")
        text = screen_text(app)
        for shown in ("✘ not passed: 2 of 3 points", "✔ passed", "✘ failed", "0/1", "labels stay out"):
            assert shown in text
        for explained in ("loss[/b] was 0.93", "about 0.5", "scale-before-split", "/hint no-leak"):
            assert explained in text
        assert "loss  █▃▁  0.9 to 0.1, step 0 to 2" in text
        assert app.workspace == Workspace(Path("/tmp/work"))
        app.side.tabs.active = "figure-tab"
        await pilot.pause()
        assert "/tmp/loss[1].png" in screen_text(app)
        app.side.figures.focus()
        await pilot.press("o")
        await pilot.pause()
    assert opened == ["/tmp/loss[1].png"]


async def test_a_started_project_shows_its_brief_as_the_task():
    made = {"title": "Iris", "folder": "/w", "main": "/w/starter.py", "brief": "# Classify\n\nBy distance."}
    events = [ToolFinished("c", "start_project", made), NoticeShown("a notice [b]")]
    app = TutorApp(ScriptedTutor(start=events).opened)
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "start")
        text = screen_text(app)
        assert app.workspace == Workspace(Path("/w"))
    for shown in ("Iris", "Your file: /w/starter.py", "By distance.", "a notice [b]"):
        assert shown in text


async def test_progress_of_a_tool_is_in_the_status_line():
    class TutorInTheMiddleOfAGrade(ScriptedTutor):
        async def turn(self, text: str, thread: str = "default", confidence: float | None = None):
            yield ToolStarted("c", "grade_project")
            yield ToolProgressed("c", "grade_project", 3, 9, "labels stay out")
            async for event in super().turn("forever", thread):
                yield event

    app = TutorApp(TutorInTheMiddleOfAGrade().opened)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: "██░░░░ grading 3 of 9: labels stay out" in screen_text(app))


async def test_unit_concept_mastery_and_ideas_are_words_and_numbers():
    events = [
        MoveChosen("ask", "perceptron"),
        TaskShown("Question 2", "Why does it never settle on XOR?"),
        CoverageChanged("perceptron", "q2", 2, 4),
        MasteryChanged("perceptron", 0.42),
    ]
    app = TutorApp(ScriptedTutor(ask=events).opened)
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "ask")
        text = screen_text(app)
    assert text.splitlines()[0].strip() == "perceptron · mastery ████░░░░░░ 42 % · Question 2"
    assert "ideas: ■■□□ 2 of 4" in text
    assert "Why does it never settle on XOR?" in text


async def test_the_ideas_of_another_question_are_forgotten():
    ask = [MoveChosen("ask", "perceptron", "q2"), CoverageChanged("perceptron", "q2", 2, 4)]
    pump = [MoveChosen("pump", "perceptron", "q2")]
    app = TutorApp(ScriptedTutor(ask=ask, pump=pump, on=[MoveChosen("ask", "perceptron", "q3")]).opened)
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "ask")
        await send(pilot, "pump")
        assert "ideas: ■■□□" in screen_text(app)
        await send(pilot, "on")
        assert "ideas:" not in screen_text(app)


async def test_sources_follow_the_answer_and_a_replaced_answer_is_gone():
    cited = [{"unit": "backpropagation", "section": "Idea"}]
    events = [TokenStreamed("The secret"), TurnFinished("The chain rule.", cited, "covered", "embedded", [])]
    app = TutorApp(ScriptedTutor(ask=events).opened)
    async with app.run_test() as pilot:
        await send(pilot, "ask")
        text = screen_text(app)
    assert "The chain rule." in text
    assert "Sources: backpropagation › Idea" in text
    assert "The secret" not in text


async def test_a_narrow_terminal_shows_one_pane_at_a_time():
    app = TutorApp(ScriptedTutor(ask=[TokenStreamed("In words."), TaskShown("Task 1", "Do it.")]).opened)
    async with app.run_test(size=(80, 24)) as pilot:
        await send(pilot, "ask")
        assert "In words." in screen_text(app)
        assert "^T shows the pane" in screen_text(app)
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert "Do it." in screen_text(app)
        assert "In words." not in screen_text(app)
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert "In words." in screen_text(app)


async def test_a_past_that_comes_late_leaves_the_line_to_the_turn_before(
    monkeypatch: pytest.MonkeyPatch,
):
    is_due = asyncio.Event()

    async def recall_late(chat: Chat, said: list[Said]) -> None:
        await is_due.wait()

    monkeypatch.setattr(Chat, "recall", recall_late)
    app = TutorApp(ScriptedTutor(ask=[TokenStreamed("In words."), TaskShown("Task 1", "Do it.")]).opened)
    async with app.run_test(size=(80, 24)) as pilot:
        await send(pilot, "ask")
        is_due.set()
        await wait_until(pilot, lambda: all(each.group != "opening" for each in app.workers))
        assert "^T shows the pane" in screen_text(app)


async def test_a_wide_terminal_can_put_the_side_pane_away():
    app = TutorApp(ScriptedTutor().opened)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "Output" in screen_text(app)
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert "Output" not in screen_text(app)


async def test_the_thread_is_there_again_when_the_app_opens():
    tutor = ScriptedTutor()
    tutor.said_before = [
        Said("learner", "what is a tensor?"),
        Said("tutor", "An **array** with axes."),
    ]
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "An array with axes." in screen_text(app))
        assert "You  what is a tensor?" in screen_text(app)


async def test_the_palette_sends_commands_and_prefills_those_that_want_a_name():
    tutor = ScriptedTutor()
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p", *"progress")
        await wait_until(pilot, lambda: "mastery with its evidence" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: tutor.heard == ["/progress"] and not app.is_answering)
        await pilot.press("ctrl+p", *"learn a unit")
        await wait_until(pilot, lambda: "a lesson with questions" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.prompt.text == "/learn ")


async def test_a_file_changed_in_the_editor_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "starter.py").write_text("", encoding="utf-8")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "x = 1" > "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    tutor = ScriptedTutor()
    app = TutorApp(tutor.opened)
    # A terminal without a screen cannot be suspended; the keys and the file are real.
    monkeypatch.setattr(app, "suspend", nullcontext)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.status.doing == "ready")
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "no project yet" in screen_text(app)
        (tmp_path / "a_module_of_mine.py").touch()
        mark = 'project = "x"\nmain = "starter.py"\n'
        (tmp_path / ".mltutor.toml").write_text(mark, encoding="utf-8")
        app.workspace = Workspace(tmp_path)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: tutor.heard == [f"/check {tmp_path}"])
    assert (tmp_path / "starter.py").read_text(encoding="utf-8") == "x = 1\n"


async def test_a_file_saved_elsewhere_is_checked_while_the_watch_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app_module, "WATCH_SECONDS", 0.02)
    work = tmp_path / "starter.py"
    work.write_text("x = 1\n", encoding="utf-8")
    tutor = ScriptedTutor()
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        app.workspace = Workspace(tmp_path)
        await app.run_action("toggle_watch")
        work.write_text("x = 12\n", encoding="utf-8")
        await wait_until(pilot, lambda: tutor.heard == [f"/check {tmp_path}"] and not app.is_answering)
        await app.run_action("toggle_watch")
        assert app.status.doing == "check on save: off"


async def test_an_editor_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "main.py").write_text("", encoding="utf-8")
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere")
    app = TutorApp(ScriptedTutor().opened)
    monkeypatch.setattr(app, "suspend", nullcontext)
    async with app.run_test() as pilot:
        app.workspace = Workspace(tmp_path)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: "Set EDITOR to the editor that you use." in screen_text(app))


async def test_the_end_stays_in_sight_until_the_learner_scrolls_up():
    words = [TokenStreamed(f"Paragraph {number}.\n\n") for number in range(60)]
    app = TutorApp(ScriptedTutor(long=words, short=[TokenStreamed("One more.")]).opened)
    async with app.run_test() as pilot:
        await send(pilot, "long")
        await wait_until(pilot, lambda: "Paragraph 59." in screen_text(app))
        app.chat.focus()
        await pilot.press("g")
        await wait_until(pilot, lambda: "Ask anything" in screen_text(app))
        assert not app.chat.follows
        app.prompt.focus()
        await send(pilot, "short")
        await wait_until(pilot, lambda: "One more." in screen_text(app))


async def test_a_question_of_leave_waits_for_a_yes_or_a_no():
    asked = "May it run?"
    tutor = ScriptedTutor(
        run=[TokenStreamed(asked), ConfirmationAsked("run_code", asked)], yes=[TokenStreamed("It ran.")]
    )
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await send(pilot, "run")
        assert app.status.doing == "waits for a yes or a no" and "May it run?" in screen_text(app)
        await send(pilot, "yes")
        await wait_until(pilot, lambda: "It ran." in screen_text(app) and app.status.doing == "ready")
    assert tutor.heard == ["run", "yes"]


async def test_quit_leaves_and_closes_the_tutor():
    tutor = ScriptedTutor()
    app = TutorApp(tutor.opened)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.status.doing == "ready")
        await pilot.press(*"/quit", "enter")
        await pilot.pause()
    assert tutor.is_closed
    assert tutor.heard == []


async def test_the_last_code_block_can_be_copied():
    app = TutorApp(ScriptedTutor(code=[TokenStreamed("So:\n\n```python\nx = df[col]\n```\n")]).opened)
    async with app.run_test() as pilot:
        await send(pilot, "code")
        await app.run_action("copy_code")
        assert app.clipboard == "x = df[col]\n"


def test_the_screen_loads_no_graph_model_or_plot():
    """The first paint must not wait for them, and matplotlib never enters this process."""
    heavy = {"langgraph", "mcp", "torch", "chromadb", "openai", "matplotlib", "numpy"}
    code = f"import sys, tutor.tui.app; print(sorted({heavy!r} & set(sys.modules)))"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


async def test_confidence_is_chosen_by_key_goes_with_the_answer_and_never_takes_the_input():
    tutor = ScriptedTutor(
        begin=[TokenStreamed("How many?"), ConfidenceInvited("u/q1")],
        why=[TokenStreamed("Because."), ConfidenceInvited("u/q1")],
    )
    app = TutorApp(tutor.opened)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f3")
        assert not app.confidence.display
        await send(pilot, "begin")
        assert app.confidence.display and "fairly sure" in screen_text(app)
        await pilot.press("f3", "f3", "4", "2")
        assert app.prompt.text == "42" and "[fairly sure]" in screen_text(app)
        await send(pilot, "why")
        assert app.confidence.chosen == 1, "the same question is still open"
        await pilot.press("f3")
        await send(pilot, "42")
        assert not app.confidence.display
        await send(pilot, "begin")
        await pilot.press("f3", "f3", "f3", "f3")
        await send(pilot, "7")
    assert tutor.sure == [None, 0.75, 0.95, None, None]


async def test_a_click_chooses_a_confidence_and_another_takes_it_back():
    tutor = ScriptedTutor(begin=[TokenStreamed("How many?"), ConfidenceInvited("u/q1")])
    app = TutorApp(tutor.opened)
    async with app.run_test(size=(100, 30)) as pilot:
        await send(pilot, "begin")
        sure = list(app.confidence.query(Choice))[2]
        await pilot.click(sure)
        await pilot.pause()
        assert app.confidence.value == 0.95 and app.prompt.has_focus
        await pilot.click(sure)
        await pilot.pause()
        assert app.confidence.value is None
