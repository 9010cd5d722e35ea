"""The line dialogue over a scripted tutor: what a person on a pipe reads."""

from __future__ import annotations

import asyncio
import io
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

import pytest

from tutor.events import (
    ConfirmationAsked,
    CoverageChanged,
    Event,
    MasteryChanged,
    NoticeShown,
    TaskShown,
    TokenStreamed,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnFailed,
    TurnFinished,
)
from tutor.line import converse
from tutor.turns import Said
from tutor_error import TutorError

ROOT = Path(__file__).parents[2]

REPORT = {
    "project": "collaborative-filtering",
    "attempt": "a1",
    "passed": False,
    "score": 2.0,
    "max_score": 3.0,
    "seconds": 1.25,
    "device": "cpu",
    "checks": [
        {"id": "shapes", "title": "shapes hold", "status": "passed", "points": 2.0, "max_points": 2.0},
        {
            "id": "labels-stay-out",
            "title": "labels stay out of the features",
            "status": "failed",
            "points": 0.0,
            "max_points": 1.0,
            "seen": "df[col] gave 0.93",
            "expected": "about 0.5",
            "message": "A score that survives shuffled labels is a leak.",
            "misconception": "scale-before-split",
            "hint_available": True,
        },
    ],
    "figures": ["/tmp/loss.png"],
}


class ScriptedTutor:
    """Answers a known message with its events, any other by saying it back."""

    def __init__(self, script: dict[str, list[Event]] | None = None) -> None:
        self.script = script or {}
        self.heard: list[tuple[str, str]] = []
        self.is_closed = False

    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        self.heard.append((text, thread))
        for event in self.script.get(text, [TokenStreamed(f"You said {text}.")]):
            yield event

    def history(self, thread: str = "default") -> list[Said]:
        return []


class TutorThatRaises(ScriptedTutor):
    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        yield TokenStreamed("I was about to")
        raise ValueError("shapes (3, 4) and (5,) differ")


class TutorThatNeverEnds(ScriptedTutor):
    def __init__(self) -> None:
        super().__init__()
        self.was_stopped = False

    async def turn(
        self, text: str, thread: str = "default", confidence: float | None = None
    ) -> AsyncIterator[Event]:
        if text != "forever":
            async for event in super().turn(text, thread):
                yield event
            return
        yield TokenStreamed("half an answer")
        try:
            await asyncio.Event().wait()
        finally:
            self.was_stopped = True


def talk(tutor: ScriptedTutor, *lines: str, log: Path | None = None) -> tuple[int, str]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[ScriptedTutor]:
        yield tutor
        tutor.is_closed = True

    stdout = io.StringIO()
    code = converse(opened, io.StringIO("".join(f"{line}\n" for line in lines)), stdout, log=log)
    return code, stdout.getvalue()


def after_welcome(text: str) -> str:
    return text.partition("beside it.\n\n")[2]


def test_an_empty_input_prints_one_screen_and_opens_no_tutor():
    def unwanted() -> None:
        raise AssertionError("the tutor was opened for nothing")

    stdout = io.StringIO()
    assert converse(unwanted, io.StringIO(""), stdout) == 0  # type: ignore[arg-type]
    assert "/learn" in stdout.getvalue()
    assert len(stdout.getvalue().splitlines()) < 24


def test_each_line_is_answered_in_turn_on_one_thread():
    tutor = ScriptedTutor()
    code, text = talk(tutor, "one", "", "two")
    assert code == 0
    assert after_welcome(text) == "You said one.\n\nYou said two.\n\n"
    assert tutor.heard == [("one", "default"), ("two", "default")]
    assert tutor.is_closed


def test_a_first_message_takes_the_place_of_the_welcome():
    tutor = ScriptedTutor()
    stdout = io.StringIO()

    @asynccontextmanager
    async def opened() -> AsyncIterator[ScriptedTutor]:
        yield tutor

    assert converse(opened, io.StringIO("then\n"), stdout, first="/learn perceptron") == 0
    assert stdout.getvalue() == "You said /learn perceptron.\n\nYou said then.\n\n"


def test_quit_ends_the_dialogue_before_the_input_does():
    tutor = ScriptedTutor()
    assert talk(tutor, "one", "/quit", "two")[0] == 0
    assert [text for text, _ in tutor.heard] == ["one"]


def test_a_streamed_answer_is_printed_once_with_its_sources():
    answer = "The chain rule, backwards [backpropagation › Idea]."
    events: list[Event] = [TokenStreamed(answer[:10]), TokenStreamed(answer[10:])]
    cited = [{"unit": "backpropagation", "section": "Idea"}] * 2
    events.append(TurnFinished(answer, cited, "covered", "embedded", ["teach"]))
    _, text = talk(ScriptedTutor({"why?": events}), "why?")
    assert after_welcome(text) == f"{answer}\nSources: backpropagation › Idea\n\n"


