"""The page about the learner model: `python -m evals.learner_page` measures and writes it.

With run files as arguments it takes the figures of those runs, and leaves what is recorded of the
other suites. The rule owned here: every number on the page stands in `docs/learner-model.json`, and
the page is made of nothing else.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evals.learners import read_seed_file
from evals.learners_policy import MOST_STEPS, POLICIES
from evals.record import read_run
from evals.run import figures, run_suites
from evals.suites import planning, tracing
from evals.suites.dialogue import FLOORS as DIALOGUE_FLOORS
from teaching.tracing import DEFAULTS

ROOT = Path(__file__).parents[1]
HEAD = Path(__file__).with_suffix(".md")
JSON_FILE = ROOT / "docs" / "learner-model.json"
PAGE = ROOT / "docs" / "learner-model.md"
SUITES = ("tracing", "planning", "dialogue")
_PREDICTORS = {
    "tracker": "tracker",
    "prior_mean": "prior mean",
    "last_five": "mean of the last five, with a prior",
}
_POLICIES = {
    "linear": "linear order, every item",
    "linear-mastery": "linear order, until practised",
    "placed": "placement, then recommended",
}
Record = dict[str, Any]


def record_of(run_file: Path) -> Record:
    """What of a run the page tells. A suite that was skipped there keeps no figures."""
    found: Record = {"parameters": vars(DEFAULTS), "seed": read_seed_file().seeds["test"], "suites": {}}
    for run in read_run(run_file):
        if run.header.suite not in SUITES or run.header.skipped:
            continue
        found["suites"][run.header.suite] = {
            "content": run.header.content_hash[:12],
            "samples": len(run.samples),
            "figures": {name: round(value, 4) for name, value in figures(run).items()},
        }
        if run.header.suite == "tracing":
            found["reliability"] = [
                [one.count, round(one.predicted, 4), round(one.observed, 4)]
                for one in tracing.reliability(run.samples)
            ]
    return found


def page(record: Record) -> str:
    """The page as Markdown."""
    parts = [HEAD.read_text(encoding="utf-8").rstrip()]
    suites = record["suites"]
    if "tracing" in suites:
        parts.append(_tracing(record, suites["tracing"]))
    if "planning" in suites:
        parts.append(_planning(suites["planning"]["figures"]))
    if "dialogue" in suites:
        parts.append(_dialogue(suites["dialogue"]))
    return "\n\n".join(parts) + "\n"


def updated(record: Record, later: Record) -> Record:
    """With the suites of a later run. What was measured with other constants or students is left out."""
    same = all(record.get(name) == later[name] for name in ("parameters", "seed"))
    kept = record if same else {}
    return {**kept, **later, "suites": {**kept.get("suites", {}), **later["suites"]}}


def main(arguments: list[str]) -> None:
    if arguments:
        record: Record = json.loads(JSON_FILE.read_text(encoding="utf-8")) if JSON_FILE.is_file() else {}
        for run_file in arguments:
            record = updated(record, record_of(Path(run_file)))
    else:
        with tempfile.TemporaryDirectory() as home:
            record = record_of(run_suites(SUITES, Path(home)))
    JSON_FILE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(record), encoding="utf-8")


def _tracing(record: Record, suite: Record) -> str:
    told: Mapping[str, float] = suite["figures"]
    constants = ", ".join(f"{name} {value:g}" for name, value in record["parameters"].items())
    rows = [
        f"| {regime or 'all'} | {label} | {_error(told, regime, name)} "
        f"| {told[f'{_prefix(regime)}log_loss.{name}']:.3f} |"
        for regime in ("", *_regimes(told))
        for name, label in _PREDICTORS.items()
    ]
    bins = [f"| {count} | {said:.3f} | {came:.3f} |" for count, said, came in record["reliability"]]
    return "\n".join([
        "## Is the forecast of the next unaided answer true?", "",
        f"{suite['samples']} students, {told['answers']:.0f} unaided answers. The tracker forecasts "
        "p(1 − slip) + (1 − p)guess from the estimate p before the answer. Its constants: "
        f"{constants}. Expected calibration error over ten bins of equal mass, with the 95 % interval of a "
        "bootstrap over students; log-loss in nats. Floor: the upper end for all students is at most "
        f"{1 - tracing.FLOORS['calibrated']:.2f}.", "",
        "| students | forecast | calibration error | log-loss |", "|---|---|---|---|", *rows, "",
        "The tracker's forecasts of all students, in bins of equal mass:", "",
        "| answers | forecast | came true |", "|---|---|---|", *bins,
    ])  # fmt: skip


def _planning(told: Mapping[str, float]) -> str:
    rows: list[str] = []
    for regime in dict.fromkeys(name.split(".")[0] for name in told):
        for name in (name for name in POLICIES if f"{regime}.{name}.steps" in told):
            start = f"{regime}.{name}"
            ratio = "1" if name == planning.BASELINE else _interval(told, f"{start}.ratio")
            rows.append(
                f"| {regime} | {_POLICIES.get(name, name)} | {told[f'{start}.steps']:.0f} | {ratio} "
                f"| {told[f'{start}.wasted']:.0%} | {told[f'{start}.premature']:.0%} "
                f"| {told[f'{start}.arrived']:.0%} |"
            )
    return "\n".join([
        "## Is the recommended way shorter?", "",
        f"The next {planning.GOALS} units of a programme, from a place drawn for each student. A step is a "
        "lesson read, an item answered with what follows a miss, or a project handed in. The way ends when "
        "an exam with a typical item of each unit that asks questions (where all are projects: of each unit "
        "that they build on) would be answered to three quarters by true skill alone, without luck; who has "
        "not arrived "
        f"after {MOST_STEPS} steps counts with those. Wasted: steps in units that were known already. "
        "Premature: steps in units whose prerequisites were not all known. Floor: with the tutor, at most "
        f"{1 - min(planning.FLOORS.values()):.1f} of linear order for each kind of student.", "",
        "| students | way | steps | of linear order (95 %) | wasted | premature | arrived |",
        "|---|---|---|---|---|---|---|", *rows,
    ])  # fmt: skip


def _dialogue(suite: Record) -> str:
    told: Mapping[str, float] = suite["figures"]
    names = {
        "ended": "dialogues that end, within 12 judged turns a question",
        "no_leak": "dialogues in which nothing is given away before the tutor asserts it",
        "coverage_kept": "dialogues in which no idea that was said is lost",
        "keys_confirmed": "dialogues in which every exact right answer is confirmed",
        "undisputed": "sound answers that are not disputed",
        "heard": "ideas of sound answers that are counted at once",
        "named": "wrong answers at which a misconception is named",
        "graph.ended": "through the whole tutor: dialogues that end",
        "graph.coverage_kept": "through the whole tutor: dialogues that lose no idea",
    }
    rows = [
        f"| {label} | {told[name]:.1%} | {_floor(name)} |" for name, label in names.items() if name in told
    ]
    return "\n".join([
        "## Does every dialogue end well?", "",
        f"{told['dialogues']:.0f} dialogues, each written unit with each talker, {told['turns']:.0f} turns; "
        f"{told['graph.dialogues']:.0f} more through the whole tutor. What talkers say of explained "
        "questions comes from `evals/datasets/answers.jsonl`, written by others from the question alone.", "",
        "| what | share | floor |", "|---|---|---|", *rows,
    ])  # fmt: skip


def _floor(name: str) -> str:
    return f"{DIALOGUE_FLOORS[name]:.0%}" if name in DIALOGUE_FLOORS else "–"


def _regimes(told: Mapping[str, float]) -> list[str]:
    return [name.removesuffix(".ece.tracker") for name in told if name.endswith(".ece.tracker")]


def _prefix(regime: str) -> str:
    return f"{regime}." if regime else ""


def _error(told: Mapping[str, float], regime: str, predictor: str) -> str:
    return _interval(told, f"{_prefix(regime)}ece.{predictor}")


def _interval(told: Mapping[str, float], name: str) -> str:
    return f"{told[name]:.3f} ({told[f'{name}.low']:.3f} to {told[f'{name}.high']:.3f})"


if __name__ == "__main__":
    main(sys.argv[1:])
