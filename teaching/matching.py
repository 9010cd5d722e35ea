"""Which of a question's ideas a free answer states, and whether it voices a misconception.

Features (`features.py`) go through a logistic regression trained on students' answers;
its weights and their licence notice are in `matching_model.json`. The one rule owned
here: what is not certain is not decided. A probability between the bands is `unsure`
and the dialogue asks on; a negation or an opposite that the idea does not have keeps
an idea from being covered, whatever the probability.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any, Literal

from knowledge.unit import ExplainQuestion, Misconception
from teaching import wording
from teaching.features import (
    Cosines,
    Encoder,
    Proposition,
    Reading,
    read_answer,
)
from teaching.pair_reader import open_reader
from teaching.speech_act import ActKind, classify
from teaching.vector_features import cosines_over, texts_of, texts_of_answer

Verdict = Literal["covered", "missing", "contradicts", "unsure"]
COVERS, MISSES = 0.84, 0.06
DENIES = 0.35
"""Chosen on learners' answers (docs/answer-matching.md): at most 5 % of the right ones disputed, at most
5 % of the contradicting ones confirmed, and what lies between is asked again."""
VOICES = 0.80
"""A misconception is named from this probability on: accusing a right answer costs more than asking."""
CAPPED = 0.5
"""Where a contradicted idea ends up: between the bands, so that the tutor asks."""
_TAKEN_BACK = (
    "that is wrong",
    "this is wrong",
    "is false",
    "is not true",
    "is nonsense",
    "the opposite is true",
)


def verdict(p: float, p_contradicts: float) -> Verdict:
    """What two probabilities allow to say of a proposition; `unsure` wherever no band holds."""
    if p >= COVERS:
        return "covered"
    if p_contradicts >= DENIES:
        return "contradicts"
    return "missing" if p <= MISSES else "unsure"


@dataclass(frozen=True)
class Matching:
    """`expectations` and `misconceptions` give probabilities by id, in the question's order.

    Each idea is covered, missed or unsure. contradicted: those of them, none covered, of which the
    answer states what cannot be true beside them.
    """

    speech_act: ActKind
    expectations: Mapping[str, float]
    covered: tuple[str, ...]
    missed: tuple[str, ...]
    unsure: tuple[str, ...]
    misconception: str | None = None
    misconceptions: Mapping[str, float] = field(default_factory=dict[str, float])
    contradicted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Belief:
    """How far an answer states one proposition: `sure` for a (near) copy of an authored wording.

    p, p_contradicts: probabilities that the answer states it, and that it states what cannot be
    true beside it.
    """

    p: float
    sure: bool
    reading: Reading
    p_contradicts: float = 0.0

    @property
    def contradicts(self) -> bool:
        """A sign of contradiction: enough not to confirm, not enough to deny."""
        return self.reading.negation_differs or self.reading.opposed or self.reading.turned

    @property
    def verdict(self) -> Verdict:
        """What may be said of the proposition."""
        return verdict(self.p, self.p_contradicts)


@lru_cache(maxsize=1)
def _models() -> dict[str, Any]:
    path = Path(__file__).with_name("matching_model.json")
    return json.loads(path.read_text(encoding="utf-8"))["models"]


def logit(head: Mapping[str, Any], features: Mapping[str, float]) -> float:
    """The calibrated log-odds that a head of the model gives to these features."""
    raw = head["intercept"] + sum(weight * features[name] for name, weight in head["weights"].items())
    return head["calibration"]["slope"] * raw + head["calibration"]["shift"]


def _probability(head: Mapping[str, Any], features: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-max(min(logit(head, features), 30.0), -30.0)))


@lru_cache(maxsize=512)
def _vectors(encoder: Encoder, texts: tuple[str, ...]) -> dict[str, Any]:
    """An item's texts stay the same from turn to turn, so their vectors are kept."""
    return dict(zip(texts, encoder.encode(list(texts)), strict=True))


def _cosines(encoder: Encoder, answer: str, items: Sequence[Proposition]) -> Cosines:
    authored = dict.fromkeys(text for item in items for text in texts_of(item))
    known = dict(_vectors(encoder, tuple(authored)))
    new = [text for text in texts_of_answer(answer) if text not in known]
    if new:
        known.update(zip(new, encoder.encode(new), strict=True))
    return cosines_over(known)


def believe(answer: str, items: Sequence[Proposition], encoder: Encoder | None = None) -> list[Belief]:
    """A `Belief` for each proposition, in order."""
    if not items:
        return []
    cosines = _cosines(encoder, answer, items) if encoder else None
    pairs = open_reader(encoder) if encoder else None
    leg = _models()["paired" if pairs else "dense" if cosines else "lexical"]
    beliefs: list[Belief] = []
    taken_back = _is_taken_back(answer)
    for item in items:
        reading = read_answer(answer, item, cosines, pairs)
        heads = leg["exemplars" if item.bad else "bare"]
        sure = not taken_back and is_near_copy(answer, item.good)
        p = 1.0 if sure else _probability(heads["covers"], reading.features)
        denied = 0.0 if sure else _probability(heads["contradicts"], reading.features)
        belief = Belief(p, sure, reading, max(denied, CAPPED) if reading.turned and not sure else denied)
        if not sure and (taken_back or belief.contradicts):
            belief = replace(belief, p=min(p, CAPPED))
        beliefs.append(belief)
    return beliefs


