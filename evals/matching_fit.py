"""Fitting a head of the matching model, and telling how good one is.

A head is an intercept, a weight a feature, and a slope and a shift that calibrate its logit.
The one rule owned here: what calibrates a head, and what it is judged by, comes from rows that
it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from evals.matching_data import Example
from teaching.features import Cosines, read_answer
from teaching.matching import CAPPED, COVERS, MISSES
from teaching.pair_reader import PairScores

Reads = Callable[[Example], PairScores]
_STRENGTH = 0.1
"""Inverse of the ridge penalty on standardised features."""


@dataclass(frozen=True)
class Table:
    """Examples as arrays of n rows: `inputs` (n, features) floats, the others (n,).

    capped: whether a sign of contradiction keeps `believe` from confirming; turned: whether it denies.
    """

    names: tuple[str, ...]
    inputs: Any
    capped: Any
    turned: Any
    covers: Any
    contradicts: Any
    groups: Any
    parts: Any
    weights: Any

    def rows(self, chosen: Any) -> Table:
        """The rows of a boolean or index array."""
        return Table(self.names, *(getattr(self, name)[chosen] for name in _COLUMNS))

    def only(self, names: Sequence[str]) -> Table:
        """The same rows with these features alone."""
        columns = [self.names.index(name) for name in names]
        return replace(self, names=tuple(names), inputs=self.inputs[:, columns])


_COLUMNS = tuple(field.name for field in fields(Table))[1:]


def tabulate(
    examples: Sequence[Example],
    names: Sequence[str],
    cosines: Cosines | None,
    weight: float = 1.0,
    reads: Reads | None = None,
) -> Table:
    """Features of every example; `weight`: what each row counts in a fit; reads: who reads a row's pairs."""
    import numpy as np  # heavy; only measuring needs arrays

    readings = [
        read_answer(row.answer, row.proposition, cosines, reads(row) if reads else None) for row in examples
    ]
    return Table(
        tuple(names),
        np.array([[reading.features[name] for name in names] for reading in readings]).reshape(
            -1, len(names)
        ),
        np.array([one.negation_differs or one.opposed or one.turned for one in readings], dtype=bool),
        np.array([one.turned for one in readings], dtype=bool),
        np.array([row.covers for row in examples], dtype=bool),
        np.array([row.contradicts for row in examples], dtype=bool),
        np.array([row.group for row in examples]),
        np.array([row.part for row in examples]),
        np.full(len(examples), weight),
    )


def join(tables: Sequence[Table]) -> Table:
    """The rows of several tables of the same features."""
    import numpy as np  # as above

    return Table(tables[0].names, *(np.concatenate([getattr(t, name) for t in tables]) for name in _COLUMNS))


def fit(table: Table, truth: Any) -> dict[str, Any]:
    """Logistic regression on standardised features, written back to raw features, uncalibrated."""
    # scikit-learn trains; at run time the weights are read from the file by plain Python.
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    spread: Any = table.inputs.std(axis=0)
    scale: Any = np.where(spread > 1e-9, spread, 1.0)  # what is the same in every row weighs nothing
    center: Any = np.average(table.inputs, axis=0, weights=table.weights)
    model: Any = LogisticRegression(C=_STRENGTH, max_iter=2000)
    model.fit((table.inputs - center) / scale, truth, sample_weight=table.weights)
    weights = model.coef_[0] / scale
    intercept = float(model.intercept_[0]) - float(weights @ center)
    rounded = {name: round(float(weight), 6) for name, weight in zip(table.names, weights, strict=True)}
    return {
        "intercept": round(intercept, 6),
        "weights": rounded,
        "calibration": {"slope": 1.0, "shift": 0.0},
    }


def logits(head: dict[str, Any], table: Table) -> Any:
    """Calibrated log-odds, (n,)."""
    import numpy as np  # as above

    raw = head["intercept"] + table.inputs @ np.array([head["weights"][name] for name in table.names])
    return head["calibration"]["slope"] * raw + head["calibration"]["shift"]


def calibration(logit: Any, truth: Any) -> dict[str, float]:
    """Platt scaling: the slope and shift of the logit that fit the truth best."""
    from sklearn.linear_model import LogisticRegression  # as above

    model: Any = LogisticRegression(C=1e6, max_iter=2000).fit(logit.reshape(-1, 1), truth)
    return {"slope": round(float(model.coef_[0, 0]), 6), "shift": round(float(model.intercept_[0]), 6)}


def left_out(table: Table, truth_of: Callable[[Table], Any], judged: Any) -> Any:
    """Logits of the `judged` rows (n,), each by a head fitted without any row of its group; else NaN."""
    import numpy as np  # as above

    found = np.full(len(table.groups), np.nan)
    for group in sorted(set(table.groups[judged])):
        others = table.rows(table.groups != group)
        mine = judged & (table.groups == group)
        found[mine] = logits(fit(others, truth_of(others)), table.rows(mine))
    return found


def probabilities(logit: Any) -> Any:
    """Probabilities of logits (n,)."""
    import numpy as np  # as above

    return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))


def capped_at(p: Any, capped: Any) -> Any:
    """Probabilities (n,) with those `capped` (n,) kept out of the covered band, as `believe` does."""
    import numpy as np  # as above

    return np.where(capped, np.minimum(p, CAPPED), p)


def auc(truth: Any, score: Any) -> float:
    """Area under the ROC curve of scores (n,) against truth (n,), four decimals."""
    from sklearn.metrics import roc_auc_score  # as above

    return round(float(roc_auc_score(truth, score)), 4)


def band_figures(p: Any, table: Table, covers: float = COVERS, misses: float = MISSES) -> dict[str, float]:
    """AUC and Brier score; of what the bands decide the share and accuracy; what the covered band holds."""
    import numpy as np  # as above

    covered, missed = p >= covers, p <= misses
    decided = covered | missed
    figures = {
        "n": len(p),
        "auc": auc(table.covers, p),
        "brier": np.mean((p - table.covers) ** 2),
        "decided": decided.mean(),
        "decided_right": (covered == table.covers)[decided].mean(),
        "covered": covered.mean(),
        "covered_right": table.covers[covered].mean() if covered.any() else 0.0,
        "covered_contradictory": table.contradicts[covered].mean() if covered.any() else 0.0,
        "missed": missed.mean(),
        "missed_right": (~table.covers)[missed].mean() if missed.any() else 0.0,
        "recall": covered[table.covers].mean(),
    }
    return {name: round(float(figure), 4) for name, figure in figures.items()}
