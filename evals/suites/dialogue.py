"""Does every authored dialogue end well, whoever talks?

Each unit's dialogue with each talker, through the real turn, and a sample of them through the
whole tutor. The rule owned here: a fault is one unit, question, talker and turn, in words that
let a maintainer repeat it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from evals.learners_dialogue import Tale, Watch, converse
from evals.learners_graph import talk_with_the_tutor
from evals.learners_talk import read_book, talkers
from evals.metrics import mean
from evals.record import Sample
from evals.run import Context
from evals.vectors import RememberingEncoder
from knowledge.catalog import Catalog
from knowledge.embed import open_embedder
from knowledge.page import Case, Lesson

NAME = "dialogue"
DESCRIPTION = "every authored dialogue ends, gives nothing away and keeps what was said, whoever talks"
RULES = ("ended", "no_leak", "coverage_kept", "keys_confirmed")
FLOORS = {**dict.fromkeys(RULES, 1.0), "undisputed": 0.9, "graph.ended": 1.0, "graph.coverage_kept": 1.0}
IN_OWN_WORDS = ("right", "partial", "wrong", "off-topic")
"""Talkers whose answers are judged with vectors, as the tutor has them; pastes and noise by words alone,
where a long text would cost a minute."""
RATES = (("heard", "sound"), ("undisputed", "answered_soundly"), ("confirmed", "keys"), ("named", "voiced"))
"""Shares over all turns: what was met, of all that there was."""
THROUGH_THE_GRAPH = ("right", "wrong", "pressure")
EVERY_SO_MANY = 12
"""One unit in so many is talked through with the whole tutor."""


def run(context: Context) -> Iterator[Sample]:
    """One sample a unit and talker; then a sample of units through the graph."""
    book = read_book()
    catalog = context.catalog
    embedder = open_embedder()
    encoder = RememberingEncoder(embedder) if embedder is not None else None
    pages = written_pages(catalog)
    voices = talkers(book, _passages(pages))
    for page in pages:
        beliefs = catalog.misconceptions_of(page.unit.id)
        watch = Watch(page, beliefs)
        for name, talker in voices.items():
            started = time.perf_counter()
            tale = converse(page, name, talker, beliefs, encoder if name in IN_OWN_WORDS else None, watch)
            yield _sample(page.unit.id, name, tale, time.perf_counter() - started)
    chosen = [page for page in pages if page.unit.kind == "lesson"][::EVERY_SO_MANY]
    yield from talk_with_the_tutor(catalog, chosen, {name: voices[name] for name in THROUGH_THE_GRAPH})


def written_pages(catalog: Catalog) -> list[Lesson | Case]:
    """The page of every unit that has a dialogue."""
    return [
        catalog.lesson(unit.id) if unit.kind == "lesson" else catalog.case(unit.id)
        for unit in catalog.find()
        if unit.status != "planned" and unit.kind != "project"
    ]


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """The share of dialogues without a fault, by rule; rates over turns; the same through the graph."""
    alone = [sample for sample in samples if not sample.input["graph"]]
    through = [sample for sample in samples if sample.input["graph"]]
    found = {rule: mean([sample.scores[rule] for sample in alone]) for rule in RULES}
    for met, of in RATES:
        total = sum(sample.output[of] for sample in alone)
        if total:
            found[met] = sum(sample.output[met] for sample in alone) / total
    pasted = [sample.output["covered"] for sample in alone if sample.input["talker"] == "pastes-the-question"]
    found["covered_by_pasting_the_question"] = float(sum(pasted))
    found["turns"] = float(sum(sample.output["turns"] for sample in alone))
    found["dialogues"] = float(len(alone))
    for rule in sorted({name for sample in through for name in sample.scores}):
        found[f"graph.{rule}"] = mean([sample.scores[rule] for sample in through if rule in sample.scores])
    found["graph.dialogues"] = float(len(through))
    return found


def faults(samples: Sequence[Sample]) -> list[str]:
    """Every fault of a run in words: rule, unit, question, talker, turn, and what happened."""
    return [
        f"{rule}: {told}"
        for sample in samples
        for rule, all_told in sample.output["faults"].items()
        for told in all_told
    ]


def _sample(unit: str, talker: str, tale: Tale, seconds: float) -> Sample:
    scores = {rule: float(rule not in tale.faults) for rule in RULES}
    output: dict[str, Any] = {
        "faults": tale.faults, "turns": tale.turns, "sound": tale.sound, "heard": tale.heard,
        "answered_soundly": tale.answered_soundly, "undisputed": tale.answered_soundly - tale.disputed,
        "keys": tale.keys, "confirmed": tale.confirmed, "voiced": tale.voiced, "named": tale.named,
        "covered": tale.covered,
    }  # fmt: skip
    return Sample(
        f"{unit}/{talker}", {"unit": unit, "talker": talker, "graph": False}, output, scores, seconds=seconds
    )


def _passages(pages: Sequence[Lesson | Case]) -> list[str]:
    """The beginning of a section of each unit, as a search shows it."""
    found: list[str] = []
    for page in pages:
        section = next(one for one in page.page.sections if page.page.text_under(one).strip())
        found.append(f"{page.unit.id} › {section.title}\n{page.page.text_under(section).strip()[:600]}")
    return found
