"""Simulated learners: what each of them can do, forgets and learns, over the graph of all units.

A skill is a number per unit, in logits, which grows with practice and help, fades over days and
carries over along prerequisites. The rule owned here: nothing in this family is what the tracker
assumes (it has no two states, no chance of learning, no slip that ends there), and its ranges
stand in `datasets/learners.yaml`, fixed before the tracker was tuned.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.content_file import parse, read_yaml
from knowledge.unit import Unit

SEED_FILE = Path(__file__).with_name("datasets") / "learners.yaml"
Split = Literal["development", "test"]
Range = tuple[float, float]

SPACED = 0.5
"""Days: practice after a pause of at least this long makes the memory last longer."""
LONGEST_HALF_LIFE = 365.0
UNREADY = 0.15
"""What is left of a gain when the units below are not known at all."""
CEILING = 2.0
"""The skill at which practice brings half of what it brings a beginner."""


class Ranges(BaseModel):
    """One regime: an interval for each parameter of a student, in the units of the seed file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ability: Range
    track_spread: Range
    unit_spread: Range
    level_drop: Range
    inherited: Range
    rate: Range
    lesson: Range
    help: Range
    transfer: Range
    back: Range
    half_life: Range
    consolidation: Range
    kept: Range
    slip: Range
    a_day: Range
    gap: Range


