"""What a network from scratch must do, from one activation to a stack of handwritten digits."""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import label_shuffle, numerical_gradient, one_batch_overfit, row_permutation, seed_determinism

BACKPROP = ("backpropagation",)
DESCENT = ("gradient-descent", "sgd-and-momentum")

BORROWED = '''
def borrowed(main):
    """Frameworks that the solution's own names lead to, imported at the top or inside a function."""
    import os, sys, types
    frameworks = {"torch", "torchvision", "tensorflow", "keras", "jax", "flax", "sklearn", "autograd", "cupy"}
    main = os.path.basename(main)
    loaded = list(sys.modules.values())
    own = [m for m in loaded if os.path.basename(str(getattr(m, "__file__", ""))) == main]
    found, waiting = set(), [value for module in own for value in vars(module).values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, types.CodeType):
            found |= frameworks & set(value.co_names)
            waiting += value.co_consts
        elif isinstance(value, types.ModuleType):
            found |= frameworks & {value.__name__.split(".")[0]}
        else:
            found |= frameworks & {str(getattr(value, "__module__", "")).split(".")[0]}
            waiting += [value.__code__] if isinstance(value, types.FunctionType) else []
            mine = isinstance(value, type) and any(value.__module__ == m.__name__ for m in own)
            waiting += list(vars(value).values()) if mine else []
    return sorted(found)
'''


def network_at(owner, case, activation):
    """A network of `owner` (submission or reference) with the parameters of a case."""
    network = owner.handle("NeuralNetwork", case.layers, activation=activation, seed=0)
    network.call("set_parameters", case.weights, case.biases)
    return network


def gradients_of(network, X, y):
    """What `backward` gives, once it has the form of two lists with an array for each layer."""
    both = network.call("backward", X, y)
    expect(both, "backward(X, y)").type(tuple, list).length(2)
    for which, name in enumerate(("weight_gradients", "bias_gradients")):
        expect(both[which], name).type(list, tuple).length(2)
    return both


def gradients_agree(submission, case, activation, layer, why):
    seen = gradients_of(network_at(submission, case, activation), case.X, case.y)
    right = network_at(reference, case, activation).call("backward", case.X, case.y)
    for which, name in enumerate(("weight_gradients", "bias_gradients")):
        expect(seen[which][layer], f"{name}[{layer}]").because(why).close(right[which][layer], rtol=1e-5, atol=1e-8)


@check("NumPy does the work, not a framework", points=2, task="ninety/DL-1/implementation", visible=True,
       evidence=BACKPROP, asks_for_work=False)
def only_numpy_does_the_work(submission):
    probe = submission.lend(BORROWED, "borrowed")
    found = probe.call("__call__", submission.main)
    if found:
        fail("the network leans on a framework; here every derivative is to be your own", ", ".join(found), "numpy alone")


@check("sigmoid, ReLU and their slopes match their formulas", points=2, task="ninety/DL-1/task-3", visible=True,
       evidence=("activation-functions",))
def activations_match_their_formulas(submission):
    z = fresh_rng().normal(size=(4, 5)) * 3
    s = 1 / (1 + np.exp(-z))
    for name, right in {
        "relu": np.where(z > 0, z, 0), "relu_slope": (z > 0) * 1.0, "sigmoid": s, "sigmoid_slope": s * (1 - s),
    }.items():  # fmt: skip
        expect(submission.call(name, z), f"{name}(z)").shape(4, 5).finite().close(right, rtol=1e-6)
    expect(submission.call("relu_slope", np.zeros(3)), "relu_slope at z = 0").close(np.zeros(3))


@check("softmax turns each row into a distribution", points=1, task="ninety/DL-1/task-1", visible=True,
       evidence=("loss-functions",))
def softmax_is_a_distribution(submission):
    scores = fresh_rng().normal(size=(6, 4))
    powers = np.exp(scores)
    seen = submission.call("softmax", scores)
    expect(seen, "softmax(scores)").shape(6, 4).finite().sums_to(1.0, axis=1)
    expect(seen, "softmax(scores)").close(powers / powers.sum(axis=1, keepdims=True))


@check("cross-entropy is the mean surprise at the right class", points=1, task="ninety/DL-1/task-1", visible=True,
       evidence=("loss-functions",))
