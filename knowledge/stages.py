"""The five passes over a topic: which project of the curriculum grades which of them.

Read from `stages.yaml`. The rule owned here: the first pass is a lesson's explained questions, each
other one a graded project; none is ticked off by hand.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from knowledge.catalog import Catalog
from knowledge.content_file import broken, parse, read_yaml
from knowledge.unit import Record, Slug
from tutor_error import did_you_mean

StageId = Literal["derive", "scratch", "framework", "real", "debug"]
STAGES: tuple[StageId, ...] = get_args(StageId)
TITLES: dict[StageId, str] = {
    "derive": "Understand the mathematics: derive it on paper",
    "scratch": "Implement it from scratch, with NumPy",
    "framework": "Implement it with the framework",
    "real": "Apply it to a real data set",
    "debug": "Debug and optimise",
}
"""The seed's own words (inventory rows course/practice-4.1 to 4.5)."""
FILE = "stages.yaml"

Graded = dict[Slug, Slug | None]
"""The projects of a stage, each with the check that shows it, or None for the project as a whole."""


class StageTable(Record):
    format: Literal[1] = 1
    scratch: Graded = Field(default_factory=dict[Slug, Slug | None])
    framework: Graded = Field(default_factory=dict[Slug, Slug | None])
    real: Graded = Field(default_factory=dict[Slug, Slug | None])
    debug: Graded = Field(default_factory=dict[Slug, Slug | None])

    def projects(self, stage: StageId) -> Graded:
        """The projects that grade a stage; none for `derive`, which lessons have."""
        by_stage = {
            "scratch": self.scratch, "framework": self.framework, "real": self.real, "debug": self.debug,
        }  # fmt: skip
        return by_stage.get(stage, {})


def read_stages(catalog: Catalog) -> StageTable:
    """The table of a content folder, empty where it has none. TutorError `broken-content`."""
    path = catalog.root / FILE
    if not path.is_file():
        return StageTable()
    table = parse(StageTable, read_yaml(path), path)
    problems = _problems(table, catalog)
    if problems:
        raise broken(path, "; ".join(problems[:5]), "Name projects of units.csv.")
    return table


def check_stages(catalog: Catalog) -> list[str]:
    """What is wrong in the table, one sentence each; the checks of written projects are looked up, too."""
    table = read_stages(catalog)
    return [
        f"{FILE}: `{unit}` has no check `{check}`. {did_you_mean(check, known)}".rstrip()
        for stage in STAGES
        for unit, check in table.projects(stage).items()
        if check is not None and check not in (known := _checks_of(unit, catalog))
    ]


def _checks_of(unit: str, catalog: Catalog) -> list[str]:
    if catalog.unit(unit).status == "planned":
        return []
    project = catalog.project(unit)
    return sorted({*project.hints, *project.file.covers.values()})


def _problems(table: StageTable, catalog: Catalog) -> list[str]:
    problems: list[str] = []
    for stage in STAGES:
        for unit in table.projects(stage):
            if unit not in catalog.units:
                offer = did_you_mean(unit, catalog.units)
                problems.append(f"unknown unit `{unit}` in `{stage}`. {offer}".rstrip())
            elif catalog.units[unit].kind == "lesson":
                problems.append(f"`{unit}` in `{stage}` is a lesson, and no project")
    return problems