def test_an_answer_that_was_not_streamed_is_printed_whole():
    finished = TurnFinished("All at once.", [], "covered", "embedded", [])
    assert after_welcome(talk(ScriptedTutor({"x": [finished]}), "x")[1]) == "All at once.\n\n"


def test_an_answer_that_the_guard_replaced_is_withdrawn_in_words():
    events = [TokenStreamed("The secret is 42"), TurnFinished("Think of the sign.", [], "covered", "m", [])]
    _, text = talk(ScriptedTutor({"x": events}), "x")
    assert after_welcome(text) == (
        "The secret is 42\n\nThat answer is withdrawn. Instead:\nThink of the sign.\n\n"
    )


def test_a_report_is_lines_with_marks_and_reasons():
    events: list[Event] = [ToolStarted("c", "grade_project"), ToolFinished("c", "grade_project", REPORT)]
    _, text = talk(ScriptedTutor({"/grade .": events}), "/grade .")
    assert "✘ not passed: 2 of 3 points · 1.2 s · cpu · collaborative-filtering" in text
    assert "  ✔ passed     2/2  shapes hold" in text
    assert "  ✘ failed     0/1  labels stay out of the features" in text
    for detail in (
        "seen     df[col] gave 0.93",
        "belief   scale-before-split",
        "hint     /hint labels-stay-out",
    ):
        assert detail in text
    assert "figure: /tmp/loss.png" in text


def test_progress_of_a_long_tool_takes_four_lines_at_most():
    steps = [ToolProgressed("c", "grade_project", i, 100, f"check {i}") for i in range(101)]
    _, text = talk(ScriptedTutor({"/grade .": list(steps)}), "/grade .")
    assert [line for line in text.splitlines() if line.startswith("...")] == [
        f"... grading {i} of 100: check {i}" for i in (25, 50, 75, 100)
    ]


def test_a_task_that_the_answer_holds_is_not_printed_twice():
    events: list[Event] = [TokenStreamed("Let us see. Why?"), TaskShown("Question 1", "Why?")]
    assert talk(ScriptedTutor({"x": events}), "x")[1].count("Why?") == 1
    events[1] = TaskShown("Question 1", "How many?")
    assert "\nQuestion 1\nHow many?\n" in talk(ScriptedTutor({"x": events}), "x")[1]


def test_coverage_and_mastery_are_words_and_numbers():
    events: list[Event] = [CoverageChanged("u", "q", 2, 4), MasteryChanged("perceptron", 0.42)]
    _, text = talk(ScriptedTutor({"x": events}), "x")
    assert "ideas: ■■□□ 2 of 4" in text
    assert "perceptron: mastery ████░░░░░░ 42 %" in text


def test_terminal_escapes_of_a_kernel_do_not_reach_the_pipe():
    run = {
        "outcome": "ok",
        "seconds": 0.5,
        "stdout": "\x1b[31mred\x1b[0m\n10%\r100%\n",
        "stderr": "\x1b]0;t\x07",
    }
    events: list[Event] = [TokenStreamed("\x1b[2Jhello"), ToolFinished("c", "run_code", run)]
    _, text = talk(ScriptedTutor({"x": events}), "x")
    assert "\x1b" not in text
    assert "hello" in text
    assert "red\n100%" in text


def test_an_error_shows_message_and_remedy_and_the_dialogue_goes_on():
    failed = TurnFailed("unknown-unit", "There is no unit `perceptrom`.", "Did you mean `perceptron`?")
    code, text = talk(ScriptedTutor({"/learn perceptrom": [failed]}), "/learn perceptrom", "two")
    assert "! There is no unit `perceptrom`.\n  Did you mean `perceptron`?\n" in text
    assert "You said two." in text
    assert code == 0


def test_a_failed_tool_is_told_once_by_the_answer_or_by_itself():
    failed = ToolFinished("c", "run_code", {}, error="No sandbox here. Run doctor.")
    alone = after_welcome(talk(ScriptedTutor({"x": [failed]}), "x")[1])
    assert alone == "! running code: No sandbox here. Run doctor.\n\n"
    told = [failed, TurnFailed("no-sandbox", "No sandbox here.", "Run doctor.")]
    assert talk(ScriptedTutor({"x": list(told)}), "x")[1].count("No sandbox here.") == 1


def test_an_unexpected_error_goes_to_the_log_and_not_to_the_learner(tmp_path: Path):
    log = tmp_path / "logs" / "tutor.log"
    code, text = talk(TutorThatRaises(), "x", log=log)
    assert code == 0
    assert "ValueError: shapes (3, 4) and (5,) differ" in text
    assert "Traceback" not in text
    assert str(log) in text
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_tutor_that_cannot_open_says_why_at_every_line():
    @asynccontextmanager
    async def closed() -> AsyncIterator[ScriptedTutor]:
        raise TutorError("no-index", "The index cannot be written.", "Free some space.")
        yield ScriptedTutor()

    stdout = io.StringIO()
    assert converse(closed, io.StringIO("a\nb\n"), stdout) == 0
    assert stdout.getvalue().count("! The index cannot be written.\n  Free some space.") == 2


