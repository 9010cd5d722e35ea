"""One neuron: how it learns, where it draws its line, what bends it, and what its loss makes of it."""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import input_not_mutated

TRAINING, BOUNDARIES, ACTIVATIONS, LOSSES = (f"hub/4.1/exercise-{number}" for number in (1, 2, 3, 4))
NEURON, BENDS, LOSS = ("perceptron",), ("activation-functions",), ("loss-functions",)
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu")

LENT = '''
import numpy as np
def zones(rows):
    rows = np.asarray(rows, float)
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise ValueError("classify wants rows of two numbers, shape (n, 2)")
    return (10 * np.floor(rows[:, 0]) + np.floor(rows[:, 1])).astype(int)
def drawn(axes):
    offsets = [np.asarray(part.get_offsets(), float) for part in axes.collections]
    lines = [np.column_stack([np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)])
             for line in axes.get_lines()]
    return {"points": offsets, "lines": lines, "labels": [axes.get_xlabel(), axes.get_ylabel()]}
'''


def trained(submission, X, y, epochs):
    """What `train` gives, once it is weights, a bias and a list."""
    value = submission.call("train", X, y, epochs)
    expect(value, "train(X, y, epochs)").type(tuple, list).length(3)
    expect(value[0], "the weights").shape(X.shape[1]).finite()
    expect(value[1], "the bias").type(float, int)
    expect(value[2], "the mistakes of each pass").type(list, tuple)
    return value


def fitted(submission, X, y, name, steps, rate):
    """What `fit` gives, once it is weights, a bias and a curve."""
    value = submission.call("fit", X, y, name, steps, rate)
    expect(value, f"fit(..., {name!r})").type(tuple, list).length(3)
    expect(value[0], "the weights").shape(X.shape[1]).finite()
    expect(value[1], "the bias").type(float, int)
    expect(value[2], "the curve").type(list, tuple).length(steps + 1)
    return value


@check("the line separates what a line can separate", points=3, task=TRAINING, visible=True, evidence=NEURON,
       required=True)
def training_separates(submission, data):
    X, y = data.train
    points = fresh_rng().normal(size=(9, 3))
    labels = submission.call("predict", points, np.array([1.0, -2.0, 0.5]), 0.3)
    expect(labels, "predict(X, w, b)").shape(9).equals(np.where(points @ [1.0, -2.0, 0.5] + 0.3 > 0, 1, -1))
    still = submission.call("predict", np.zeros((2, 2)), np.zeros(2), 0.0)
    expect(still, "the labels of rows whose score is exactly 0").equals(np.array([-1, -1]))
    w, b, mistakes = trained(submission, X, y, 600)
    expect(np.where(X @ w + float(b) > 0, 1, -1), "the sides on which w and b put the training rows").because(
        "a line with one class on each side exists, and the rule goes on until it has one"
    ).equals(y)
    expect(list(mistakes)[-1], "the mistakes in the last pass").equals(0)


@check("each row sees the latest weights", points=2, task=TRAINING, visible=False, needs=("training-separates",),
       evidence=NEURON, required=True)
def rows_see_the_latest_weights(submission, data):
    X, y = data.noisy
    for rows, labels, epochs in ((*data.train, 600), (X, y, 7)):
        w, b, mistakes = trained(submission, rows, labels, epochs)
        right = reference.call("train", rows, labels, epochs)
        expect(list(mistakes), "the mistakes of each pass").because(
            "an update counts from the very next row on"
        ).equals(list(right[2]))
        expect(w, "the weights").close(right[0], atol=1e-9)
        expect(float(b), "the bias").close(right[1], atol=1e-9)


@check("tomatoes it has never seen are sorted", points=2, task=TRAINING, visible=False, needs=("training-separates",),
       evidence=NEURON, required=True)
def new_rows_are_told_apart(submission, data):
    X_new, y_new = data.fresh
    w, b, _ = trained(submission, *data.train, 600)
    answers = submission.call("predict", X_new, w, float(b))
    expect(answers, "predict(X_new, w, b)").shape(len(y_new))
    expect(float((answers == y_new).mean()), "the share of 200 new tomatoes sorted rightly").at_least(0.8)


@check("the pocket keeps the best weights", points=2, task=TRAINING, visible=False,
       needs=("rows-see-the-latest-weights",), evidence=NEURON)
