"""Which network reads which pair, so that none is read by a network that learnt from its group.

SemEval: one network a fold of a corpus' training questions, fitted on the other questions of that
corpus and on nothing else; a test is read by the mean of them, which saw its training split only.
Learners' answers: networks that go on from all of SemEval and, a fold of units at a time, learn from
the other units' answers and authored wordings. The shipped ones learn from all units. The one rule
owned here: a network is never asked about a question or a unit of its own training rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evals.matching_data import SEED, Example
from evals.pair_network import Draw, PairRow, Plan, train_network
from teaching import contrast, wording
from teaching.features import Proposition
from teaching.pair_reader import Network, PairReader, PairScores

QUESTION_FOLDS, UNIT_FOLDS = 4, 8
SEEDS = (1,)
"""Networks that differ in their seed alone; their mean reads."""
SEMEVAL, UNITS, SHIPPED = "semeval", "units", "shipped"
"""Names of networks: of both corpora, of the domain's folds, of all. A corpus and its folds have its own."""
FROM_SEMEVAL, FROM_UNITS = Plan(epochs=6, rate=2e-3), Plan(epochs=4, rate=1e-3)


@dataclass(frozen=True)
class Idea:
    """What an author wrote around one idea: wordings, partial ones, the other ideas', wrong ones."""

    unit: str
    good: tuple[str, ...]
    partial: tuple[str, ...]
    others: tuple[str, ...]
    wrong: tuple[str, ...]


def folds_of(groups: Iterable[str], number: int) -> dict[str, int]:
    """A fold for each group, the same every time."""
    drawn = sorted(set(groups))
    random.Random(SEED).shuffle(drawn)
    return {group: place % number for place, group in enumerate(drawn)}


def answers_drawn(examples: Sequence[Example], chance: random.Random) -> list[PairRow]:
    """Every answer beside one wording of its proposition."""
    return [
        PairRow(chance.choice(row.proposition.good), row.answer, row.covers, row.contradicts)
        for row in examples
    ]


def authored_drawn(ideas: Sequence[Idea], chance: random.Random) -> list[PairRow]:
    """Authored texts as answers: a wording states its idea, the rest does not, a flip contradicts it."""
    rows: list[PairRow] = []
    for idea in ideas:
        for said in idea.good:
            meant = chance.choice(idea.good)
            if meant != said:
                rows.append(PairRow(meant, said, True, False))
            flips = flips_of(said)
            if flips and chance.random() < 0.5:
                rows.append(PairRow(chance.choice(idea.good), chance.choice(flips), False, True, 0.7))
            if idea.others and chance.random() < 0.5:
                rows.append(PairRow(said, chance.choice(idea.others), False, False))
        rows += [PairRow(chance.choice(idea.good), said, False, False) for said in idea.partial]
        rows += [
            PairRow(chance.choice(idea.good), said, False, False, 0.5)
            for said in idea.wrong
            if chance.random() < 0.4
        ]
    return rows


def flips_of(wording: str) -> list[str]:
    """The wording with one negation or opposite more: what contradicts it for certain."""
    return list(contrast.contraries(wording)[:2])


def texts_of_pairs(examples: Iterable[Example], ideas: Iterable[Idea]) -> set[str]:
    """Every text whose states are needed."""
    found: set[str] = set()
    for row in examples:
        found.update((row.answer, *wording.segments(row.answer)))
        found.update((*row.proposition.good, *row.proposition.bad))
    for idea in ideas:
        found.update((*idea.good, *idea.partial, *idea.others, *idea.wrong))
        found.update(flip for said in idea.good for flip in flips_of(said))
    return found


