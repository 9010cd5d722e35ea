"""Does the recommended way reach a goal in fewer steps than the order of the book?

The same simulated students take each way from the same first day until their true skill is over
the line in the next units of a programme, taken together. The rule owned here: a student who never arrives
counts with all the steps that were allowed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from evals.learners import Split, draw_learner, read_seed_file
from evals.learners_desk import Course, Desk, WrittenCatalog
from evals.learners_policy import MOST_STEPS, POLICIES, Journey, travel
from evals.metrics import Interval, mean
from evals.record import Sample
from evals.run import Context

NAME = "planning"
DESCRIPTION = (
    "steps until the skills of a goal are there, by placement and recommendation against linear order"
)
GOALS = 20
BASELINE = "linear"
WAY = "placed"
FLOORS = {
    "quick-and-forgetful.saved": 0.2, "slow-and-steady.saved": 0.2, "mixed-with-much-knowledge.saved": 0.2,
}  # fmt: skip


def run(context: Context) -> Iterator[Sample]:
    """One sample a student: the journey of every policy."""
    seed_file = read_seed_file()
    for regime in seed_file.regimes:
        yield from run_regime(
            WrittenCatalog(context.catalog, "test"), regime, "test", seed_file.students["planning"]
        )


def run_regime(catalog: WrittenCatalog, regime: str, split: Split, count: int) -> Iterator[Sample]:
    """Students who need something of their goal; one who knows all of it on the first day is passed over."""
    found = 0
    for number in range(10 * count):
        if found == count:
            return
        course = draw_course(catalog, regime, split, number)
        journeys = {name: _journey(catalog, course, regime, split, number, name) for name in POLICIES}
        if journeys[BASELINE].steps:
            found += 1
            yield _sample(regime, number, course, journeys)


def draw_course(catalog: WrittenCatalog, regime: str, split: Split, number: int) -> Course:
    """The next units of a programme, from a place drawn for the student.

    Projects have no questions, so where there are only projects the exam is on what they build on.
    """
    chance = random.Random(f"{read_seed_file().seeds[split]}/{regime}/{number}/goal")
    programme = catalog.programme(chance.choice(catalog.programme_ids))
    units = programme.unit_ids()
    begin = chance.randrange(max(len(units) - GOALS, 1))
    chosen = tuple(units[begin : begin + GOALS])
    below = dict.fromkeys(needed for unit in chosen for needed in catalog.units[unit].prerequisites)
    exam = _asked(catalog, chosen) or _asked(catalog, below)
    return Course(programme.id, programme.title, chosen, exam)


def _asked(catalog: WrittenCatalog, units: Iterable[str]) -> tuple[str, ...]:
    return tuple(unit for unit in units if catalog.units[unit].kind != "project")


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """By regime and policy: mean steps, and the share of them wasted and premature, and who arrived.

    saved: one minus the ratio of mean steps to linear order's; saved.low its 95 % bootstrap bound.
    """
    found: dict[str, float] = {}
    for regime in dict.fromkeys(sample.input["regime"] for sample in samples):
        own = [sample for sample in samples if sample.input["regime"] == regime]
        for name in POLICIES:
            journeys = [sample.output[name] for sample in own]
            steps = sum(journey["steps"] for journey in journeys)
            found |= {
                f"{regime}.{name}.steps": steps / len(own),
                f"{regime}.{name}.wasted": sum(journey["wasted"] for journey in journeys) / steps
                if steps
                else 0.0,
                f"{regime}.{name}.premature": sum(j["premature"] for j in journeys) / steps if steps else 0.0,
                f"{regime}.{name}.arrived": mean([float(journey["reached"]) for journey in journeys]),
            }
            if name != BASELINE:
                ratio = steps_ratio(own, name)
                found |= {f"{regime}.{name}.ratio": ratio.value, f"{regime}.{name}.ratio.low": ratio.low,
                          f"{regime}.{name}.ratio.high": ratio.high}  # fmt: skip
        found[f"{regime}.saved"] = 1 - found[f"{regime}.{WAY}.ratio"]
    return found


def steps_ratio(samples: Sequence[Sample], policy: str, draws: int = 1000, seed: int = 0) -> Interval:
    """Mean steps of a policy over those of linear order, with its interval over students."""
    pairs = [(sample.output[policy]["steps"], sample.output[BASELINE]["steps"]) for sample in samples]

    def ratio(chosen: Sequence[tuple[int, int]]) -> float:
        return sum(way for way, _ in chosen) / sum(linear for _, linear in chosen)

    chance = random.Random(seed)
    drawn = sorted(ratio(chance.choices(pairs, k=len(pairs))) for _ in range(draws))
    return Interval(ratio(pairs), drawn[round(0.025 * (draws - 1))], drawn[round(0.975 * (draws - 1))])


def _journey(
    catalog: WrittenCatalog, course: Course, regime: str, split: Split, number: int, policy: str
) -> Journey:
    """A policy's journey of one student, who is drawn anew and so the same for each policy."""
    learner = draw_learner(catalog.units, regime, split, number)
    desk = Desk(learner, catalog.restricted(catalog.closure(course.unit_ids())))
    return travel(desk, course, POLICIES[policy]())


def _sample(regime: str, number: int, course: Course, journeys: dict[str, Journey]) -> Sample:
    scores = {
        f"saved.{name}": 1 - journey.steps / journeys[BASELINE].steps
        for name, journey in journeys.items()
        if name != BASELINE
    }
    output = {name: vars(journey) for name, journey in journeys.items()}
    given = {"regime": regime, "programme": course.id, "goals": list(course.units), "most_steps": MOST_STEPS}
    return Sample(f"{regime}/{number}", given, output, scores)
