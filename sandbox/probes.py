"""Behaviour probes: what correct work does however it is written.

Each takes the author's own call to the submission (a lambda), so one probe fits any
interface. One rule: a probe fails with what the learner can act on, and its random
choices come from the check's fresh seed.

    from sandbox.probes import label_shuffle
    label_shuffle(lambda y: submission.call("cross_validate", data.x, y), data.y, chance=0.5)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.expect import expect, fail
from sandbox.judge import fresh_rng
from sandbox.proxy import Submission
from sandbox.sameness import same
from sandbox.summary import as_array, summary


def label_shuffle(
    score: Callable[[Any], float], labels: Any, *, chance: float, margin: float = 0.15, times: int = 3
) -> None:
    """`score(labels)` is above chance; with shuffled labels its mean falls to chance.

    A score that survives the shuffle was measured on what the model has seen.
    """
    honest = _number(score(labels), "the score")
    if honest < chance + margin:
        fail("the score is no better than chance", honest, f"more than {chance + margin:.3g}")
    rng = fresh_rng()
    shuffled = [_number(score(rng.permutation(as_array(labels))), "the score") for _ in range(times)]
    mean = sum(shuffled) / times
    if abs(mean - chance) > margin:
        fail(
            "with shuffled labels there is nothing to learn, yet the score does not fall to chance: "
            "test rows reach the training, or the score is not measured on fresh rows",
            f"{mean:.3g} with shuffled labels",
            f"about {chance:.3g}",
        )


def row_permutation(predict: Callable[[Any], Any], rows: Any, *, atol: float = 1e-6) -> None:
    """Predictions for permuted rows are the permuted predictions: each row is judged by itself."""
    order = fresh_rng().permutation(len(rows))
    straight, permuted = as_array(predict(rows)), as_array(predict(_take(rows, order)))
    if straight.shape[:1] != (len(rows),) or permuted.shape != straight.shape:
        fail(
            "there is not one prediction for each row", f"shape {permuted.shape}", f"{len(rows)} predictions"
        )
    if not (abs(permuted - straight[order]) <= atol).all():
        fail(
            "the prediction for a row changes with its place among the others",
            summary(permuted),
            summary(straight[order]),
        )


def one_batch_overfit(losses: Sequence[float], *, factor: float = 0.1) -> None:
    """Trained on one small batch, the loss falls to `factor` of its start; a correct loop can."""
    values = as_array(losses)
    if values.ndim != 1 or len(values) < 2:
        fail("the losses are not one number for each step", losses, "a list of losses")
    expect(losses, "the losses").finite()
    first, last = float(values[0]), float(values[-1])
    if last > factor * first:
        fail(
            "one batch cannot be learned by heart: the gradient, the update or the loss is wrong",
            f"{first:.4g} at first, {last:.4g} at last",
            f"at most {factor * first:.4g} at last",
        )


def seed_determinism(run: Callable[[int], Any], *, varies: bool = True) -> None:
    """`run(seed)` gives the same twice for one seed and, when `varies`, another for another."""
    seed = int(fresh_rng().integers(1, 10_000))
    first, again = run(seed), run(seed)
    if not same(again, first):
        fail("two runs with the same seed give different results", again, first)
    if varies and same(run(seed + 1), first):
        fail("the seed has no effect: another seed gives the very same result", first, "another result")


def numerical_gradient(
    loss: Callable[[Any], float], point: Any, gradient: Any, *, step: float = 1e-5, rtol: float = 1e-3,
    directions: int = 4,
) -> None:  # fmt: skip
    """The gradient's slope along random directions equals the central difference of `loss`."""
    at = as_array(point).astype(float)
    expect(gradient, "the gradient").finite()
    analytic = as_array(gradient)
    if analytic.shape != at.shape:
        fail("the gradient has another shape than the parameters", analytic.shape, f"shape {at.shape}")
    rng = fresh_rng()
    for _ in range(directions):
        direction = rng.normal(size=at.shape)
        ahead, behind = (_number(loss(at + sign * step * direction), "the loss") for sign in (1, -1))
        slope, claimed = (ahead - behind) / (2 * step), float((analytic * direction).sum())
        if abs(slope - claimed) > rtol * max(1.0, abs(slope), abs(claimed)):
            fail("the gradient is not the slope of the loss", f"{claimed:.6g}", f"{slope:.6g}")


def input_not_mutated(submission: Submission, name: str, *args: Any) -> Any:
    """The value of `name(*args)`, which leaves each of `args` as it was."""
    kept = [submission.keep(arg) for arg in args]
    value = submission.call(name, *kept)
    for number, (arg, handle) in enumerate(zip(args, kept, strict=True), start=1):
        after = handle.value()
        if not _unchanged(arg, after):
            fail(
                f"`{name}` changes its argument {number} in place: whoever called it loses their data",
                after,
                arg,
            )
    return value


def planted_leak(find: Callable[[Any, Any], Any], features: Any, labels: Any) -> None:
    """A column that gives the label away is planted; `find(features, labels)` must name its index.

    find: gives one index or several. features: (n, d) array; labels: (n,) numbers.
    """
    import numpy as np  # deferred as in `fresh_rng`

    rng = fresh_rng()
    table, target = as_array(features).astype(float), as_array(labels).astype(float)
    place = int(rng.integers(0, table.shape[1] + 1))
    leak = target + rng.normal(scale=1e-3 * (target.std() + 1e-12), size=target.shape)
    found = np.atleast_1d(as_array(find(np.insert(table, place, leak, axis=1), labels)))
    if place not in found.tolist():
        fail("the column that gives the label away is not found", summary(found), f"column {place}")


def _number(value: Any, what: str) -> float:
    expect(value, what).type(float, int).finite()
    return float(value)


def _take(rows: Any, order: Any) -> Any:
    if isinstance(rows, list):
        return [rows[index] for index in order]
    return rows.iloc[order] if hasattr(rows, "iloc") else rows[order]


def _unchanged(before: Any, after: Any) -> bool:
    if type(before).__name__ == "ndarray" and before.dtype.kind == "f":
        import numpy as np  # deferred as in `fresh_rng`

        return before.shape == after.shape and bool(np.array_equal(before, after, equal_nan=True))
    return same(after, before)
