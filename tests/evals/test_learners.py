"""Simulated learners: what they bring, learn, forget and carry over; and what their log shows of it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from evals.learners import (
    Item,
    Learner,
    Parameters,
    Ranges,
    draw_items,
    draw_learner,
    draw_parameters,
    read_seed_file,
)
from evals.learners_desk import Desk, WrittenCatalog
from knowledge.catalog import load_catalog
from knowledge.unit import Unit
from teaching.evidence import observe
from teaching.tracing import mastery
from tutor_error import TutorError

UNITS = {
    name: Unit(id=name, kind="lesson", title=name, track="math", level=1, prerequisites=needs)
    for name, needs in (("vectors", ()), ("pca", ("vectors",)), ("whitening", ("pca",)))
}
USUAL = Parameters(
    ability=-2.0, track_spread=0.0, unit_spread=0.0, level_drop=0.3, inherited=0.0, rate=0.8, lesson=0.8,
    help=0.5, transfer=0.3, back=0.2, half_life=4.0, consolidation=1.5, kept=0.3, slip=0.05, a_day=10,
    gap=1,
)  # fmt: skip


def learner(**changed: float) -> Learner:
    return Learner(UNITS, replace(USUAL, **changed), "seed", 0.75)


@pytest.fixture(scope="module")
def catalog() -> WrittenCatalog:
    return WrittenCatalog(load_catalog(), "development")


def test_practice_raises_a_skill_and_days_take_part_of_it_away() -> None:
    ada = learner()
    before = ada.skill("vectors", 0)
    for _ in range(4):
        ada.practise("vectors", 0, helped=False)
    after = ada.skill("vectors", 0)
    assert after > before + 1
    gained = after - before
    assert ada.skill("vectors", 4) - before == pytest.approx(gained * (0.3 + 0.7 / 2))
    assert ada.skill("vectors", 4000) - before == pytest.approx(gained * 0.3)


def test_what_was_recalled_after_days_lasts_longer_than_what_was_crammed() -> None:
    crammed, spaced = learner(), learner()
    for day in (0, 0, 0, 0):
        crammed.practise("vectors", day, helped=False)
    for day in (0, 1, 2, 3):
        spaced.practise("vectors", day, helped=False)
    lost_crammed = crammed.skill("vectors", 0) - crammed.skill("vectors", 8)
    lost_spaced = spaced.skill("vectors", 3) - spaced.skill("vectors", 11)
    assert lost_spaced < lost_crammed


def test_learning_carries_over_to_what_builds_on_it_and_strengthens_what_it_builds_on() -> None:
    ada = learner()
    before = {name: ada.skill(name, 0) for name in UNITS}
    ada.read("pca", 0)
    assert all(ada.skill(name, 0) > before[name] for name in UNITS)
    assert ada.skill("pca", 0) - before["pca"] > ada.skill("whitening", 0) - before["whitening"]


def test_a_unit_is_learned_slowly_while_what_it_builds_on_is_missing() -> None:
    unready, ready = learner(transfer=0.0), learner(transfer=0.0)
    for _ in range(30):
        ready.practise("vectors", 0, helped=True)
    assert ready.is_ready("pca", 0) and not unready.is_ready("pca", 0)
    gains: list[float] = []
    for one in (unready, ready):
        before = one.skill("pca", 0)
        one.practise("pca", 0, helped=False)
        gains.append(one.skill("pca", 0) - before)
    assert gains[1] > 3 * gains[0]


def test_answers_follow_skill_difficulty_luck_and_slips() -> None:
    ada = learner(ability=3.0, slip=0.1)
    easy, lucky = Item("vectors", "q", "choice", -3, 1.5, 0), Item("whitening", "q", "choice", 60, 1.0, 0.25)
    share = sum(ada.answers(easy, 0) for _ in range(4000)) / 4000
    assert share == pytest.approx(0.9, abs=0.02)
    assert sum(ada.answers(lucky, 0) for _ in range(4000)) / 4000 == pytest.approx(0.25, abs=0.03)


def test_the_same_student_is_drawn_each_time_and_within_the_ranges(catalog: WrittenCatalog) -> None:
    first = draw_learner(catalog.units, "slow-and-steady", "test", 3)
    again = draw_learner(catalog.units, "slow-and-steady", "test", 3)
    other = draw_learner(catalog.units, "slow-and-steady", "development", 3)
    assert first.parameters == again.parameters != other.parameters
    assert [first.skill(name, 0) for name in catalog.units] == [
        again.skill(name, 0) for name in catalog.units
    ]
    ranges = read_seed_file().regimes["slow-and-steady"]
    for name in Ranges.model_fields:
        low, high = getattr(ranges, name)
        assert low <= getattr(first.parameters, name) <= high


def test_every_regime_of_the_seed_file_draws_and_regimes_differ() -> None:
    known = read_seed_file()
    assert len(known.regimes) >= 3 and known.seeds["development"] != known.seeds["test"]
    abilities = {
        name: sum(draw_parameters(ranges, random.Random(n)).ability for n in range(50)) / 50
        for name, ranges in known.regimes.items()
    }
    assert max(abilities, key=lambda name: abilities[name]) == "mixed-with-much-knowledge"


def test_a_seed_file_with_a_wrong_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "learners.yaml"
    path.write_text("sedes: {development: 1, test: 2}\n", encoding="utf-8")
    with pytest.raises(TutorError, match="sedes"):
        read_seed_file(path)


def test_items_are_the_same_for_all_students_and_others_in_the_other_split() -> None:
    assert draw_items("pca", "test") == draw_items("pca", "test") != draw_items("pca", "development")


def test_all_units_count_as_written_and_none_is_lost(catalog: WrittenCatalog) -> None:
    assert set(catalog.units) == set(load_catalog().units)
    assert {unit.status for unit in catalog.units.values()} == {"authored"}
    closure = catalog.closure(["principal-component-analysis"])
    for place, name in enumerate(closure):
        assert set(catalog.units[name].prerequisites) <= set(closure[:place])


def test_the_log_of_a_desk_is_evidence_as_the_tools_write_it(catalog: WrittenCatalog) -> None:
    desk = Desk(draw_learner(catalog.units, "slow-and-steady", "development", 0), catalog)
    unit = "eigendecomposition"
    for _ in range(6):
        desk.study(unit)
    assert desk.steps == 6 and unit in desk.read
    assert {event.item for event in desk.log} <= {item.name for item in catalog.items[unit]}
    groups = observe(catalog, desk.log)
    unaided = [one for group in groups for one in group if not one.assisted]
    assert len(unaided) == 5
    missed = [event for event in desk.log if event.kind == "helped"]
    assert len(missed) == sum(not one.correct for one in unaided)
    assert mastery(catalog, desk.log)[unit].level != "unseen"


def test_a_day_ends_and_the_next_comes_after_the_students_pause(catalog: WrittenCatalog) -> None:
    desk = Desk(draw_learner(catalog.units, "slow-and-steady", "development", 1), catalog)
    a_day = round(desk.learner.parameters.a_day)
    for _ in range(a_day):
        assert desk.day < 1
        desk.study("eigendecomposition")
    assert desk.day == pytest.approx(desk.learner.parameters.gap)
