"""Tracked numbers: batched on the way, thinned beyond a bound, told in a line while code runs."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest

from sandbox.kernel import Kernel, open_kernel
from sandbox.metrics import MAX_RECORDS, MAX_SENT, Metrics, series_of, sparkline, tell, thin


def test_very_many_steps_are_thinned_evenly_and_keep_the_first_and_the_newest() -> None:
    metrics = Metrics()
    count = 7 * MAX_RECORDS + 3
    for step in range(count):
        metrics.take({"step": step, "loss": float(step)})
    steps = [record["step"] for record in metrics.records]
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert MAX_RECORDS / 2 <= len(steps) <= MAX_RECORDS + 1
    gaps = {after - before for before, after in pairwise(steps[:-1])}
    assert len(gaps) == 1, "each kept step is as far from the next as any other"
    assert not metrics.truncated


@pytest.mark.parametrize("length", [0, 1, MAX_RECORDS, MAX_RECORDS + 1, 3 * MAX_RECORDS])
def test_thinning_keeps_the_newest_and_the_order(length: int) -> None:
    records = [{"step": step} for step in range(length)]
    kept = thin(records)
    assert len(kept) <= MAX_RECORDS
    assert list(kept) == sorted(kept, key=lambda record: record["step"])
    assert list(kept[-1:]) == records[-1:]
    assert length > MAX_RECORDS or list(kept) == records


@pytest.mark.parametrize(
    "sent", [None, 7, "step", {"loss": 1}, [[{"step": 1}]], [None, "x"], {1: 2}], ids=repr
)
def test_what_is_no_record_is_left_out(sent: object) -> None:
    metrics = Metrics()
    metrics.take(sent)
    assert metrics.records == ()


def test_values_that_json_cannot_say_become_texts_or_are_left_out() -> None:
    metrics = Metrics()
    metrics.take({"step": 1, "loss": math.nan, "rate": math.inf, "deep": [[]], "name": "a\ud800", 3: 1})
    (record,) = metrics.records
    told = json.loads(json.dumps(record, allow_nan=False))
    assert told == {"step": 1, "loss": "nan", "rate": "inf", "name": "a?", "(int)": 1}


def test_a_flood_of_messages_is_told_from_a_long_training() -> None:
    metrics = Metrics()
    for step in range(MAX_SENT):
        metrics.take([{"step": step}])
    assert not metrics.is_flooded
    metrics.take([])
    assert metrics.is_flooded


def test_a_line_tells_the_newest_step_and_the_way_to_it() -> None:
    records = [{"step": step, "loss": 1 / (step + 1), "epoch": "a"} for step in range(8)]
    line = tell(records)
    assert line.startswith("step 7  loss 0.125  epoch a  █")
    assert line.endswith("▁")


@pytest.mark.parametrize(
    ("values", "drawn"),
    [([], ""), ([1.0], ""), ([1.0, 1.0, 1.0], "▁▁▁"), ([0.0, 1.0], "▁█"), ([1e308, -1e308], "▁▁")],
)
def test_a_sparkline(values: list[float], drawn: str) -> None:
    assert sparkline(values) == drawn


def test_a_sparkline_shows_the_first_and_the_last_of_many_values() -> None:
    line = sparkline([9.0, *[0.0] * 998, 9.0], width=20)
    assert len(line) == 20 and line[0] == line[-1] == "█" and set(line[1:-1]) == {"▁"}


def test_series_skip_gaps_and_count_steps_that_are_no_numbers() -> None:
    records = [
        {"step": "a", "loss": 3.0},
        {"step": "b"},
        {"step": "c", "loss": 1, "big": 10**400, "is": True},
    ]
    assert series_of(records) == {"loss": [(0.0, 3.0), (2.0, 1.0)]}


def test_a_loop_that_tracks_each_step_arrives_whole_and_streams_while_it_runs() -> None:
    code = (
        "import time\nfrom mltutor_kit import track\n"
        "for step in range(1500):\n    track(step, loss=1 / (step + 1))\n"
        "    if step % 300 == 0: time.sleep(0.3)"
    )
    heard: list[tuple[str, str]] = []
    with open_kernel() as kernel:
        done = kernel.execute(code, on_stream=lambda name, text: heard.append((name, text)))
    assert [record["step"] for record in done.metrics] == list(range(1500))
    lines = [text for name, text in heard if name == "metrics"]
    assert len(lines) >= 3, "told while it ran, not at its end alone"
    assert all(line.startswith("step ") and line.endswith("\n") for line in lines)
    assert done.stdout == ""


def test_numbers_tracked_before_a_failure_are_kept() -> None:
    with open_kernel() as kernel:
        done = kernel.execute("from mltutor_kit import track\nfor i in range(5): track(i, x=i)\n1 / 0")
        assert [record["step"] for record in done.metrics] == [0, 1, 2, 3, 4]
        assert done.outcome == "error"
        again = kernel.execute("track(9, x=1)")
        assert again.metrics == ({"step": 9, "x": 1},)


def test_a_progress_bar_and_prints_reach_the_streams() -> None:
    code = "import sys\nfor i in range(3):\n    sys.stderr.write(f'\\r{i + 1}/3')\nprint('done')"
    with open_kernel() as kernel:
        done = run(kernel, code)
    assert done == ("done\n", "\r1/3\r2/3\r3/3")


def run(kernel: Kernel, code: str) -> tuple[str, str]:
    done = kernel.execute(code)
    return done.stdout, done.stderr