class ItemKind(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    share: Annotated[float, Field(gt=0, le=1)]
    luck: Range


class Items(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    per_unit: Annotated[int, Field(ge=1)]
    difficulty: Range
    discrimination: Range
    kinds: dict[str, ItemKind]


class SeedFile(BaseModel):
    """The whole of `datasets/learners.yaml`. line: the probability from which a unit counts as known."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    seeds: dict[Split, int]
    students: dict[str, int]
    line: Annotated[float, Field(gt=0, lt=1)]
    items: Items
    regimes: dict[str, Ranges]


@cache
def read_seed_file(path: Path = SEED_FILE) -> SeedFile:
    """The ranges and seeds. TutorError `broken-content` names what is wrong in the file."""
    return parse(SeedFile, read_yaml(path), path)


@dataclass(frozen=True)
class Parameters:
    """One student's draw from a regime's ranges; the names and units are the seed file's."""

    ability: float
    track_spread: float
    unit_spread: float
    level_drop: float
    inherited: float
    rate: float
    lesson: float
    help: float
    transfer: float
    back: float
    half_life: float
    consolidation: float
    kept: float
    slip: float
    a_day: float
    gap: float


@dataclass
class _Memory:
    """What was learned in one unit: how much, when it was last used, how long half of it lasts."""

    learned: float = 0.0
    day: float = 0.0
    half_life: float = 1.0


@dataclass(frozen=True)
class Item:
    """A question of a unit. luck: the chance of a right answer without the skill."""

    unit: str
    name: str
    kind: str
    difficulty: float
    discrimination: float
    luck: float


class Learner:
    """One student. Days are counted from the first; every draw comes from the student's own chance."""

    def __init__(self, units: Mapping[str, Unit], parameters: Parameters, seed: str, line: float) -> None:
        self.parameters = parameters
        self.line = math.log(line / (1 - line))
        self.share = line
        self._units = units
        self._chance = random.Random(f"{seed}/answers")
        self._first = dict(_first_skills(units, parameters, random.Random(f"{seed}/knowledge")))
        self._memories: dict[str, _Memory] = {}

    def skill(self, unit: str, day: float) -> float:
        """The skill in logits: what was brought, what was learned here, what carries over."""
        needs = self._units[unit].prerequisites
        carried = sum(self._own(name, day) for name in needs) / len(needs) if needs else 0.0
        return self._first[unit] + self._own(unit, day) + self.parameters.transfer * carried

    def is_known(self, unit: str, day: float) -> bool:
        return self.skill(unit, day) >= self.line

    def expected_score(self, units: Collection[str], day: float) -> float:
        """What an exam with a typical item of each unit would show, without luck and slips; 0 to 1."""
        return sum(_logistic(self.skill(unit, day)) for unit in units) / len(units)

    def is_ready(self, unit: str, day: float) -> bool:
        """Whether all that the unit builds on is known."""
        return all(self.is_known(name, day) for name in self._units[unit].prerequisites)

    def answers(self, item: Item, day: float) -> bool:
        """Whether an unaided answer is right, drawn anew."""
        known = _logistic(item.discrimination * (self.skill(item.unit, day) - item.difficulty))
        right = known * (1 - self.parameters.slip) + (1 - known) * item.luck
        return self._chance.random() < right

    def answers_with_help(self, item: Item, day: float) -> bool:
        """The second try, after a hint that makes the item about two logits easier."""
        known = _logistic(item.discrimination * (self.skill(item.unit, day) - item.difficulty + 2.0))
        return self._chance.random() < known * (1 - self.parameters.slip) + (1 - known) * item.luck

    def read(self, unit: str, day: float) -> None:
        self._learn(unit, day, self.parameters.lesson)

    def practise(self, unit: str, day: float, *, helped: bool) -> None:
        """What an answered item leaves behind; help after a miss adds its share."""
        share = 1.0 + (self.parameters.help if helped else 0.0)
        self._learn(unit, day, self.parameters.rate * share)

    def _learn(self, unit: str, day: float, most: float) -> None:
        needs = self._units[unit].prerequisites
        weakest = min((self.skill(name, day) for name in needs), default=math.inf)
        readiness = UNREADY + (1 - UNREADY) * _logistic(2.0 * (weakest - self.line) + 1.0)
        room = 1 - _logistic(self.skill(unit, day) - CEILING)
        gain = most * readiness * room
        self._strengthen(unit, day, gain)
        for name in needs:
            self._strengthen(name, day, gain * self.parameters.back)

    def _strengthen(self, unit: str, day: float, gain: float) -> None:
        memory = self._memories.setdefault(unit, _Memory(day=day, half_life=self.parameters.half_life))
        if memory.learned and day - memory.day >= SPACED:
            memory.half_life = min(memory.half_life * self.parameters.consolidation, LONGEST_HALF_LIFE)
        memory.learned = self._own(unit, day) + gain
        memory.day = day

    def _own(self, unit: str, day: float) -> float:
        memory = self._memories.get(unit)
        if memory is None:
            return 0.0
        left = 2.0 ** (-(day - memory.day) / memory.half_life)
        return memory.learned * (self.parameters.kept + (1 - self.parameters.kept) * left)


def draw_parameters(ranges: Ranges, chance: random.Random) -> Parameters:
    """Each evenly from its interval, in the order of the fields."""
    bounds: dict[str, Range] = dict(ranges)
    return Parameters(**{name: chance.uniform(*bounds[name]) for name in Ranges.model_fields})


def draw_learners(units: Mapping[str, Unit], regime: str, split: Split, count: int) -> Iterator[Learner]:
    """The first `count` students of a regime and split; the same ones each time."""
    return (draw_learner(units, regime, split, number) for number in range(count))


def draw_learner(units: Mapping[str, Unit], regime: str, split: Split, number: int) -> Learner:
    """A student by number, from 0, on the first day; always the same one."""
    known = read_seed_file()
    seed = f"{known.seeds[split]}/{regime}/{number}"
    parameters = draw_parameters(known.regimes[regime], random.Random(seed))
    return Learner(units, parameters, seed, known.line)


def draw_items(unit: str, split: Split) -> tuple[Item, ...]:
    """The questions of a unit, the same for every student of a split."""
    known = read_seed_file()
    chance = random.Random(f"{known.seeds[split]}/items/{unit}")
    names = list(known.items.kinds)
    shares = [known.items.kinds[name].share for name in names]
    items: list[Item] = []
    for number in range(1, known.items.per_unit + 1):
        kind = chance.choices(names, shares)[0]
        difficulty = chance.uniform(*known.items.difficulty)
        discrimination = chance.uniform(*known.items.discrimination)
        luck = chance.uniform(*known.items.kinds[kind].luck)
        items.append(Item(unit, f"q{number}", kind, difficulty, discrimination, luck))
    return tuple(items)


def _first_skills(
    units: Mapping[str, Unit], parameters: Parameters, chance: random.Random
) -> Iterator[tuple[str, float]]:
    """The skill of every unit on the first day, each after those that it builds on."""
    tracks = {
        track: chance.gauss(0.0, parameters.track_spread)
        for track in sorted({unit.track for unit in units.values()})
    }
    first: dict[str, float] = {}
    order = TopologicalSorter({name: unit.prerequisites for name, unit in units.items()}).static_order()
    for name in order:
        unit = units[name]
        own = parameters.ability + tracks[unit.track] - parameters.level_drop * (unit.level - 1)
        own += chance.gauss(0.0, parameters.unit_spread)
        below = [first[needed] for needed in unit.prerequisites]
        share = parameters.inherited if below else 0.0
        first[name] = (1 - share) * own + share * (sum(below) / len(below) if below else 0.0)
        yield name, first[name]


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(min(x, 40.0), -40.0)))
