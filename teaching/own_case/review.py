"""The review of a case: its programs are run, the rules told, the evidence written into its brief.

It owns one rule: what a rule can decide is decided by running; all else is the learner's own
review, shown as such. A review writes no event, so it moves no mastery.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.material import Document, Material, store_documents
from teaching.own_case import rules
from teaching.own_case.brief import BRIEF, as_material, fill_slots, own_words, read_brief
from teaching.own_case.plan import CaseKind, CasePlan, known_metric, open_gaps, read_plan
from teaching.own_case.rubric import Part, rubric_of
from teaching.own_case.rules import Finding, Yardstick
from teaching.own_case.runs import CaseRun, read_code, run_program
from teaching.own_case.table import Split, find_leaks, read_table, split_table
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from teaching.records import Event

OnStep = Callable[[str], object]


@dataclass(frozen=True)
class SelfReview:
    """A section for the learner to judge: its leading questions, and how many words stand there now."""

    section: str
    asks: tuple[str, ...]
    words: int


@dataclass(frozen=True)
class CaseReview:
    """finished: no rule stands in the way. at: UTC; code: a hash of the programs and the plan."""

    folder: str
    kind: CaseKind
    title: str
    at: str
    code: str
    findings: tuple[Finding, ...]
    self_review: tuple[SelfReview, ...]

    @property
    def finished(self) -> bool:
        return not any(finding.stands_in_the_way for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "finished": self.finished}


def review_case(
    folder: Path, catalog: Catalog, events: Sequence[Event], on_step: OnStep = lambda text: None
) -> CaseReview:
    """Run a case and tell what holds; the evidence in its brief is made anew.

    Baseline and model are run twice, each ablation once, each in a fresh kernel. Raises TutorError for
    a plan, data or a brief that cannot be read; what goes wrong in a program is a finding.
    """
    plan = read_plan(folder)
    text = read_brief(folder)
    parts = rubric_of(plan.kind)
    gaps = open_gaps(plan)
    if gaps:
        found = [Finding("plan", "missing", f"case.toml still has no {', '.join(gaps)}")]
        code = ""
    else:
        code, found = _run_rules(folder, plan, on_step)
    if plan.kind == "capstone":
        found.append(rules.about_foundations(plan, catalog, events))
    words = own_words(text, parts)
    found.append(rules.about_brief(parts, words))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    own = tuple(SelfReview(part.title, part.asks, words[part.id]) for part in parts)
    review = CaseReview(str(folder), plan.kind, plan.title, now, code, tuple(found), own)
    evidence = _evidence(review, parts) | {"grades": rules.grades_table(plan, events)}
    _replace(folder / BRIEF, fill_slots(text, evidence))
    return review


def join_material(home: Path, name: str, folder: Path, review: CaseReview) -> Material:
    """Put a finished case among the learner's own material, `own/case-<name>/case`, to be searched and cited.

    Raises TutorError `unfinished-case`, and `name-taken` when other material has that name.
    """
    if not review.finished:
        raise TutorError(
            "unfinished-case",
            f"{folder} is not finished.",
            f"mltutor case review {folder} tells what is missing.",
        )
    document = Document("case", review.title, as_material(read_brief(folder)))
    return store_documents(home, f"case-{name}", str(folder.resolve()), [document])


def _run_rules(folder: Path, plan: CasePlan, on_step: OnStep) -> tuple[str, list[Finding]]:
    """A hash of what was run, and what all rules about runs found."""
    metric = known_metric(plan)
    table = read_table(folder, plan.data)
    split = split_table(table, plan.data)
    files = read_code(folder, plan, table.digest)
    yardstick = Yardstick(metric, plan.metric.positive, split.answers)

    def run(name: str, why: str) -> CaseRun:
        on_step(f"running {name}{why}")
        return run_program(name, files, split, plan.runs.seconds)

    first = [run(name, "") for name in (plan.runs.baseline, plan.runs.model)]
    second = [run(one.program, " again") if one.is_sound else one for one in first]
    baseline, model = (yardstick.measure(one) for one in first)
    ablations = [yardstick.measure(run(name, "")) for name in dict.fromkeys(plan.runs.ablations)]
    found = [
        rules.about_data(table, split, plan),
        *rules.about_leaks(find_leaks(split, plan.data.target), len(split.answers)),
        rules.about_metric(yardstick, [baseline, model, *ablations]),
        rules.about_program("baseline", baseline),
        rules.about_program("model", model),
        *rules.about_ablations(plan, yardstick, model, ablations),
        rules.about_repeat(first, second),
        rules.about_result(yardstick, model, baseline),
    ]
    return _digest(files, split), found


def _digest(files: dict[str, bytes], split: Split) -> str:
    digest = hashlib.sha256()
    for name, content in [
        *sorted(files.items()),
        ("train", split.train.as_csv()),
        ("test", split.test.as_csv()),
    ]:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _evidence(review: CaseReview, parts: Sequence[Part]) -> dict[str, str]:
    """What stands in each place for evidence, by its name."""
    by_slot: dict[str, list[str]] = {}
    for finding in review.findings:
        slot = "result" if finding.rule == "repeat" else finding.rule
        by_slot.setdefault(slot, []).append(f"- {finding.status}: {_in_a_line(finding.text)}")
    stamp = f"- review of {review.at}, programs and split {review.code or 'not run'}"
    by_slot.setdefault("result", []).append(stamp)
    names = [part.evidence for part in parts if part.evidence]
    return {name: "\n".join(by_slot.get(name, ["- nothing yet"])) for name in names}


def _in_a_line(text: str) -> str:
    """What a program said cannot open a heading of the brief, nor move a terminal's cursor."""
    return "".join(mark for mark in " ".join(text.split()) if mark.isprintable())


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: it holds the learner's words."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
