"""Running suites, reading what they measured, comparing two runs.

A suite is a module of `evals/suites` with NAME, DESCRIPTION, `run(context)`,
`summary(samples)` and FLOORS. The rule owned here: a suite passes when each of its
floors holds, and a run is worse than another only when the whole interval says so.
"""

from __future__ import annotations

import hashlib
import importlib
import math
import os
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, cast

from evals import suites
from evals.metrics import Interval, mean, paired_bootstrap
from evals.record import Header, Sample, SuiteRun, read_run, write_header, write_sample
from knowledge.catalog import Catalog, load_catalog
from tutor_error import TutorError, did_you_mean

SHARED_DATA = "MLTUTOR_SHARED_DATA"
_VERSIONED = ("mltutor", "chromadb", "sentence-transformers", "torch", "scikit-learn", "numpy")


@dataclass(frozen=True)
class Context:
    """What a suite may use. shared: a folder of public data sets, None where there is none."""

    home: Path
    catalog: Catalog
    seed: int
    shared: Path | None

    def need_shared(self, name: str, source: str) -> Path:
        """A public data set's path. TutorError `missing-data` tells where it comes from."""
        path = (self.shared or Path()) / name
        if self.shared is None or not path.exists():
            raise TutorError(
                "missing-data", f"The data set {name} is not here; it comes from {source}.",
                f"Set {SHARED_DATA} to the folder that holds it.",
            )  # fmt: skip
        return path


class Suite(Protocol):
    NAME: str
    DESCRIPTION: str
    FLOORS: Mapping[str, float]

    def run(self, context: Context) -> Iterator[Sample]: ...

    def summary(self, samples: Sequence[Sample]) -> dict[str, float]: ...


@dataclass(frozen=True)
class Floor:
    """A figure of a suite and the least that it must be."""

    suite: str
    figure: str
    value: float
    least: float

    @property
    def holds(self) -> bool:
        return self.value >= self.least


@dataclass(frozen=True)
class Difference:
    """How one score changed between two runs, over the samples that both have."""

    suite: str
    score: str
    samples: int
    before: float
    after: float
    gain: Interval

    @property
    def verdict(self) -> str:
        if self.gain.high < 0:
            return "worse"
        return "better" if self.gain.low > 0 else "no difference shown"


def list_suites() -> dict[str, Suite]:
    """All suites by name."""
    found: dict[str, Suite] = {}
    for module in pkgutil.iter_modules(suites.__path__):
        loaded = importlib.import_module(f"{suites.__name__}.{module.name}")
        if hasattr(loaded, "NAME"):
            found[loaded.NAME] = cast(Suite, loaded)
    return dict(sorted(found.items()))


def run_suites(
    names: Sequence[str],
    home: Path,
    *,
    catalog: Catalog | None = None,
    seed: int = 0,
    on_sample: Callable[[str, Sample], None] | None = None,
) -> Path:
    """Run suites, all when `names` is empty, and return the run file in `home/evals`.

    A suite whose data is not here is recorded as skipped. TutorError `unknown-suite`.
    """
    chosen = [_suite(name) for name in names] or list(list_suites().values())
    shared = os.environ.get(SHARED_DATA)
    content = catalog or load_catalog()
    context = Context(home, content, seed, Path(shared) if shared else None)
    path = _new_run_file(home, [suite.NAME for suite in chosen])
    with path.open("x", encoding="utf-8") as stream:
        for suite in chosen:
            samples = suite.run(context)
            try:
                first = next(samples, None)
            except TutorError as error:
                if error.code != "missing-data":
                    raise
                write_header(stream, _header(suite.NAME, context, skipped=str(error)))
                continue
            write_header(stream, _header(suite.NAME, context))
            while first is not None:
                write_sample(stream, first)
                if on_sample:
                    on_sample(suite.NAME, first)
                first = next(samples, None)
    return path


def figures(run: SuiteRun) -> dict[str, float]:
    """The suite's own summary of a run's samples."""
    return _suite(run.header.suite).summary(run.samples)


