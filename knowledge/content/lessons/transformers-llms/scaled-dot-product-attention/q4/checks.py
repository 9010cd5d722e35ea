"""Attention against a calculation with loops. Queries, keys, values and masks are fresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

ROW = "hub/5.4/objective-2"
HERE = ("scaled-dot-product-attention",)


def by_loops(Q, K, V, mask):
    """Outputs and weights for two-axis arrays, one query after the other, over its allowed keys alone."""
    outputs, weights = np.zeros((len(Q), V.shape[1])), np.zeros((len(Q), len(K)))
    for i, query in enumerate(Q):
        seen = np.flatnonzero(mask[i])
        if len(seen) == 0:
            continue
        scores = np.array([query @ K[j] for j in seen]) / len(query) ** 0.5
        powers = np.exp(scores - scores.max())
        weights[i, seen] = powers / powers.sum()
        outputs[i] = weights[i] @ V
    return outputs, weights


def compare(answer, wanted, why):
    expect(answer, "attention(Q, K, V)").type(tuple, list).length(2)
    expect(answer[1], "the weights").because(why).shape(*wanted[1].shape).close(wanted[1])
    expect(answer[0], "the outputs").because(why).shape(*wanted[0].shape).close(wanted[0])


@check("two queries and three keys, as by hand", points=2, task=ROW, visible=True, evidence=HERE)
def two_queries_as_by_hand(submission, data):
    Q = np.array([[2.0, 0.0, 2.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    K = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0], [0.0, 3.0, 0.0, -1.0]])
    V = np.array([[10.0, 0.0], [0.0, 10.0], [5.0, 5.0]])
    powers = np.exp([[2.0, 1.0, 0.0], [1.0, 0.0, 3.0]])
    weights = powers / powers.sum(axis=1, keepdims=True)
    compare(
        submission.call("attention", Q, K, V), (weights @ V, weights),
        "at width 4 the scores are (2, 1, 0) and (1, 0, 3), and each query's weights sum to 1",
    )  # fmt: skip


@check("position i sees 0 to i", points=1, task=ROW, visible=True, evidence=HERE)
def position_sees_the_past(submission, data):
    n = int(fresh_rng().integers(3, 8))
    wanted = np.array([[j <= i for j in range(n)] for i in range(n)])
    expect(submission.call("causal_mask", n), f"causal_mask({n})").shape(n, n).dtype("bool").equals(wanted)


@check("a batch of heads is right, whatever the shapes", points=3, task=ROW, visible=False,
       needs=("two-queries-as-by-hand",), evidence=HERE)
def batch_of_heads_is_right(submission, data):
    rng = fresh_rng()
    for lead, n, m, d, e in (((), 3, 5, 8, 2), ((4,), 5, 5, 5, 5), ((2, 3), 4, 6, 16, 3)):
        Q, K, V = (rng.normal(size=(*lead, *end)) for end in ((n, d), (m, d), (m, e)))
        outputs, weights = np.zeros((*lead, n, e)), np.zeros((*lead, n, m))
        for place in np.ndindex(lead):
            outputs[place], weights[place] = by_loops(Q[place], K[place], V[place], np.ones((n, m), bool))
        compare(submission.call("attention", Q, K, V), (outputs, weights), f"Q has shape {Q.shape}, K {K.shape}")


@check("forbidden keys leave no trace", points=3, task=ROW, visible=False,
       needs=("two-queries-as-by-hand",), evidence=HERE)
def forbidden_keys_leave_no_trace(submission, data):
    rng = fresh_rng()
    Q, K, V = rng.normal(size=(4, 6)), rng.normal(size=(5, 6)), rng.normal(size=(5, 3))
    mask = rng.random((4, 5)) < 0.5
    mask[np.arange(4), rng.integers(0, 5, size=4)] = True
    mask[0, 1:3] = True, False
    compare(
        submission.call("attention", Q, K, V, mask), by_loops(Q, K, V, mask),
        "the result must be that of attention over the allowed keys alone",
    )  # fmt: skip


@check("one mask serves a whole batch", points=1, task=ROW, visible=False,
       needs=("forbidden-keys-leave-no-trace", "batch-of-heads-is-right"), evidence=HERE)
def one_mask_serves_a_batch(submission, data):
    rng = fresh_rng()
    Q, K, V = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 4, 2))
    mask = np.array([[j <= i for j in range(4)] for i in range(4)])
    each = [by_loops(q, k, v, mask) for q, k, v in zip(Q, K, V, strict=True)]
    wanted = np.stack([pair[0] for pair in each]), np.stack([pair[1] for pair in each])
    compare(submission.call("attention", Q, K, V, mask), wanted, "the mask has two axes, the queries three")


@check("a query that may see nobody gets zeros", points=2, task=ROW, visible=False,
       needs=("forbidden-keys-leave-no-trace",), evidence=HERE)
def blind_query_gets_zeros(submission, data):
    rng = fresh_rng()
    Q, K, V = rng.normal(size=(3, 4)), rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    mask = rng.random((3, 6)) < 0.7
    mask[0, :2], mask[1], mask[2, :2] = True, False, True
    compare(
        submission.call("attention", Q, K, V, mask), by_loops(Q, K, V, mask),
        "nothing divided by nothing is NaN, and one NaN spoils the batch",
    )  # fmt: skip


@check("large scores stay finite", points=2, task=ROW, visible=False,
       needs=("two-queries-as-by-hand",), evidence=HERE)
def large_scores_stay_finite(submission, data):
    rng = fresh_rng()
    Q, K, V = rng.normal(size=(3, 4)) * 100, rng.normal(size=(6, 4)) * 100, rng.normal(size=(6, 2))
    compare(
        submission.call("attention", Q, K, V), by_loops(Q, K, V, np.ones((3, 6), bool)),
        "e to the power of 1000 is infinite; weights depend on differences of scores alone",
    )  # fmt: skip


@check("queries, keys and values stay as they were", points=1, task=ROW, visible=False,
       needs=("two-queries-as-by-hand",), evidence=HERE)
def arguments_stay(submission, data):
    rng = fresh_rng()
    input_not_mutated(
        submission, "attention", rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2)),
        np.ones((3, 5), bool),
    )  # fmt: skip
