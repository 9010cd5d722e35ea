"""What a rule can decide about a case, and what it found: each finding is seen in a run or in a record.

The rule owned here: a finding holds only when it was seen; what nobody can compute is left to the
learner, and no finding is worth points or mastery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from teaching.evidence import passed_units, was_passed
from teaching.own_case.brief import LEAST_WORDS
from teaching.own_case.plan import CasePlan, MetricName
from teaching.own_case.rubric import Part
from teaching.own_case.runs import CaseRun
from teaching.own_case.score import HIGHER_IS_BETTER, Difference, compare, score
from teaching.own_case.table import Leaks, Split, Table
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event

Status = Literal["holds", "broken", "missing", "told"]
"""`told` is a fact to look at, without a verdict; `missing` is not there yet."""
CAPSTONE_UNITS, CAPSTONE_ABLATIONS = 3, 2


@dataclass(frozen=True)
class Finding:
    rule: str
    status: Status
    text: str

    @property
    def stands_in_the_way(self) -> bool:
        return self.status in ("broken", "missing")


@dataclass(frozen=True)
class Scored:
    """A run with its score; None where there are no predictions that can be scored."""

    run: CaseRun
    score: float | None
    trouble: str


@dataclass(frozen=True)
class Yardstick:
    """How predictions of the held-out rows are scored."""

    metric: MetricName
    positive: str
    answers: tuple[str, ...]

    def measure(self, run: CaseRun) -> Scored:
        if not run.is_sound:
            return Scored(run, None, run.trouble)
        try:
            return Scored(run, score(self.metric, self.answers, run.predictions, self.positive), "")
        except TutorError as error:
            return Scored(run, None, f"{run.program}: {error.message} {error.remedy}")

    def compare(self, one: CaseRun, other: CaseRun) -> Difference:
        return compare(self.metric, self.answers, one.predictions, other.predictions, self.positive)


def about_data(table: Table, split: Split, plan: CasePlan) -> Finding:
    way = f"the latest by `{plan.data.time}`" if plan.data.time else "drawn at random"
    way = f"whole groups of `{plan.data.group}`" if plan.data.group else way
    text = (
        f"{plan.data.file} (sha256 {table.digest}…): {len(table.rows)} rows, {len(table.columns)} columns; "
        f"{len(split.train.rows)} rows to learn from, {len(split.answers)} held out, {way}, "
        f"seed {plan.data.seed}"
    )
    return Finding("data", "holds", text)


def about_leaks(leaks: Leaks, held_out: int) -> list[Finding]:
    found: list[Finding] = []
    if leaks.broken:
        names = ", ".join(f"`{name}`" for name in leaks.broken)
        remedy = "put it under [data] drop, or say there what is to be predicted from what"
        found.append(Finding("leakage", "broken", f"{names}: the target in other clothes; {remedy}"))
    else:
        found.append(Finding("leakage", "holds", "no column is the target itself, renamed or rescaled"))
    if leaks.telling:
        names = ", ".join(f"`{name}`" for name in leaks.telling)
        found.append(Finding("leakage", "told", f"each value of {names} has one answer: known in time?"))
    if leaks.twins:
        text = f"{leaks.twins} of {held_out} held-out rows equal a training row in every other column"
        found.append(Finding("leakage", "told", f"{text}: the same case twice, or coarse columns?"))
    return found


def about_metric(yardstick: Yardstick, scored: Sequence[Scored]) -> Finding:
    better = "higher" if yardstick.metric in HIGHER_IS_BETTER else "lower"
    if not any(one.score is not None for one in scored):
        return Finding("metric", "missing", f"{yardstick.metric} ({better} is better): nothing to score yet")
    text = (
        f"{yardstick.metric} ({better} is better), computed by the review on {len(yardstick.answers)} "
        "held-out rows"
    )
    if all(one.run.confined for one in scored if one.score is not None):
        return Finding("metric", "holds", f"{text} whose answers were not where the programs ran")
    text += "; this machine cannot confine programs, so nothing kept them from reading the answers"
    return Finding("metric", "told", text)


def about_program(rule: str, scored: Scored) -> Finding:
    if scored.score is None:
        return Finding(rule, "broken", scored.trouble)
    return Finding(rule, "holds", f"{scored.run.program} scores {scored.score:.4g}")


def about_repeat(first: Sequence[CaseRun], second: Sequence[CaseRun]) -> Finding:
    """Two runs of each program in fresh kernels: fixed seeds show as equal predictions."""
    pairs = [(one, again) for one, again in zip(first, second, strict=True) if one.is_sound]
    if not pairs:
        return Finding("repeat", "missing", "no program ran, so none could be repeated")
    for one, again in pairs:
        if not again.is_sound:
            return Finding("repeat", "broken", f"the second run failed: {again.trouble}")
        differing = sum(a != b for a, b in zip(one.predictions, again.predictions, strict=True))
        if differing:
            text = f"{one.program} gave {differing} other predictions when run again: fix its seeds"
            return Finding("repeat", "broken", text)
    names = " and ".join(one.program for one, _ in pairs)
    return Finding("repeat", "holds", f"{names} gave the same predictions in two fresh kernels")


def about_result(yardstick: Yardstick, model: Scored, baseline: Scored) -> Finding:
    if model.score is None or baseline.score is None:
        return Finding("result", "missing", "a result needs a baseline and a model that can be scored")
    gap = yardstick.compare(model.run, baseline.run)
    verdict = "the rows do not tell the two apart"
    if gap.low > 0:
        verdict = "the model is better"
    elif gap.high < 0:
        verdict = "the baseline is better, which is a result too"
    text = (
        f"{yardstick.metric}: model {model.score:.4g}, baseline {baseline.score:.4g}; better by "
        f"{gap.better_by:.4g} (95 % of {gap.low:.4g} to {gap.high:.4g}): {verdict}"
    )
    return Finding("result", "told", text)


def about_ablations(
    plan: CasePlan, yardstick: Yardstick, model: Scored, scored: Sequence[Scored]
) -> list[Finding]:
    needed = CAPSTONE_ABLATIONS if plan.kind == "capstone" else 1
    found: list[Finding] = []
    for one in scored:
        if one.score is None:
            found.append(Finding("ablation", "broken", one.trouble))
        elif model.score is None:
            found.append(
                Finding("ablation", "missing", f"{one.run.program} waits for a model to compare with")
            )
        elif one.run.predictions == model.run.predictions:
            text = f"{one.run.program} predicts what the model predicts in every row: it took nothing away"
            found.append(Finding("ablation", "broken", text))
        else:
            gap = yardstick.compare(model.run, one.run)
            text = (
                f"{one.run.program} scores {one.score:.4g}; the model is better by {gap.better_by:.4g} "
                f"(95 % of {gap.low:.4g} to {gap.high:.4g})"
            )
            found.append(Finding("ablation", "holds", text))
    if len(scored) < needed:
        text = f"{len(scored)} of {needed} named under [runs] ablations"
        found.append(Finding("ablation", "missing", text))
    return found


def about_brief(parts: Iterable[Part], words: Mapping[str, int]) -> Finding:
    """Whether there is text; what it says is for people to judge."""
    empty = [part.title for part in parts if words[part.id] < LEAST_WORDS]
    if empty:
        return Finding(
            "brief", "missing", f"fewer than {LEAST_WORDS} words of yours under {', '.join(empty)}"
        )
    return Finding("brief", "holds", "every section has words of yours; whether they are right, ask people")


def about_foundations(plan: CasePlan, catalog: Catalog, events: Sequence[Event]) -> Finding:
    """The capstone rests on projects and cases that grading passed."""
    named = dict.fromkeys(catalog.unit(name).id for name in plan.rests_on.units)
    passed = [name for name in named if name in passed_units(events)]
    waiting = [name for name in named if name not in passed]
    if len(passed) >= CAPSTONE_UNITS:
        return Finding("foundations", "holds", f"passed: {', '.join(passed)}")
    text = f"{len(passed)} of {CAPSTONE_UNITS} units under [rests_on] units passed by a grade"
    return Finding("foundations", "missing", f"{text}; not yet: {', '.join(waiting) or 'none named'}")


def grades_table(plan: CasePlan, events: Iterable[Event]) -> str:
    """The first attempt that passed each unit that the case builds on, as a Markdown table."""
    lines = ["| unit | passed | attempt | points |", "|---|---|---|---|"]
    log = sorted(events, key=lambda event: event.order)
    for unit in dict.fromkeys(plan.rests_on.units):
        event = next((e for e in log if e.unit == unit == e.item and was_passed(e)), None)
        if event is None:
            lines.append(f"| {unit} | not yet | | |")
            continue
        grade = event.payload["grade"]
        points = f"{grade.get('score', 0):g} of {grade.get('max_score', 0):g}"
        lines.append(f"| {unit} | {event.at:%Y-%m-%d} | {event.attempt} | {points} |")
    return "\n".join(lines)
