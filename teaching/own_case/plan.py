"""The plan of a case of the learner's own: which data, which split, which metric, which programs.

Read from `case.toml`. The rule owned here: what is said in it is settled before anything runs, and a
mistake in it is told with the key to mend.
"""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tutor_error import TutorError, did_you_mean

PLAN = "case.toml"
TODO = "TODO"
CaseKind = Literal["case", "capstone"]
MetricName = Literal["accuracy", "macro_f1", "roc_auc", "mae", "rmse", "r2"]
METRICS: tuple[MetricName, ...] = get_args(MetricName)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _inside(name: str) -> str:
    """A path below the case's folder, as it is written with slashes."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(f"`{name}` is no path below the folder of the case")
    return str(path)


class DataPlan(_Part):
    """file: a CSV with a header. group: a column whose rows stay on one side of the split.

    time: a column by which the latest rows are held out. held_out: their share. seed: of the split.
    drop: columns that no program may see. beside: further files that programs may read.
    """

    file: str = "data.csv"
    target: str
    group: str = ""
    time: str = ""
    held_out: Annotated[float, Field(ge=0.05, le=0.5)] = 0.25
    seed: Annotated[int, Field(ge=0)] = 7
    drop: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @field_validator("file")
    @classmethod
    def _file_inside(cls, name: str) -> str:
        return _inside(name)

    @field_validator("beside")
    @classmethod
    def _beside_inside(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_inside(name) for name in names)


class MetricPlan(_Part):
    """positive: the value of the target that counts as a hit, for `roc_auc` alone."""

    name: str
    positive: str = ""


class RunPlan(_Part):
    """Programs by their file names; seconds: of wall clock for each run."""

    baseline: str = "baseline.py"
    model: str = "model.py"
    ablations: tuple[str, ...] = ()
    seconds: Annotated[float, Field(gt=0, le=600)] = 60.0

    @field_validator("baseline", "model")
    @classmethod
    def _program_inside(cls, name: str) -> str:
        return _inside(name)

    @field_validator("ablations")
    @classmethod
    def _programs_inside(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_inside(name) for name in names)


class RestsOn(_Part):
    """units: projects and cases of the curriculum that this one builds on."""

    units: tuple[str, ...] = ()


class CasePlan(_Part):
    format: Literal[1]
    kind: CaseKind = "case"
    title: Annotated[str, Field(min_length=1, max_length=200)]
    data: DataPlan
    metric: MetricPlan
    runs: RunPlan = RunPlan()
    rests_on: RestsOn = RestsOn()


def read_plan(folder: Path) -> CasePlan:
    """The plan in a folder. TutorError `no-case` without one, `broken-plan` for a mistake in it."""
    path = folder / PLAN
    if not path.is_file():
        raise TutorError(
            "no-case", f"{folder} has no {PLAN}, so it is no case.", "mltutor case start NAME makes one."
        )
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return CasePlan.model_validate(given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TutorError(
            "broken-plan", f"{path} is not valid TOML: {error}.", "Quote texts: title = 'Bike rides'."
        ) from None
    except ValidationError as error:
        told, remedies = zip(*(_tell(problem) for problem in error.errors()), strict=True)
        remedy = " ".join(dict.fromkeys(filter(None, remedies))) or "Mend it, then review again."
        raise TutorError("broken-plan", f"{path}: {'; '.join(told)}.", remedy) from None


def open_gaps(plan: CasePlan) -> list[str]:
    """The keys that still say TODO."""
    gaps = {"data.target": plan.data.target, "metric.name": plan.metric.name, "title": plan.title}
    return [key for key, value in gaps.items() if value.strip() in ("", TODO)]


def known_metric(plan: CasePlan) -> MetricName:
    """The metric that the plan names. TutorError `unknown-metric` otherwise."""
    for name in METRICS:
        if plan.metric.name == name:
            return name
    offer = f"{did_you_mean(plan.metric.name, METRICS)} Known: {', '.join(METRICS)}.".strip()
    raise TutorError("unknown-metric", f"`{plan.metric.name}` is no metric that can be computed here.", offer)


_KEYS: dict[str, type[BaseModel]] = {
    "": CasePlan, "data": DataPlan, "metric": MetricPlan, "runs": RunPlan, "rests_on": RestsOn,
}  # fmt: skip


def _tell(problem: Any) -> tuple[str, str]:
    places = [str(part) for part in problem["loc"]]
    key = ".".join(places)
    if problem["type"] == "extra_forbidden":
        known = _KEYS[places[0] if len(places) > 1 else ""].model_fields
        return f"`{key}` is no known key", did_you_mean(places[-1], known) or f"Known: {', '.join(known)}."
    if problem["type"] == "missing":
        return f"`{key}` is missing", f"Add {places[-1]} = ..."
    return f"`{key}`: {str(problem['msg']).removeprefix('Value error, ')}", ""