def is_near_copy(answer: str, wordings: Sequence[str]) -> bool:
    """Whether a segment says a wording's words in its order, small slips and stop words aside."""
    said = [wording.plain(segment) for segment in wording.segments(answer)]
    return any(_same_words(one, wording.plain(text)) for text in wordings for one in said)


def _same_words(said: tuple[str, ...], meant: tuple[str, ...]) -> bool:
    if not meant or len(said) != len(meant):
        return False
    return all(wording.is_same_word(one, other) for one, other in zip(said, meant, strict=True))


def _is_taken_back(answer: str) -> bool:
    plain = " ".join(wording.words(answer))
    return any(plain.endswith(phrase) for phrase in _TAKEN_BACK) or plain.startswith(
        ("it is false", "it is not true", "it is wrong", "i do not think", "i doubt")
    )


def propositions(
    question: ExplainQuestion, misconceptions: Mapping[str, Misconception]
) -> tuple[list[Proposition], list[tuple[str, Proposition]]]:
    """The question's ideas, in order, and its known misconceptions by id.

    Partial answers, misconceptions and the other ideas are what an idea is told apart from.
    """
    known = [misconceptions[name] for name in question.misconceptions if name in misconceptions]
    wrong = tuple(text for m in known for text in (m.belief, *m.cue))
    ideas = [
        Proposition(
            question.ask,
            (idea.says, *idea.variants),
            (*idea.partial, *wrong, *(other.says for other in question.expectations if other is not idea)),
        )
        for idea in question.expectations
    ]
    right = tuple(text for idea in question.expectations for text in (idea.says, *idea.variants))
    return ideas, [
        (m.id, Proposition(question.ask, (m.belief, *m.cue), (*right, *m.accepted_repairs))) for m in known
    ]


def match_answer(
    question: ExplainQuestion,
    text: str,
    misconceptions: Mapping[str, Misconception],
    embedder: Encoder | None = None,
) -> Matching:
    """Bands for every expectation, and at most one misconception. Without an embedder: by words alone."""
    ideas, wrong = propositions(question, misconceptions)
    beliefs = believe(text, [*ideas, *(item for _, item in wrong)], embedder)
    stated = dict(zip((idea.id for idea in question.expectations), beliefs, strict=False))
    voiced = dict(zip((name for name, _ in wrong), beliefs[len(ideas) :], strict=True))
    named = _named_misconception(voiced, stated, ideas, embedder)
    bands = {name: _band(belief) for name, belief in stated.items()}
    if named:
        clash = voiced[named].reading.segment
        for name, belief in stated.items():
            if bands[name] == "covered" and not belief.sure and belief.reading.segment == clash:
                bands[name] = "unsure"
    return Matching(
        classify(text, asked=question.ask).kind,
        {name: belief.p for name, belief in stated.items()},
        tuple(name for name, band in bands.items() if band == "covered"),
        tuple(name for name, band in bands.items() if band == "missed"),
        tuple(name for name, band in bands.items() if band == "unsure"),
        named,
        {name: belief.p for name, belief in voiced.items()},
        tuple(name for name, belief in stated.items() if belief.verdict == "contradicts"),
    )


def _band(belief: Belief) -> str:
    if belief.p >= COVERS:
        return "covered"
    return "missed" if belief.p <= MISSES else "unsure"


def _named_misconception(
    voiced: Mapping[str, Belief],
    stated: Mapping[str, Belief],
    ideas: Sequence[Proposition],
    encoder: Encoder | None,
) -> str | None:
    """The likeliest misconception, if it beats every idea on the words in which it is voiced."""
    name = max(voiced, key=lambda one: voiced[one].p, default=None)
    if name is None or voiced[name].p < VOICES or voiced[name].contradicts:
        return None
    if voiced[name].sure:
        return name
    words_used = voiced[name].reading.segment
    rivals = [belief.p for belief in believe(words_used, ideas, encoder)]
    rivals += [idea.p for idea in stated.values() if _share_words(idea.reading.segment, words_used)]
    return name if voiced[name].p > max(rivals, default=0.0) else None


def _share_words(one: str, other: str) -> bool:
    """Whether two segments of an answer are, in the main, the same words."""
    mine, theirs = set(wording.content(one)), set(wording.content(other))
    return len(mine & theirs) > 0.5 * min(len(mine), len(theirs)) if mine and theirs else False