def test_a_started_project_prints_its_brief_and_the_file_to_edit():
    made = {"title": "Iris", "main": "/w/starter.py", "brief": "# Classify\n\nDo it.\n"}
    _, text = talk(ScriptedTutor({"/start iris": [ToolFinished("c", "start_project", made)]}), "/start iris")
    assert after_welcome(text) == "\nIris\nYour file: `/w/starter.py`\n\n# Classify\n\nDo it.\n\n"


def test_a_notice_is_set_apart_from_the_answer():
    events: list[Event] = [NoticeShown("The model did not answer."), TokenStreamed("By heart.")]
    assert after_welcome(talk(ScriptedTutor({"x": events}), "x")[1]) == (
        "(The model did not answer.)\nBy heart.\n\n"
    )


def test_ctrl_c_stops_the_answer_and_the_next_line_is_still_answered(monkeypatch: pytest.MonkeyPatch):
    tutor = TutorThatNeverEnds()

    class StdoutThatInterrupts(io.StringIO):
        def write(self, text: str) -> int:
            written = super().write(text)
            if text == "half an answer":
                signal.raise_signal(signal.SIGINT)
            return written

    @asynccontextmanager
    async def opened() -> AsyncIterator[ScriptedTutor]:
        yield tutor

    stdout = StdoutThatInterrupts()
    assert converse(opened, io.StringIO("forever\nnext\n"), stdout) == 0
    assert tutor.was_stopped
    assert after_welcome(stdout.getvalue()) == "half an answer\n(stopped)\n\nYou said next.\n\n"


def test_a_second_ctrl_c_ends_the_dialogue():
    class StdinThatIsInterrupted(io.StringIO):
        def __next__(self) -> str:
            raise KeyboardInterrupt

    @asynccontextmanager
    async def opened() -> AsyncIterator[ScriptedTutor]:
        yield ScriptedTutor()

    assert converse(opened, StdinThatIsInterrupted(), io.StringIO()) == 130


def test_the_module_loads_no_screen_graph_or_transport():
    """Each of these costs most of a second, and a pipe with no line needs none."""
    heavy = {"textual", "langgraph", "mcp", "torch", "chromadb", "openai"}
    code = f"import sys, tutor.line; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_reader_that_leaves_early_is_no_error():
    code = textwrap.dedent("""
        import sys
        from tutor.line import converse
        sys.exit(converse(None, sys.stdin, sys.stdout))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""


def test_a_real_ctrl_c_stops_the_answer_and_a_second_one_leaves_with_130():
    program = textwrap.dedent("""
        import sys
        sys.path.insert(0, "tests/tutor")
        from contextlib import asynccontextmanager
        from test_line import TutorThatNeverEnds
        from tutor.line import converse

        @asynccontextmanager
        async def opened():
            yield TutorThatNeverEnds()

        sys.exit(converse(opened, sys.stdin, sys.stdout))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdin as stdin, process.stdout as stdout, process.stderr as stderr:
        try:
            stdin.write("forever\n")
            stdin.flush()
            read_until(stdout, "half an answer")
            process.send_signal(signal.SIGINT)
            read_until(stdout, "(stopped)\n\n")
            assert interrupt_until_it_ends(process) == 130
            assert stderr.read() == ""
        finally:
            process.kill()


def interrupt_until_it_ends(process: subprocess.Popen[str]) -> int:
    """Ctrl-C again and again, as a person does: one that comes between two system calls may be lost."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("ten interrupts did not end it")


def read_until(stream: TextIO, ending: str) -> str:
    """Read to `ending`, which is not yet the end of a line; pytest's own time limit bounds it."""
    text = ""
    while not text.endswith(ending):
        letter = stream.read(1)
        assert letter, f"the stream ended after {text!r}"
        text += letter
    return text


def test_a_question_of_leave_says_how_to_answer_it():
    asked = "May it run?"
    events: list[Event] = [
        TokenStreamed(asked),
        ConfirmationAsked("run_code", asked),
        TurnFinished(asked, [], "covered", "embedded", ["offer"]),
    ]
    _, said = talk(ScriptedTutor({"try it": events}), "try it", "yes")
    assert after_welcome(said).startswith("May it run?\n(yes or no)\n") and "You said yes." in said


def test_a_starter_is_printed_once_and_without_the_question_before_it():
    task = TaskShown("A lesson", "Write `f`.\n\nType it.\n\n```python\ndef f(): ...\n```")
    asked: list[Event] = [TokenStreamed("Right.\n\nWrite `f`.\n\nType it."), task]
    again: list[Event] = [TokenStreamed("You are welcome.\n\nWrite `f`.\n\nType it."), task]
    _, text = talk(ScriptedTutor({"x": asked, "thanks": again}), "x", "thanks")
    assert text.count("def f()") == 1 and text.count("Write `f`.") == 2 and "A lesson" not in text