def pocket_keeps_the_best(submission, data):
    for (X, y), epochs in (*((data.noisy, epochs) for epochs in (4, 7, 11, 16, 25)), (data.train, 600)):
        value = submission.call("pocket", X, y, epochs)
        expect(value, f"pocket(X, y, {epochs})").type(tuple, list).length(3)
        right = reference.call("pocket", X, y, epochs)
        expect(value[2], "the rows that the pocket gets wrong").type(int).equals(right[2])
        expect(value[0], "the weights in the pocket").close(right[0], atol=1e-9)
        expect(float(value[1]), "the bias in the pocket").close(right[1], atol=1e-9)


@check("the boundary lies where the score is zero", points=2, task=BOUNDARIES, visible=True, evidence=NEURON,
       required=True)
def boundary_has_score_zero(submission):
    rng = fresh_rng()
    for _ in range(3):
        w = rng.uniform(0.3, 2, size=2) * rng.choice([-1, 1], size=2)
        ends_are_right(submission, w, float(rng.normal()), float(rng.uniform(1, 4)))


@check("boundaries may stand upright", points=2, task=BOUNDARIES, visible=False, needs=("boundary-has-score-zero",),
       evidence=NEURON)
def boundaries_may_stand_upright(submission):
    rng = fresh_rng()
    for w in (np.array([float(rng.uniform(1, 2)), 0.0]), np.array([0.0, -float(rng.uniform(1, 2))])):
        ends_are_right(submission, w, float(rng.normal()), 2.0)


def ends_are_right(submission, w, b, reach):
    ends = submission.call("boundary", w, b, reach)
    expect(ends, "boundary(w, b, reach)").shape(2, 2).finite()
    expect(ends @ w + b, "the scores of the two ends").close(np.zeros(2), atol=1e-7)
    expect(ends.mean(axis=0), "the middle between the ends").because(
        "the line's nearest point to the origin lies in the direction of w"
    ).close(-b * w / (w @ w), atol=1e-7)
    expect(float(np.linalg.norm(ends[1] - ends[0])), "the distance of the ends").close(2 * reach, rtol=1e-6)


@check("a grid has a row for each x2", points=2, task=BOUNDARIES, visible=True, evidence=NEURON)
def grid_has_a_row_for_each_x2(submission):
    rng = fresh_rng()
    zones = submission.lend(LENT, "zones")
    for m, k in ((4, 4), (6, 3), (1, 5)):
        x1, x2 = np.sort(rng.uniform(0, 9, size=m)), np.sort(rng.uniform(0, 9, size=k))
        right = 10 * np.floor(x1)[None, :] + np.floor(x2)[:, None]
        expect(submission.call("label_grid", zones, x1, x2), f"label_grid with {m} values of x1 and {k} of x2").because(
            "entry [i, j] belongs to the point (x1[j], x2[i])"
        ).shape(k, m).close(right.astype(int))


@check("the boundary is drawn between the classes", points=2, task=BOUNDARIES, visible=True,
       needs=("boundary-has-score-zero",), evidence=NEURON)
def boundary_is_drawn(submission, data):
    X, y = data.noisy
    w, b, _ = reference.call("pocket", X, y, 25)
    before = len(submission.figures)
    axes = submission.handle("plot_boundary", X, y, w, b)
    if "Axes" not in axes.type_name:
        fail("plot_boundary should return the Axes on which it drew", axes.type_name, "Axes")
    shown = submission.lend(LENT, "drawn").call("__call__", axes)
    for label, name in zip(shown["labels"], ("x", "y")):
        expect(label, f"the label of the {name} axis").differs_from("", "an axis without a label tells a reader nothing")
    for side in (-1, 1):
        cloud = X[y == side]
        if not any(part.shape == cloud.shape and np.allclose(part, cloud) for part in shown["points"]):
            fail(f"no scatter shows the rows with label {side}, and only these",
                 f"{len(shown['points'])} scatters with {[len(part) for part in shown['points']]} points",
                 f"one with the {len(cloud)} rows of that class")
    if not shown["lines"]:
        fail("no line is drawn", "no line", "the boundary, drawn with plot")
    line = shown["lines"][0]
    expect(line @ w + b, "the scores of the points on the drawn line").close(np.zeros(len(line)), atol=1e-6)
    expect(float(np.linalg.norm(line[-1] - line[0])), "the length of the drawn line").at_least(
        0.5 * float(np.ptp(X, axis=0).max())
    )
    if len(submission.figures) <= before:
        fail("plot_boundary drew no figure", "no figure", "one figure")