def cross_entropy_is_mean_surprise(submission):
    rng = fresh_rng()
    P = rng.dirichlet(np.ones(4), size=7) * 0.9 + 0.025
    y = rng.integers(0, 4, size=7)
    right = -np.log(P[np.arange(7), y]).mean()
    expect(submission.call("cross_entropy", P, y), "cross_entropy(probabilities, y)").close(right, rtol=1e-6)


@check("large scores give finite answers", points=2, task="ninety/DL-1/task-1", visible=False,
       needs=("softmax-is-a-distribution", "cross-entropy-is-mean-surprise"), evidence=("loss-functions",))
def large_scores_stay_finite(submission):
    scores = fresh_rng().normal(size=(3, 4)) + np.array([[1000.0], [-1000.0], [0.0]])
    expect(submission.call("softmax", scores), "softmax of scores around 1000 and −1000").because(
        "adding one number to a whole row changes no probability, so no size of the scores may do harm"
    ).finite().close(reference.call("softmax", scores))
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    loss = submission.call("cross_entropy", sure, np.array([1, 0]))
    expect(loss, "the cross-entropy of a probability that has become 0").finite().close(-np.log(1e-12) / 2)


@check("the weights start small, random and apart", points=3, task="ninety/DL-1/architecture", visible=True,
       evidence=("vanishing-exploding-gradients",))
def weights_start_apart(submission):
    seed = int(fresh_rng().integers(1000))
    network = submission.handle("NeuralNetwork", [300, 200, 10], activation="relu", seed=seed)
    biases, weights = network.get("biases"), network.get("weights")
    expect(biases, "biases").type(list, tuple).length(2)
    expect(weights, "weights").type(list, tuple).length(2)
    for layer, (n_in, n_out) in enumerate([(300, 200), (200, 10)]):
        expect(biases[layer], f"biases[{layer}]").close(np.zeros(n_out))
        expect(weights[layer], f"weights[{layer}]").shape(n_in, n_out).finite()
        expect(float(weights[layer].std() * np.sqrt(n_in)), f"√{n_in} · the spread of weights[{layer}]").because(
            "hidden units that start alike get the same gradient and stay alike; too wide a start saturates them"
        ).between(0.3, 3.0)
    seed_determinism(
        lambda s: submission.handle("NeuralNetwork", [4, 3, 2], activation="relu", seed=s).get("weights")
    )


@check("the forward pass matches its definition", points=3, task="ninety/DL-1/task-1", visible=True,
       needs=("activations-match-their-formulas", "softmax-is-a-distribution"),
       evidence=("forward-propagation-in-mlps",))
def forward_matches_the_definition(submission, data):
    for activation, case in (("relu", data.relu), ("sigmoid", data.sigmoid)):
        right = network_at(reference, case, activation)
        network = network_at(submission, case, activation)
        expect(network.call("forward", case.X), f"forward(X) with {activation}").shape(6, 3).close(
            right.call("forward", case.X), rtol=1e-6
        )
        expect(network.call("loss", case.X, case.y), f"loss(X, y) with {activation}").close(
            right.call("loss", case.X, case.y), rtol=1e-6
        )
        expect(network.call("predict", case.X), "predict(X)").dtype("int").equals(right.call("predict", case.X))


@check("each row is judged by itself", points=1, task="ninety/DL-1/task-1", visible=False,
       needs=("forward-matches-the-definition",), evidence=("forward-propagation-in-mlps",))
def rows_are_judged_apart(submission, data):
    network = network_at(submission, data.relu, "relu")
    row_permutation(lambda rows: network.call("forward", rows), fresh_rng().normal(size=(9, 4)))
    expect(network.call("forward", data.relu.X[:1]), "forward of a single row").shape(1, 3)


@check("the output layer's gradients are right", points=2, task="ninety/DL-1/task-2", visible=True,
       needs=("forward-matches-the-definition",), evidence=BACKPROP)
def output_layer_gradients(submission, data):
    gradients_agree(submission, data.relu, "relu", 1, "the loss is a mean over the rows, so its slope is one, too")


@check("the hidden layer's gradients are right", points=4, task="ninety/DL-1/task-2", visible=True,
       needs=("output-layer-gradients",), evidence=BACKPROP)
def hidden_layer_gradients(submission, data):
    gradients_agree(submission, data.relu, "relu", 0, "the error has to come back through weights and activation")


