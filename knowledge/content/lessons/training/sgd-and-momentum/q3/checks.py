"""How rows are dealt out, how a velocity moves a weight, and whether the loop arrives."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

HERE = ("sgd-and-momentum",)
DICE = "import numpy as np\ndef dice(seed):\n    return np.random.default_rng(seed)\n"


def dealt(submission, n, size, dice):
    """The batches of one epoch as lists, once they are arrays of row numbers."""
    batches = submission.call("minibatches", n, size, dice)
    expect(batches, f"minibatches({n}, {size}, rng)").type(list, tuple)
    for batch in batches:
        expect(batch, "a batch").type(np.ndarray).dtype("int")
    return [batch.tolist() for batch in batches]


@check("every row is dealt out once", points=2, visible=True, evidence=HERE, required=True)
def every_row_once(submission, data):
    dice = submission.lend(DICE, "dice").handle("__call__", int(fresh_rng().integers(1000)))
    for n, size in ((12, 4), (10, 4), (3, 8)):
        batches = dealt(submission, n, size, dice)
        expect(sorted(row for batch in batches for row in batch), f"all rows of minibatches({n}, {size}, rng)").because(
            "the rows that do not fill a whole batch count as well"
        ).equals(list(range(n)))
        sizes = [size] * (n // size) + ([n % size] if n % size else [])
        expect([len(batch) for batch in batches], "the sizes of the batches").equals(sizes)


@check("each epoch has an order of its own", points=2, visible=False, needs=("every-row-once",), evidence=HERE)
def epochs_differ(submission, data):
    dice = submission.lend(DICE, "dice").handle("__call__", int(fresh_rng().integers(1000)))
    first, second = (sum(dealt(submission, 40, 7, dice), []) for _ in range(2))
    expect(first, "the order of 40 rows").differs_from(list(range(40)), "the rows come in the order of the file")
    expect(second, "the order in the next epoch").differs_from(first, "two epochs have the same order of rows")


@check("a step follows the velocity", points=2, visible=True, evidence=HERE, required=True)
def step_follows_the_velocity(submission, data):
    rng = fresh_rng()
    w, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    for turn in (1, 2):
        gradient = rng.normal(size=(2, 3))
        right = reference.call("momentum_step", w, v, gradient, 0.1, 0.8)
        both = submission.call("momentum_step", w, v, gradient, 0.1, 0.8)
        expect(both, "momentum_step(...)").type(tuple, list).length(2)
        expect(both[1], f"v after step {turn}").close(right[1])
        expect(both[0], f"w after step {turn}").close(right[0])
        w, v = right


@check("the arrays of a step keep their values", points=1, visible=False, needs=("step-follows-the-velocity",), evidence=HERE)
def step_leaves_its_arrays(submission, data):
    rng = fresh_rng()
    input_not_mutated(submission, "momentum_step", *(rng.normal(size=4) for _ in range(3)), 0.1, 0.9)


@check("with one batch for all rows the course is exact", points=3, visible=False, needs=("step-follows-the-velocity",),
       evidence=HERE, required=True)
def full_batch_is_exact(submission, data):
    rng = fresh_rng()
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    arguments = (X, y, 0.05, 0.8, 20, 5, 1)
    expect(submission.call("train", *arguments), "w after 5 epochs of one batch each").because(
        "one batch makes one step of the mean loss, and the velocity lives on from epoch to epoch"
    ).shape(3).close(reference.call("train", *arguments), rtol=1e-6)


@check("small batches arrive as well", points=3, visible=False, needs=("every-row-once", "full-batch-is-exact"),
       evidence=HERE, required=True)
def small_batches_arrive(submission, data):
    rng = fresh_rng()
    X, w = rng.normal(size=(90, 3)), rng.normal(size=3)
    found = submission.call("train", X, X @ w, 0.02, 0.9, 8, 60, 3)
    expect(found, "w after 60 epochs on data without noise").shape(3).close(w, atol=1e-3)