@check("activations match their formulas", points=2, task=ACTIVATIONS, visible=True, evidence=BENDS, required=True)
def activations_match_their_formulas(submission):
    z = fresh_rng().normal(size=(4, 5)) * 3
    rights = {"sigmoid": 1 / (1 + np.exp(-z)), "tanh": np.tanh(z), "relu": np.where(z > 0, z, 0.0),
              "leaky_relu": np.where(z > 0, z, 0.01 * z)}  # fmt: skip
    for name, right in rights.items():
        expect(submission.call("activate", name, z), f"activate({name!r}, z)").shape(4, 5).close(right)


@check("slopes are taken at z", points=2, task=ACTIVATIONS, visible=True, needs=("activations-match-their-formulas",),
       evidence=BENDS, required=True)
def slopes_are_taken_at_z(submission):
    rng = fresh_rng()
    z = rng.uniform(0.05, 3, size=12) * rng.choice([-1, 1], size=12)
    step = 1e-6
    for name in NAMES:
        ahead, behind = (reference.call("activate", name, z + sign * step) for sign in (1, -1))
        expect(submission.call("activation_slope", name, z), f"activation_slope({name!r}, z)").because(
            "this is how far a small nudge of z moves the activation"
        ).close((ahead - behind) / (2 * step), rtol=0, atol=1e-6)
    for name, right in (("relu", 0.0), ("leaky_relu", 0.01)):
        expect(submission.call("activation_slope", name, np.zeros(2)), f"the slope of {name} at 0").close(np.full(2, right))


@check("softmax shares out one in each row", points=1, task=ACTIVATIONS, visible=True, evidence=BENDS)
def softmax_shares_out_one(submission):
    scores = fresh_rng().normal(size=(6, 4)) * 2
    powers = np.exp(scores)
    expect(submission.call("softmax", scores), "softmax(scores)").shape(6, 4).sums_to(1.0, axis=1).close(
        powers / powers.sum(axis=1, keepdims=True)
    )


@check("numbers of any size are fine", points=2, task=ACTIVATIONS, visible=False,
       needs=("slopes-are-taken-at-z", "softmax-shares-out-one"), evidence=BENDS)
def any_size_is_fine(submission):
    rng = fresh_rng()
    scores = rng.normal(size=(4, 3)) + np.array([[1200.0], [-1200.0], [800.0], [0.0]])
    expect(submission.call("softmax", scores), "softmax of scores around 1000 and −1000").because(
        "adding one number to a whole row changes no share, so no size of the scores may do harm"
    ).finite().close(reference.call("softmax", scores))
    z = np.concatenate([rng.uniform(750, 3000, size=3), -rng.uniform(750, 3000, size=3)])
    for function in ("activate", "activation_slope"):
        for name in NAMES:
            expect(submission.call(function, name, z), f"{function}({name!r}, z) for |z| around 1000").finite().close(
                reference.call(function, name, z), atol=1e-9
            )


@check("losses match their formulas", points=2, task=LOSSES, visible=True, evidence=LOSS, required=True)
def losses_match_their_formulas(submission):
    rng = fresh_rng()
    scores, t, y = rng.normal(size=10) * 2, rng.normal(size=10) * 2, rng.permutation([0, 1] * 5)
    truth = 1 / (1 + np.exp(-np.where(y == 1, scores, -scores)))
    side = np.where(y == 1, scores, -scores)
    for name, labels, right in (("squared", t, ((scores - t) ** 2).mean()), ("absolute", t, abs(scores - t).mean()),
                                ("log", y, -np.log(truth).mean()),
                                ("hinge", y, np.where(side < 1, 1 - side, 0.0).mean())):  # fmt: skip
        expect(submission.call("loss", name, scores, labels), f"loss({name!r}, scores, y)").close(float(right))


@check("each slope belongs to its loss", points=2, task=LOSSES, visible=True, needs=("losses-match-their-formulas",),
       evidence=LOSS, required=True)
