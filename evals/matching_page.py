"""The page that tells how well answers are heard: docs/answer-matching.md, from its recorded figures.

    python -m evals.matching_page

writes the page anew from docs/answer-matching.json. The one rule owned here: every number on the
page is read from that file, and that file is written by `evals.train_matching` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from teaching.features import DENSE, LEXICAL, PAIRED
from teaching.matching import COVERS, DENIES, MISSES

ROOT = Path(__file__).parent.parent
PAGE, FIGURES = ROOT / "docs" / "answer-matching.md", ROOT / "docs" / "answer-matching.json"
_CARD = Path(__file__).with_name("matching_card.md")
_LEGS = {"paired": "reading pairs", "dense": "sentence vectors", "lexical": "words alone"}
_KINDS = {"bare": "wordings alone", "exemplars": "with what comes close"}
_CORPORA = {"beetle": "Beetle", "sciEntsBank": "SciEntsBank"}
_LABELS = ("covered", "partial", "missing", "contradicts")
_VERDICTS = ("covered", "unsure", "missing", "contradicts")


def write_page(figures: Mapping[str, Any]) -> None:
    """Records the figures and writes the page from them."""
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(render(figures), encoding="utf-8")


def render(figures: Mapping[str, Any]) -> str:
    """The page in Markdown: the card's text with the tables in the places that it names."""
    parts = {
        "bands": _bands(),
        "agreement": _agreement(figures["agreement"], figures["labels"]),
        "semeval": _semeval(figures["figures"]),
        "learners": _learners(figures["figures"]),
        "verdicts": _verdicts(figures["figures"]),
        "made": _made(figures["figures"]),
        "features": f"By words alone: {_listed(LEXICAL)}. From vectors: {_listed(DENSE)}. "
        f"From reading pairs: {_listed(PAIRED)}.",
        "origin": f"Embedder `{figures['encoder']}`, seed {figures['seed']}.",
    }
    text = _CARD.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{{{name}}}}}", part)
    return text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "--|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _bands() -> str:
    return (
        f"covered from p = {COVERS:.2f} on; missing up to {MISSES:.2f}; contradicts where the other "
        f"head gives {DENIES:.2f} or more and the idea is not covered; between them unsure"
    )


def _agreement(told: Mapping[str, float], labels: Mapping[str, int]) -> str:
    rows = [
        ("the four labels", _percent(told["percent"]), f"{told['kappa']:.2f}"),
        ("covered against the rest", _percent(told["percent_covered"]), f"{told['kappa_covered']:.2f}"),
    ]
    counted = ", ".join(f"{labels[label]} {label}" for label in _LABELS)
    lead = f"{told['answers']:.0f} answers, {told['pairs']:.0f} pairs of an answer and an idea ({counted})."
    return lead + "\n\n" + _table(("two labellers", "agree", "Cohen's kappa"), rows)


def _each(figures: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    for kind in _KINDS:
        for leg in _LEGS:
            yield kind, leg, figures[leg][kind]


def _semeval(figures: Mapping[str, Any]) -> str:
    head = (
        "exemplars", "split", "corpus", "voice", "n", "AUC", "decided", "of these right", "covered",
        "of these right", "of these contradictory", "AUC of the shipped weights", "AUC contradictory",
    )  # fmt: skip
    rows = [
        (
            "10 good, 10 bad" if kind == "exemplars" else "none", row["split"], _CORPORA[row["corpus"]],
            _LEGS[leg], f"{row['n']:.0f}", f"{row['auc']:.3f}", _percent(row["decided"]),
            _percent(row["decided_right"]), _percent(row["covered"]), _percent(row["covered_right"]),
            _percent(row["covered_contradictory"]), f"{row['auc_shipped']:.3f}",
            f"{row['auc_contradictory']:.3f}",
        )
        for kind, leg, found in _each(figures)
        for row in found["semeval"]
    ]  # fmt: skip
    return _table(head, rows)


def _learners(figures: Mapping[str, Any]) -> str:
    head = (
        "known of the idea", "voice", "AUC covered", "AUC contradicts", "Brier", "decided", "of these right",
        "covered ones heard", "disputed", "disputed or missed", "contradicting ones confirmed",
    )  # fmt: skip
    rows = [
        (
            _KINDS[kind], _LEGS[leg], f"{row['auc']:.3f}", f"{row['auc_contradicts']:.3f}",
            f"{row['brier']:.3f}", _percent(row["decided"]), _percent(row["decided_right"]),
            _percent(row["recall"]),
            _percent(row["disputed"]), _percent(row["disputed_strictly"]), _percent(row["confirmed"]),
        )
        for kind, leg, found in _each(figures)
        for row in [found["learners"]]
    ]  # fmt: skip
    return _table(head, rows)


def _verdicts(figures: Mapping[str, Any]) -> str:
    rows = [
        (
            _KINDS[kind],
            _LEGS[leg],
            label,
            *(str(found["learners"]["verdicts"][label][one]) for one in _VERDICTS),
        )
        for kind, leg, found in _each(figures)
        for label in _LABELS
    ]
    return _table(("known of the idea", "voice", "label", *(f"verdict {one}" for one in _VERDICTS)), rows)


def _made(figures: Mapping[str, Any]) -> str:
    head = (
        "known of the idea",
        "voice",
        "n",
        "AUC",
        "decided",
        "of these right",
        "covered",
        "of these right",
    )
    rows = [
        (
            _KINDS[kind], _LEGS[leg], f"{row['n']:.0f}", f"{row['auc']:.3f}", _percent(row["decided"]),
            _percent(row["decided_right"]), _percent(row["covered"]), _percent(row["covered_right"]),
        )
        for kind, leg, found in _each(figures)
        for row in [found["made"]]
    ]  # fmt: skip
    return _table(head, rows)


if __name__ == "__main__":
    write_page(json.loads(FIGURES.read_text(encoding="utf-8")))
