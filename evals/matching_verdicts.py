"""Learners' answers judged by heads that saw nothing of their unit: what the tutor would have said.

The one rule owned here: a verdict is the one that `teaching.matching` gives to these
probabilities, the cap of a sign of contradiction included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from evals.matching_data import Example
from evals.matching_fit import Table, auc, band_figures, capped_at
from teaching.matching import CAPPED, verdict

_VERDICTS = ("covered", "unsure", "missing", "contradicts")
_LABELS = ("covered", "partial", "missing", "contradicts")


def on_learners(out: Mapping[str, Any], table: Table, examples: Sequence[Example]) -> dict[str, Any]:
    """AUC, bands, verdicts by label, and the shares disputed and confirmed.

    out: probabilities (n,) by head, `covers` and `contradicts`; table, examples: the n rows.
    """
    p = capped_at(out["covers"], table.capped)
    against = [max(float(q), CAPPED * bool(t)) for q, t in zip(out["contradicts"], table.turned, strict=True)]
    verdicts = [verdict(float(a), b) for a, b in zip(p, against, strict=True)]
    labels = [row.part for row in examples]
    both = list(zip(labels, verdicts, strict=True))
    denied = _denied(examples, verdicts)
    covered = [place for place, label in enumerate(labels) if label == "covered"]
    wrong = [one for label, one in both if label == "contradicts"]
    return {
        **band_figures(p, table),
        "auc": auc(table.covers, out["covers"]),
        "auc_contradicts": auc(table.contradicts, out["contradicts"]),
        "verdicts": {label: {one: both.count((label, one)) for one in _VERDICTS} for label in _LABELS},
        "disputed": _share([denied[place] for place in covered]),
        "disputed_strictly": _share([verdicts[place] in ("contradicts", "missing") for place in covered]),
        "confirmed": _share([one == "covered" for one in wrong]),
    }


def _share(found: Sequence[bool]) -> float:
    return round(sum(found) / len(found), 4)


def _denied(examples: Sequence[Example], verdicts: Sequence[str]) -> list[bool]:
    """Whether the tutor would deny an idea: it hears its contrary, or nothing in the whole answer."""
    found: list[bool] = []
    both = list(zip(examples, verdicts, strict=True))
    for _, group in groupby(both, key=lambda one: (one[0].group, one[0].answer)):
        said = [one for _, one in group]
        nothing = all(one == "missing" for one in said)
        found += [one == "contradicts" or (one == "missing" and nothing) for one in said]
    return found