def slopes_belong_to_their_losses(submission):
    rng = fresh_rng()
    scores, y = rng.uniform(0.1, 0.9, size=8) * rng.choice([-1, 1], size=8), rng.permutation([0, 1] * 4)
    step = 1e-6
    for name in ("squared", "absolute", "log", "hinge"):
        labels = y if name in ("log", "hinge") else y * 2.0
        nudges = np.eye(8) * step
        right = [(reference.call("loss", name, scores + nudge, labels) - reference.call("loss", name, scores - nudge, labels))
                 / (2 * step) for nudge in nudges]  # fmt: skip
        expect(submission.call("loss_slope", name, scores, labels), f"loss_slope({name!r}, scores, y)").because(
            "the loss is a mean over the rows"
        ).shape(8).close(np.array(right), rtol=0, atol=1e-6)
    corner = submission.call("loss_slope", "absolute", np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    expect(corner, "the slope of the absolute loss where one row is met exactly").close(np.array([0.0, 0.5]))
    corner = submission.call("loss_slope", "hinge", np.array([1.0, 2.0, 0.0]), np.array([1, 1, 1]))
    expect(corner, "the slope of the hinge loss for scores at, beyond and inside the margin").close(
        np.array([0.0, 0.0, -1 / 3])
    )


@check("descent follows the slope", points=2, task=LOSSES, visible=True, needs=("slopes-belong-to-their-losses",),
       evidence=LOSS, required=True)
def descent_follows_the_slope(submission):
    rng = fresh_rng()
    X, y, rate = rng.normal(size=(15, 3)), rng.integers(0, 2, size=15), float(rng.uniform(0.05, 0.2))
    for name in ("squared", "absolute", "log", "hinge"):
        w, b, curve = fitted(submission, X, y, name, 25, rate)
        right = reference.call("fit", X, y, name, 25, rate)
        expect(w, f"the weights after 25 steps ({name})").close(right[0], rtol=1e-6)
        expect(float(b), f"the bias after 25 steps ({name})").close(right[1], rtol=1e-6)
        expect(list(curve), f"the curve ({name})").because("26 losses: before the first step and after each").close(
            list(right[2]), rtol=1e-6
        )


@check("losses are compared on new rows", points=3, task=LOSSES, visible=False, needs=("descent-follows-the-slope",),
       evidence=LOSS, required=True)
def comparison_uses_new_rows(submission, data):
    cases = (("classification", data.sweet, data.new_sweet), ("regression", data.rents, data.new_rents))
    for task, known, new in cases:
        seen = submission.call("compare", task, known, new, 200, 0.1)
        right = reference.call("compare", task, known, new, 200, 0.1)
        expect(seen, f"compare({task!r}, ...)").type(dict).keys(*right)
        for name in right:
            expect(seen[name], f"the result of the {name} loss in {task}").because(
                "fitted on the first pair, measured on the second"
            ).close(right[name], rtol=1e-6)


@check("each loss does what it is for", points=3, task=LOSSES, visible=False, needs=("descent-follows-the-slope",),
       evidence=LOSS, required=True)
def each_loss_has_its_place(submission, data):
    (X, rent), (X_new, rent_new) = data.rents, data.new_rents
    miss = {}
    for name in ("squared", "absolute"):
        w, b, _ = fitted(submission, X, rent, name, 300, 0.1)
        miss[name] = float(np.median(abs(X_new @ w + float(b) - rent_new)))
    expect(miss["absolute"], "the usual miss of the absolute loss, in hundreds of euros").at_most(1.0)
    expect(miss["squared"] / miss["absolute"], "the usual miss of the squared loss as a multiple of it").because(
        "penthouses draw up the line of the squared loss, and not that of the absolute loss"
    ).at_least(3.0)

    w, b, _ = fitted(submission, *data.sweet, "log", 200, 0.5)
    answers = data.new_sweet[0] @ w + float(b) > 0
    expect(float((answers == (data.new_sweet[1] == 1)).mean()), "accuracy of the log loss on 300 new rows").at_least(0.85)


@check("arrays that are lent stay as they were", points=1, task=LOSSES, visible=False,
       needs=("training-separates", "descent-follows-the-slope"), evidence=NEURON)
def lent_arrays_stay(submission, data):
    X, y = data.noisy
    input_not_mutated(submission, "train", X, y, 3)
    input_not_mutated(submission, "fit", X, (y > 0).astype(int), "log", 3, 0.1)
    rng = fresh_rng()
    input_not_mutated(submission, "activate", "relu", rng.normal(size=(3, 3)))
    input_not_mutated(submission, "softmax", rng.normal(size=(3, 3)))