def check_floors(path: Path) -> list[Floor]:
    """Every floor of every suite that ran; a figure that is missing or NaN does not hold."""
    found: list[Floor] = []
    for run in read_run(path):
        if run.header.skipped:
            continue
        measured = figures(run)
        for figure, least in _suite(run.header.suite).FLOORS.items():
            found.append(Floor(run.header.suite, figure, measured.get(figure, math.nan), least))
    return found


def report(path: Path) -> str:
    """A run as text: each suite's figures, and the floors beside those that have one."""
    lines: list[str] = []
    for run in read_run(path):
        head = run.header
        lines.append(
            f"{head.suite}  ({len(run.samples)} samples, {head.started}, content {head.content_hash[:12]})"
        )
        if head.skipped:
            lines += [f"  skipped: {head.skipped}", ""]
            continue
        floors = _suite(head.suite).FLOORS
        measured = figures(run)
        width = max((len(name) for name in measured), default=0)
        for name, value in measured.items():
            floor = (
                f"   floor {floors[name]:g} {'held' if value >= floors[name] else 'NOT HELD'}"
                if name in floors
                else ""
            )
            told = f"{value:8.4g}" if abs(value) < 1000 else f"{value:8.0f}"  # a count, no 1.6e+04
            lines.append(f"  {name:<{width}}  {told}{floor}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def compare(before: Path, after: Path) -> list[Difference]:
    """Scores of the samples that both runs have, paired. TutorError `nothing-to-compare`."""
    old = {run.header.suite: run for run in read_run(before)}
    found: list[Difference] = []
    for new in read_run(after):
        if new.header.suite in old:
            found += _differences(new.header.suite, old[new.header.suite].samples, new.samples)
    if not found:
        raise TutorError(
            "nothing-to-compare",
            f"{before} and {after} share no scored sample.",
            "Compare two runs of one suite.",
        )
    return found


def compare_report(differences: Sequence[Difference]) -> str:
    """A comparison as text, one line a score."""
    lines: list[str] = []
    for item in differences:
        lines.append(
            f"{item.suite}  {item.score}  n={item.samples}  {item.before:.4f} -> {item.after:.4f}  "
            f"{item.gain.value:+.4f} [{item.gain.low:+.4f}, {item.gain.high:+.4f}]  {item.verdict}"
        )
    return "\n".join(lines) + "\n"


def _differences(suite: str, before: Sequence[Sample], after: Sequence[Sample]) -> Iterator[Difference]:
    old = {sample.id: sample.scores for sample in before}
    pairs = [(old[sample.id], sample.scores) for sample in after if sample.id in old]
    for score in sorted({name for first, second in pairs for name in first.keys() & second.keys()}):
        both = [
            (first[score], second[score]) for first, second in pairs if score in first and score in second
        ]
        firsts, seconds = [first for first, _ in both], [second for _, second in both]
        yield Difference(
            suite, score, len(both), mean(firsts), mean(seconds), paired_bootstrap(firsts, seconds)
        )


def _suite(name: str) -> Suite:
    known = list_suites()
    if name not in known:
        offer = f"{did_you_mean(name, known)} Suites: {', '.join(known)}.".strip()
        raise TutorError("unknown-suite", f"There is no suite `{name}`.", offer)
    return known[name]


def _header(name: str, context: Context, skipped: str = "") -> Header:
    units = [unit.id for unit in context.catalog.units.values() if unit.status != "planned"]
    content = hashlib.sha256(
        "".join(context.catalog.content_hash(unit) for unit in units).encode()
    ).hexdigest()
    return Header(name, _versions(), context.seed, content, _now().isoformat(), skipped)


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            # A checkout that was not installed has no version of its own.
            found[name] = "not installed"
    return found


def _new_run_file(home: Path, names: Sequence[str]) -> Path:
    folder = home / "evals"
    folder.mkdir(parents=True, exist_ok=True)
    label = names[0] if len(names) == 1 else "all"
    stamp = re.sub(r"[^0-9T]", "", _now().isoformat(timespec="microseconds").removesuffix("+00:00"))
    return folder / f"{stamp}-{label}.jsonl"


def _now() -> datetime:
    return datetime.now(UTC)