@check("the gradients are right with sigmoid as well", points=3, task="ninety/DL-1/task-2", visible=False,
       needs=("hidden-layer-gradients",), evidence=BACKPROP)
def sigmoid_gradients(submission, data):
    for layer in (1, 0):
        gradients_agree(submission, data.sigmoid, "sigmoid", layer, "what is right for ReLU alone is luck")


@check("the gradient is the slope of your own loss", points=3, task="course/w2/deliverable-2", visible=False,
       needs=("sigmoid-gradients",), evidence=BACKPROP)
def gradients_are_slopes_of_your_loss(submission, data):
    for activation, case in (("sigmoid", data.sigmoid), ("relu", data.relu)):
        network = network_at(submission, case, activation)
        shapes = [part.shape for part in (*case.weights, *case.biases)]
        weight_gradients, bias_gradients = gradients_of(network, case.X, case.y)

        def loss_at(point, network=network, case=case, shapes=shapes):
            parts = _split(point, shapes)
            network.call("set_parameters", parts[:2], parts[2:])
            return network.call("loss", case.X, case.y)

        numerical_gradient(
            loss_at, _flat([*case.weights, *case.biases]), _flat([*weight_gradients, *bias_gradients])
        )


@check("one step goes downhill, as far as the learning rate says", points=3, task="ninety/DL-1/task-4", visible=True,
       needs=("hidden-layer-gradients",), evidence=DESCENT)
def one_step_goes_downhill(submission, data):
    case, rate = data.relu, float(fresh_rng().uniform(0.05, 0.5))
    right = network_at(reference, case, "relu")
    reference.call("train", right, case.X, case.y, 1, 6, rate, 0)
    network = network_at(submission, case, "relu")
    submission.call("train", network, case.X, case.y, epochs=1, batch_size=6, learning_rate=rate, seed=0)
    for name in ("biases", "weights"):
        expect(network.get(name), f"{name} after one step on all six rows").length(2)
        for layer in (0, 1):
            expect(network.get(name)[layer], f"{name}[{layer}] after one step on all six rows").because(
                "each parameter moves by minus the learning rate times its gradient"
            ).close(right.get(name)[layer], rtol=1e-6)


@check("the last, shorter batch counts", points=2, task="ninety/DL-1/task-4", visible=False,
       needs=("one-step-goes-downhill",), evidence=DESCENT)
def last_batch_counts(submission, data):
    case = data.relu
    right, network = network_at(reference, case, "relu"), network_at(submission, case, "relu")
    reference.call("train", right, case.X, case.y, 3, 50, 0.2, 0)
    submission.call("train", network, case.X, case.y, epochs=3, batch_size=50, learning_rate=0.2, seed=0)
    seen = network.get("weights")
    for layer in (0, 1):
        expect(seen[layer], f"weights[{layer}] after three epochs of six rows in batches of 50").because(
            "six rows make one batch of six, and leaving out what does not fill a batch leaves out learning"
        ).close(right.get("weights")[layer], rtol=1e-6)


@check("every epoch has an order of its own, drawn from the seed", points=2, task="ninety/DL-1/task-4", visible=False,
       needs=("one-step-goes-downhill",), evidence=DESCENT)
def epochs_are_reshuffled(submission, data):
    case, rate, epochs = data.relu, 0.3, 8
    X, y = case.X[:2], case.y[:2]

    def trained(seed):
        network = network_at(submission, case, "relu")
        submission.call("train", network, X, y, epochs=epochs, batch_size=1, learning_rate=rate, seed=seed)
        return _flat(network.get("weights"))

    def in_one_order(rows):
        network = network_at(reference, case, "relu")
        for row in [*rows] * epochs:
            reference.call("train", network, X[[row]], y[[row]], 1, 1, rate, 0)
        return _flat(network.get("weights"))

    seed = int(fresh_rng().integers(1, 1000))
    seen = [trained(s) for s in (seed, seed, seed + 1, seed + 2)]
    expect(seen[1], "the weights of a second run with the same seed").equals(seen[0])
    stuck = [in_one_order(rows) for rows in ((0, 1), (1, 0))]
    if all(any(np.allclose(run, order, rtol=0, atol=1e-9) for order in stuck) for run in seen):
        fail("two rows, eight epochs, three seeds, and always the same row first: the order is never drawn anew",
             seen[-1], "weights that come of a new order in each epoch")


