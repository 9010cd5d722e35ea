"""Words that screens and lines share: escapes leave, figures stay readable."""

from __future__ import annotations

import pytest

from tutor import plain
from tutor.events import CoverageChanged, ToolProgressed


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPpayload\x1b\\text", "text"),
        ("\x1b(Btext\x1b7", "text"),
        ("lone \x1b", "lone "),
        ("bell\x07 and back\x08space", "bell and backspace"),
        ("10%\r50%\r100%\nnext\r\n", "100%\nnext\n"),
        ("right\u202eleft\u2066", "rightleft"),
        ("half \ud83d", "half "),
        ("tab\tand α ≤ β stay: df[col], loss[/b], <unk>", "tab\tand α ≤ β stay: df[col], loss[/b], <unk>"),
    ],
)
def test_no_terminal_escape_survives_and_no_text_is_lost(written: str, shown: str):
    assert plain.strip_escapes(written) == shown


def test_bars_stay_within_their_width():
    assert plain.draw_bar(-1) == "░" * 10
    assert plain.draw_bar(2) == "█" * 10
    assert plain.draw_bar(0.5, 4) == "██░░"


def test_coverage_counts_open_ideas():
    assert plain.describe_coverage(CoverageChanged("u", "q", 0, 3)) == "ideas: □□□ 0 of 3"


def test_progress_without_a_total_shows_its_message_alone():
    event = ToolProgressed("c", "my_new_tool", 3, None, "loss \x1b[1m0.7")
    assert plain.describe_progress(event) == "my new tool: loss 0.7"


def test_citations_name_each_place_once_in_order():
    places = [("b", "Idea"), ("a", ""), ("b", "Idea")]
    text = plain.describe_citations({"unit": unit, "section": section} for unit, section in places)
    assert text == "Sources: b › Idea; a"
    assert plain.describe_citations([]) == ""


def test_a_run_is_told_with_its_error_line_and_its_cut():
    run = {
        "file": "train.py",
        "outcome": "error",
        "seconds": 0.25,
        "device": "cpu",
        "stdout": "step 1\n",
        "stderr": "",
        "truncated": True,
        "error": {"name": "KeyError", "message": "'col'", "line": 3},
    }
    assert plain.run_text(run).splitlines() == [
        "error in 0.2 s · cpu · train.py",
        "step 1",
        "KeyError: 'col' (line 3)",
        "(the output was longer; this is its beginning)",
    ]
    assert plain.is_run(run)
    assert not plain.is_report(run)


def test_a_blocked_check_is_told_in_words_and_gives_no_verdict():
    outcome = {
        "passed": False,
        "score": 0,
        "max_score": 1,
        "checks": [{"id": "a", "status": "blocked", "max_points": 1.5, "message": "shapes failed"}],
    }
    assert plain.report_text(outcome).splitlines() == [
        "✘ not passed: 0 of 1 points",
        "  · blocked  0/1.5  a",
        "      why      shapes failed",
    ]


def test_tracked_numbers_are_drawn_as_a_line_each_under_a_run_and_a_report():
    metrics = [{"step": step, "loss": 1 / (step + 1), "note": "x"} for step in range(5)]
    metrics.append({"step": 5, "\x1b[31macc": 1})
    drawn = "  loss  █▃▂▁▁  1 to 0.2, step 0 to 4"
    run = {"outcome": "ok", "seconds": 0.1, "stdout": "done\n", "metrics": metrics}
    report = {"passed": True, "score": 1, "max_score": 1, "checks": [], "metrics": metrics}
    assert plain.run_text(run).splitlines() == ["ok in 0.1 s", "done", drawn]
    assert plain.report_text(report).splitlines()[1:] == [drawn]
    assert "12 MB" in plain.describe_grade(report | {"usage": {"seconds": 0.1, "memory_mb": 12.3}})
