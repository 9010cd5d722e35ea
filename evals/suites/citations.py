"""Do citations that stay say what their sentence states?

Sentences with a cited section, labelled by two readers; a citation stays from a threshold on
that was chosen on the pairs of other units. The one rule owned here: figures are of the test
split, of pairs on which the readers agree.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from evals.citations import Pair, cited_text, kappa, read_pairs
from evals.metrics import confusion, mean, wilson_interval
from evals.record import Sample
from evals.run import Context
from knowledge.embed import open_embedder
from tutor.agent.guard.statement import is_statement
from tutor.agent.guard.support import Encoder, support, threshold

NAME = "citations"
DESCRIPTION = "a citation stays only behind a sentence that its section supports"
FLOORS = {"lexical.precision": 0.9, "dense.precision": 0.9}


def run(context: Context) -> Iterator[Sample]:
    """One sample a labelled pair, with the score of each form."""
    embedder = open_embedder()
    for pair in read_pairs():
        yield _measure(pair, cited_text(context.catalog, pair), embedder)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Precision and recall on the test split with 95 % intervals (Wilson); the readers' agreement."""
    first = [sample.input["supported"] for sample in samples]
    second = [sample.input["second"] for sample in samples]
    found = {
        "pairs": float(len(samples)),
        "agreement": mean([float(a == b) for a, b in zip(first, second, strict=True)]),
        "kappa": kappa(first, second),
    }
    for split, prefix in (("test", ""), ("tuning", "tuning.")):
        own = [s for s in samples if s.input["split"] == split and s.input["supported"] == s.input["second"]]
        found[f"{prefix}pairs_used"] = float(len(own))
        for form in sorted({form for sample in own for form in sample.output["stays"]}):
            found |= {f"{prefix}{form}.{name}": value for name, value in _figures(own, form).items()}
    return found


def _figures(samples: Sequence[Sample], form: str) -> dict[str, float]:
    truth = [bool(sample.input["supported"]) for sample in samples]
    stays = [bool(sample.output["stays"][form]) for sample in samples]
    counts = confusion(truth, stays)
    kept = counts.true_positive + counts.false_positive
    if not kept:
        return {"precision": 0.0, "recall": 0.0}
    precision = wilson_interval(counts.true_positive, kept)
    recall = wilson_interval(counts.true_positive, counts.true_positive + counts.false_negative)
    return {
        "precision": precision.value, "precision.low": precision.low, "precision.high": precision.high,
        "recall": recall.value, "recall.low": recall.low, "recall.high": recall.high,
    }  # fmt: skip


def _measure(pair: Pair, text: str, embedder: Encoder | None) -> Sample:
    started = time.perf_counter()
    forms: dict[str, Encoder | None] = {"lexical": None}
    if embedder is not None:
        forms["dense"] = embedder
    scores = {form: support(pair.sentence, text, encoder) for form, encoder in forms.items()}
    stays = {form: score >= threshold(form) for form, score in scores.items()}
    given = {
        "unit": pair.unit, "section": pair.section, "sentence": pair.sentence, "kind": pair.kind,
        "supported": pair.supported, "second": pair.second, "split": pair.split,
    }  # fmt: skip
    right = {f"{form}.right": float(kept == pair.supported) for form, kept in stays.items()}
    output = {"support": scores, "stays": stays, "is_statement": is_statement(pair.sentence)}
    return Sample(pair.id, given, output, right, seconds=time.perf_counter() - started)