class PairFolds:
    """Trains networks when they are asked for. states: by text; kept: a folder for what was trained.

    semeval, learners: the training rows, with wordings alone; ideas: of all units with answers.
    """

    def __init__(
        self,
        semeval: Sequence[Example],
        learners: Sequence[Example],
        ideas: Sequence[Idea],
        states: Mapping[str, Any],
        kept: Path | None = None,
    ) -> None:
        self._semeval, self._learners, self._ideas = semeval, learners, ideas
        self._states, self._kept = states, kept
        self._questions = folds_of((row.group for row in semeval), QUESTION_FOLDS)
        self._units = folds_of((row.group for row in learners), UNIT_FOLDS)
        self._readers: dict[str, PairReader] = {}

    def reads(self, row: Example) -> PairScores:
        """The reader of a row: of a training question or unit, one that never saw it; else the shipped."""
        return self._reader(self.names_for(row))

    def reads_test(self, row: Example) -> PairScores:
        """The reader of a row of SemEval's tests, trained on the training split of its corpus alone."""
        return self._reader(self.names_for_test(row))

    def reads_shipped(self, row: Example) -> PairScores:
        """The reader that is shipped, whatever the row."""
        return self._reader([SHIPPED])

    def shipped(self) -> list[Network]:
        """The networks that go into the weights file."""
        return [self.network(SHIPPED, seed) for seed in SEEDS]

    def names_for(self, row: Example) -> list[str]:
        """The networks that may read a row: of its corpus or its domain, without its group."""
        if row.source == "semeval":
            return [f"{row.part}-{self._questions[row.group]}"]
        return [f"{UNITS}-{self._units[row.group]}"] if row.source == "learners" else [SHIPPED]

    def names_for_test(self, row: Example) -> list[str]:
        """The networks that may read a test's row: all of its corpus."""
        return [f"{row.part}-{fold}" for fold in range(QUESTION_FOLDS)]

    def _reader(self, names: Sequence[str]) -> PairReader:
        name = " ".join(names)
        if name not in self._readers:
            states = self._states
            networks = [self.network(one, seed) for one in names for seed in SEEDS]
            self._readers[name] = PairReader(networks, lambda texts: [states[text] for text in texts])
        return self._readers[name]

    def network(self, name: str, seed: int) -> Network:
        """A network by its name, trained now unless it was kept."""
        file = self._kept / f"{name}-{seed}.npz" if self._kept else None
        if file and file.exists():
            import numpy as np  # heavy; only training needs arrays

            with np.load(file) as stored:
                return dict(stored)
        found = self._train(name, seed)
        if file:
            import numpy as np  # as above

            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, **found)
        return found

    def _train(self, name: str, seed: int) -> dict[str, Any]:
        first, _, fold = name.rpartition("-")
        if first and first != UNITS:
            own = [r for r in self._semeval if r.part == first and self._questions[r.group] != int(fold)]
            return train_network(partial(answers_drawn, own), self._states, FROM_SEMEVAL, seed)
        if name == SEMEVAL:
            return train_network(partial(answers_drawn, self._semeval), self._states, FROM_SEMEVAL, seed)
        away = {unit for unit, own in self._units.items() if first and own == int(fold)}
        return train_network(self._without(away), self._states, FROM_UNITS, seed, self.network(SEMEVAL, seed))

    def _without(self, units: set[str]) -> Draw:
        answers = [row for row in self._learners if row.group not in units]
        ideas = [idea for idea in self._ideas if idea.unit not in units]
        return lambda chance: answers_drawn(answers, chance) + authored_drawn(ideas, chance)


def ideas_of(
    unit: str, items: Sequence[Proposition], partials: Sequence[Sequence[str]], wrong: Sequence[Proposition]
) -> list[Idea]:
    """The ideas of one question; items, wrong: `teaching.matching.propositions`; partials: one an idea."""
    mistaken = tuple(text for item in wrong for text in item.good)
    return [
        Idea(
            unit,
            item.good,
            tuple(part),
            tuple(text for other in items if other is not item for text in other.good),
            mistaken,
        )
        for item, part in zip(items, partials, strict=True)
    ]
