"""What a small network for XOR must do, from four corners set by hand to lamps in other stairwells."""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import input_not_mutated, numerical_gradient

ROW = "course/w2/deliverable-1"
BACKPROP = ("backpropagation",)
UNITS = ("perceptron",)
KEYS = ("W1", "b1", "w2", "b2")
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])


def drawn(rng, n=9, d=3, h=4):
    """Parameters, rows and labels of both classes."""
    params = {"W1": rng.normal(size=(d, h)), "b1": rng.normal(size=h), "w2": rng.normal(size=h), "b2": float(rng.normal())}
    return params, rng.normal(size=(n, d)), rng.permutation(np.arange(n) % 2)


def params_of(value, d, h, what):
    """The dict of parameters, once it has the asked keys and shapes."""
    expect(value, what).type(dict).keys(*KEYS)
    for key, shape in {"W1": (d, h), "b1": (h,), "w2": (h,)}.items():
        expect(value[key], f"{key} of {what}").shape(*shape).finite()
    expect(value["b2"], f"b2 of {what}").type(float, int).finite()
    return value


def thresholds(submission, X):
    """What threshold units with the learner's weights answer."""
    weights = submission.call("by_hand")
    expect(weights, "by_hand()").type(tuple, list).length(4)
    for part, shape, name in zip(weights, ((2, 2), (2,), (2,)), ("W1", "b1", "w2")):
        expect(part, f"{name} of by_hand()").shape(*shape).finite()
    expect(weights[3], "b2 of by_hand()").type(float, int).finite()
    W1, b1, w2, b2 = weights
    return ((X @ W1 + b1 > 0) @ w2 + b2 > 0).astype(int)


@check("weights set by hand compute XOR", points=2, task=ROW, visible=True, evidence=UNITS, required=True)
def hand_made_weights_compute_xor(submission, data):
    expect(thresholds(submission, CORNERS), "the answers at (0,0), (0,1), (1,0), (1,1)").equals(XOR)


@check("weights set by hand bear noisy inputs", points=1, task=ROW, visible=False,
       needs=("hand-made-weights-compute-xor",), evidence=UNITS)
def hand_made_weights_bear_noise(submission, data):
    noise = fresh_rng().uniform(-0.2, 0.2, size=(400, 2))
    extremes = 0.2 * np.repeat([[-1, -1], [-1, 1], [1, -1], [1, 1]], 4, axis=0)
    X = np.vstack([np.tile(CORNERS, (100, 1)) + noise, np.tile(CORNERS, (4, 1)) + extremes])
    wrong = X[thresholds(submission, X) != np.tile(XOR, 104)]
    if len(wrong):
        fail("an input that is a little off its corner gets the wrong answer", np.round(wrong[0], 3).tolist(),
             "the answer of the nearest corner")


@check("the sigmoid matches its formula", points=1, task=ROW, visible=True, evidence=BACKPROP)
def sigmoid_matches_its_formula(submission, data):
    z = fresh_rng().normal(size=(3, 4)) * 3
    expect(submission.call("sigmoid", z), "sigmoid(z)").shape(3, 4).close(1 / (1 + np.exp(-z)))


@check("the forward pass matches the definition", points=2, task=ROW, visible=True,
       needs=("sigmoid-matches-its-formula",), evidence=BACKPROP, required=True)
def forward_matches_the_definition(submission, data):
    params, X, _ = drawn(fresh_rng())
    p = submission.call("forward", params, X)
    expect(p, "forward(params, X)").shape(len(X)).close(reference.call("forward", params, X))
    classes = submission.call("predict", params, X)
    expect(classes, "predict(params, X)").shape(len(X)).dtype("int").equals((p >= 0.5).astype(int))


@check("the loss is the mean cross-entropy", points=1, task=ROW, visible=True,
       needs=("forward-matches-the-definition",), evidence=BACKPROP)
def loss_is_mean_cross_entropy(submission, data):
    params, X, y = drawn(fresh_rng())
    expect(submission.call("loss", params, X, y), "loss(params, X, y)").type(float).close(
        reference.call("loss", params, X, y)
    )


@check("sure and wrong is a finite loss", points=1, task=ROW, visible=False,
       needs=("loss-is-mean-cross-entropy",), evidence=BACKPROP)
def sure_and_wrong_is_finite(submission, data):
    size = float(fresh_rng().uniform(800, 1200))
    params = {"W1": np.array([[3.0]]), "b1": np.zeros(1), "w2": np.array([size]), "b2": 0.0}
    X = np.array([[2.0], [-2.0]])
    expect(submission.call("sigmoid", np.array([-size, size])), "sigmoid at ±1000 or so").finite().close(np.array([0.0, 1.0]))
    value = submission.call("loss", params, X, np.array([0, 1]))
    expect(value, "the loss of a network that is sure and wrong").because(
        "in floating point the sigmoid does arrive at 0 and at 1, and the logarithm of 0 is infinite"
    ).finite().between(27, 28)


@check("the gradients of the output layer are right", points=2, task=ROW, visible=False,
       needs=("forward-matches-the-definition",), evidence=BACKPROP)
def output_layer_gradients(submission, data):
    params, X, y = drawn(fresh_rng())
    seen = params_of(submission.call("gradients", params, X, y), 3, 4, "gradients(params, X, y)")
    right = reference.call("gradients", params, X, y)
    for key in ("b2", "w2"):
        expect(seen[key], f"the gradient of {key}").because("the loss is a mean over the rows").close(right[key])


@check("the gradients of the hidden layer are right", points=3, task=ROW, visible=False,
       needs=("output-layer-gradients",), evidence=BACKPROP, required=True)
