"""How good predictions are: the metrics that a case may name, and how sure a difference is.

The rule owned here: a score is computed by us from the predictions of held-out rows; no program
tells its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from teaching.own_case.plan import MetricName
from teaching.own_case.table import as_numbers
from tutor_error import TutorError

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

HIGHER_IS_BETTER = frozenset({"accuracy", "macro_f1", "roc_auc", "r2"})
_OF_NUMBERS = frozenset({"mae", "rmse", "r2"})
DRAWS = 500
MOST_DRAWN = 5_000


@dataclass(frozen=True)
class Difference:
    """By how much the first predictions are better; low and high: a 95 % interval of the bootstrap."""

    better_by: float
    low: float
    high: float


def score(
    metric: MetricName, answers: Sequence[str], predictions: Sequence[str], positive: str = ""
) -> float:
    """The metric of predictions against answers, both as texts and of one length.

    Raises TutorError `unfit-metric` when the answers do not suit the metric, `bad-predictions` when
    the predictions do not.
    """
    right, given = _encoded(metric, answers, predictions, positive)
    value = _METRICS[metric](right, given)
    if value != value:
        raise TutorError(
            "unfit-metric", f"All held-out answers are equal, so `{metric}` has no value.", "Split otherwise."
        )
    return value


def compare(
    metric: MetricName, answers: Sequence[str], one: Sequence[str], other: Sequence[str], positive: str = ""
) -> Difference:
    """How much better `one` is than `other` on the same rows, by a paired bootstrap of the rows.

    With more than MOST_DRAWN rows each draw takes that many, which only widens the interval.
    """
    import numpy as np

    right, first = _encoded(metric, answers, one, positive)
    _, second = _encoded(metric, answers, other, positive)
    sign = 1.0 if metric in HIGHER_IS_BETTER else -1.0
    measure = _METRICS[metric]
    chance = np.random.default_rng(0)
    count = min(len(right), MOST_DRAWN)
    drawn: list[float] = []
    for _ in range(DRAWS):
        rows = chance.integers(0, len(right), size=count)
        drawn.append(sign * (measure(right[rows], first[rows]) - measure(right[rows], second[rows])))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Difference(sign * (measure(right, first) - measure(right, second)), float(low), float(high))


def _encoded(
    metric: MetricName, answers: Sequence[str], predictions: Sequence[str], positive: str
) -> tuple[Numbers, Numbers]:
    import numpy as np

    if metric in _OF_NUMBERS:
        return np.array(_numbers_of(answers, metric)), np.array(_predicted_numbers(predictions))
    right = [plain(value) for value in answers]
    if len(set(right)) > max(20, len(right) // 2):
        raise TutorError(
            "unfit-metric",
            f"`{metric}` counts classes, and the target has {len(set(right))} different values.",
            "Use mae, rmse or r2 for a target that is a number.",
        )
    if metric == "roc_auc":
        return _hits(right, positive), np.array(_predicted_numbers(predictions))
    given = [plain(value) for value in predictions]
    codes = {name: code for code, name in enumerate(sorted({*right, *given}))}
    return np.array([codes[name] for name in right]), np.array([codes[name] for name in given])


def plain(value: str) -> str:
    """A class as text: 1, 1.0 and " 1" are one class."""
    text = value.strip()
    numbers = as_numbers([text]) if text else None
    return repr(numbers[0]) if numbers else text


def _numbers_of(answers: Sequence[str], metric: str) -> list[float]:
    numbers = as_numbers(answers)
    if numbers is None:
        raise TutorError(
            "unfit-metric",
            f"`{metric}` needs numbers, and the target is not made of numbers.",
            "Use accuracy, macro_f1 or roc_auc for classes.",
        )
    return numbers


def _predicted_numbers(predictions: Sequence[str]) -> list[float]:
    numbers = as_numbers(predictions)
    if numbers is None:
        raise TutorError(
            "bad-predictions", "A prediction is no finite number.", "Write a number for each row."
        )
    return numbers


def _hits(right: Sequence[str], positive: str) -> Numbers:
    import numpy as np

    classes = sorted(set(right))
    if len(classes) != 2:
        raise TutorError(
            "unfit-metric",
            f"`roc_auc` needs two classes among the held-out rows; there are {len(classes)}.",
            "Use macro_f1 for more classes.",
        )
    wanted = plain(positive) if positive else classes[1]
    if wanted not in classes:
        raise TutorError(
            "unfit-metric",
            f"The target never is `{positive}`.",
            f"Set [metric] positive to one of {', '.join(classes)}.",
        )
    return np.array([value == wanted for value in right], dtype=float)


def _accuracy(right: Numbers, given: Numbers) -> float:
    return float((right == given).mean())


def _macro_f1(right: Numbers, given: Numbers) -> float:
    """The mean F1 of the classes that are among the answers or the predictions."""
    import numpy as np

    f1: list[float] = []
    for code in np.union1d(right, given):
        hits = float(((right == code) & (given == code)).sum())
        f1.append(2 * hits / float((right == code).sum() + (given == code).sum()))
    return sum(f1) / len(f1)


def _roc_auc(right: Numbers, given: Numbers) -> float:
    """The chance that a hit is ranked above a miss, ties counting half (Mann-Whitney)."""
    import numpy as np

    hits, misses = given[right == 1], given[right == 0]
    if not len(hits) or not len(misses):
        return float("nan")
    ranked = np.sort(misses)
    below, up_to = np.searchsorted(ranked, hits, "left"), np.searchsorted(ranked, hits, "right")
    return float((below + up_to).mean() / 2 / len(misses))


def _mae(right: Numbers, given: Numbers) -> float:
    return float(abs(right - given).mean())


def _rmse(right: Numbers, given: Numbers) -> float:
    return float(((right - given) ** 2).mean() ** 0.5)


def _r2(right: Numbers, given: Numbers) -> float:
    spread = float(((right - right.mean()) ** 2).sum())
    return 1 - float(((right - given) ** 2).sum()) / spread if spread else float("nan")


_METRICS: dict[MetricName, Callable[[Numbers, Numbers], float]] = {
    "accuracy": _accuracy, "macro_f1": _macro_f1, "roc_auc": _roc_auc, "mae": _mae, "rmse": _rmse, "r2": _r2,
}  # fmt: skip