@check("training leaves the caller's arrays alone", points=1, task="ninety/DL-1/task-4", visible=False,
       needs=("one-step-goes-downhill",), evidence=DESCENT)
def inputs_are_left_alone(submission, data):
    case = data.relu
    network = network_at(submission, case, "relu")
    X, y = submission.keep(case.X), submission.keep(case.y)
    submission.call("train", network, X, y, epochs=2, batch_size=4, learning_rate=0.1, seed=1)
    why = "whoever called train still needs the rows in their order"
    expect(X.value(), "X after training").because(why).equals(case.X)
    expect(y.value(), "y after training").equals(case.y)


@check("the loss curve tells the truth", points=2, task="ninety/DL-1/task-5", visible=True,
       needs=("one-step-goes-downhill",), evidence=DESCENT)
def loss_curve_tells_the_truth(submission, data):
    case = data.relu
    right, network = network_at(reference, case, "relu"), network_at(submission, case, "relu")
    seen = submission.call("train", network, case.X, case.y, epochs=5, batch_size=6, learning_rate=0.1, seed=0)
    expect(seen, "the loss curve").type(list, tuple).length(6)
    expect(list(seen), "the loss curve").because(
        "losses[0] is measured before training, losses[e] on all rows after epoch e"
    ).close(reference.call("train", right, case.X, case.y, 5, 6, 0.1, 0), rtol=1e-6)


@check("one small batch can be learned by heart", points=2, task="course/w2/code-1", visible=False,
       needs=("loss-curve-tells-the-truth", "weights-start-apart"), evidence=BACKPROP)
def one_batch_is_learned_by_heart(submission, data):
    X, y = data.train[0][:16], data.train[1][:16]
    for activation, rate in (("relu", 0.3), ("sigmoid", 2.0)):
        network = submission.handle("NeuralNetwork", [64, 24, 10], activation=activation, seed=3)
        one_batch_overfit(
            submission.call("train", network, X, y, epochs=200, batch_size=16, learning_rate=rate, seed=0)
        )


@check("the loss curve is drawn, and it falls", points=2, task="ninety/DL-1/task-5", visible=True,
       needs=("loss-curve-tells-the-truth", "weights-start-apart"), evidence=("training-diagnostics",))
def loss_curve_is_drawn(submission, data):
    network = submission.handle("NeuralNetwork", [64, 24, 10], activation="relu", seed=1)
    X, y = data.train
    losses = submission.call("train", network, X, y, epochs=6, batch_size=32, learning_rate=0.2, seed=1)
    expect(losses[-1] / losses[0], "the last loss as a share of the first").at_most(0.6)
    before = len(submission.figures)
    axes = submission.handle("plot_losses", losses)
    if "Axes" not in axes.type_name:
        fail("plot_losses should return the Axes on which it drew", axes.type_name, "Axes")
    for name in ("get_xlabel", "get_ylabel"):
        expect(axes.call(name), f"axes.{name}()").differs_from("", "an axis without a label tells a reader nothing")
    curves = axes.handle("get_lines")
    expect(curves.call("__len__"), "the number of curves in the figure").at_least(1)
    drawn = curves.handle("__getitem__", 0).call("get_ydata")
    expect(np.asarray(drawn, float), "the heights of the curve").close(np.asarray(losses), rtol=1e-6)
    if len(submission.figures) <= before:
        fail("plot_losses drew no figure", "no figure", "one figure")


@check("handwritten digits are recognised", points=5, task="ninety/DL-1", visible=False,
       needs=("one-batch-is-learned-by-heart", "large-scores-stay-finite", "only-numpy-does-the-work"),
       evidence=(*BACKPROP, "sgd-and-momentum"))
def digits_are_recognised(submission, data):
    (X, y), (X_test, y_test) = data.train, data.test

    def accuracy(labels):
        network = submission.handle("NeuralNetwork", [64, 32, 10], activation="relu", seed=5)
        submission.call("train", network, X, labels, epochs=15, batch_size=20, learning_rate=0.2, seed=5)
        return float((network.call("predict", X_test) == y_test).mean())

    expect(accuracy(y), f"accuracy on {len(y_test)} digits held out").at_least(0.85)
    label_shuffle(accuracy, y, chance=0.1)


def _flat(parts):
    return np.concatenate([np.ravel(part) for part in parts])


def _split(point, shapes):
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(point, ends), shapes)]