def hidden_layer_gradients(submission, data):
    params, X, y = drawn(fresh_rng())
    seen = submission.call("gradients", params, X, y)
    right = reference.call("gradients", params, X, y)
    for key in ("b1", "W1"):
        expect(seen[key], f"the gradient of {key}").because(
            "the error passes the second weights and then the slope of tanh"
        ).close(right[key])


@check("the gradients are the slopes of your own loss", points=1, task=ROW, visible=False,
       needs=("hidden-layer-gradients", "loss-is-mean-cross-entropy"), evidence=BACKPROP)
def gradients_are_slopes_of_your_loss(submission, data):
    params, X, y = drawn(fresh_rng(), n=6, d=2, h=3)
    ends = np.cumsum([6, 3, 3])

    def params_at(point):
        W1, b1, w2, b2 = np.split(point, ends)
        return {"W1": W1.reshape(2, 3), "b1": b1, "w2": w2, "b2": float(b2[0])}

    def flat(parts):
        return np.concatenate([np.ravel(parts[key]) for key in KEYS])

    gradient = flat(submission.call("gradients", params, X, y))
    numerical_gradient(lambda point: submission.call("loss", params_at(point), X, y), flat(params), gradient)


@check("hidden units start apart", points=1, task=ROW, visible=False, evidence=BACKPROP)
def units_start_apart(submission, data):
    seed = int(fresh_rng().integers(1, 10_000))
    first, again, other = (params_of(submission.call("start", 2, 50, s), 2, 50, "start(2, 50, seed)") for s in (seed, seed, seed + 1))
    for key in ("W1", "w2"):
        expect(float(np.std(first[key])), f"the spread of {key}").because(
            "units that start alike get the same gradients and stay alike"
        ).between(0.6, 1.5)
        expect(again[key], f"{key} from the same seed").close(first[key])
        expect(other[key], f"{key} from another seed").differs_from(first[key], f"{key} does not depend on the seed")
    expect(first["b1"], "b1 at the start").close(np.zeros(50))
    expect(float(first["b2"]), "b2 at the start").close(0.0)


@check("one step is the step of gradient descent", points=2, task=ROW, visible=False,
       needs=("hidden-layer-gradients", "units-start-apart", "loss-is-mean-cross-entropy"),
       evidence=(*BACKPROP, "gradient-descent"))
def one_step_is_right(submission, data):
    rng = fresh_rng()
    seed, (_, X, y) = int(rng.integers(1, 10_000)), drawn(rng)
    before = params_of(submission.call("start", 3, 5, seed), 3, 5, "start(3, 5, seed)")
    slopes = reference.call("gradients", before, X, y)
    both = submission.call("train", X, y, 5, 0.3, 1, seed)
    expect(both, "train(...)").type(tuple, list).length(2)
    after = params_of(both[0], 3, 5, "the trained params")
    for key in KEYS:
        expect(after[key], f"{key} after one step").because(
            "all gradients are taken at the start, and every parameter moves against its own"
        ).close(before[key] - 0.3 * slopes[key])


@check("the loss curve tells the truth", points=2, task=ROW, visible=False, needs=("one-step-is-right",), evidence=BACKPROP)
def loss_curve_tells_the_truth(submission, data):
    rng = fresh_rng()
    seed, (_, X, y) = int(rng.integers(1, 10_000)), drawn(rng)
    untouched = reference.call("loss", submission.call("start", 3, 4, seed), X, y)
    params, losses = submission.call("train", X, y, 4, 0.5, 7, seed)
    expect(losses, "the losses of 7 steps").type(list).length(8)
    expect(losses[0], "the first loss").because("it belongs to the network before training").close(untouched)
    expect(losses[-1], "the last loss").because("it belongs to the network that is returned").close(
        reference.call("loss", params, X, y)
    )


@check("the arguments stay as they were", points=1, task=ROW, visible=False, needs=("one-step-is-right",), evidence=BACKPROP)
def arguments_are_left_alone(submission, data):
    params, X, y = drawn(fresh_rng())
    input_not_mutated(submission, "gradients", params, X, y)
    input_not_mutated(submission, "train", X, y, 3, 0.5, 3, 1)


@check("the four corners are learned by heart", points=3, task=ROW, visible=False,
       needs=("one-step-is-right",), evidence=BACKPROP, required=True)
def corners_are_learned(submission, data):
    seeds = [int(seed) for seed in fresh_rng().integers(1, 10_000, size=3)]
    solved, lowest = 0, []
    for seed in seeds:
        params, losses = submission.call("train", CORNERS, XOR, 8, 1.0, 1500, seed)
        lowest.append(float(losses[-1]))
        answers = submission.call("predict", params_of(params, 2, 8, "the trained params"), CORNERS)
        solved += bool(np.array_equal(np.asarray(answers), XOR)) and lowest[-1] < 0.1
    if solved < 2:
        fail("most starts do not learn XOR, with 8 hidden units and 1500 steps at rate 1",
             f"final losses {[round(value, 3) for value in lowest]}", "below 0.1 for at least two of three seeds")


@check("the lamps of other stairwells are told", points=4, task=ROW, visible=False,
       needs=("corners-are-learned",), evidence=BACKPROP, required=True)
def lamps_are_told(submission, data):
    seed = int(fresh_rng().integers(1, 10_000))

    def accuracy(stairwell):
        X_test, y_test = stairwell.test
        params = submission.call("solve", *stairwell.train, seed)
        answers = submission.call("predict", params, X_test)
        expect(answers, "predict(params, X)").shape(len(X_test))
        return float((answers == y_test).mean())

    straight, flipped = data.stairwells
    expect(accuracy(straight), "accuracy on 300 readings of a stairwell").at_least(0.93)
    expect(accuracy(flipped), "accuracy where the lamp is wired the other way round").at_least(0.93)
