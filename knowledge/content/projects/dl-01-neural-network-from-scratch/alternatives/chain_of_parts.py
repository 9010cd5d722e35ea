"""Another road: parts that remember what they saw, and examples in columns instead of rows."""

import numpy as np


def relu(z):
    return np.where(np.greater(z, 0), z, 0.0)


def relu_slope(z):
    return np.heaviside(z, 0.0)


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z)))


def sigmoid_slope(z):
    return sigmoid(z) * sigmoid(-np.asarray(z))


def softmax(scores):
    return np.exp(_log_softmax(np.asarray(scores).T).T)


def _log_softmax(columns):
    top = columns.max(axis=0)
    return columns - top - np.log(np.exp(columns - top).sum(axis=0))


def cross_entropy(probabilities, y):
    surprises = [-np.log(max(row[label], 1e-12)) for row, label in zip(probabilities, y)]
    return float(sum(surprises) / len(surprises))


class Affine:
    """A @ columns + b, the bias kept as a last column of one matrix."""

    def __init__(self, table):
        self.table = table

    def ahead(self, columns):
        self.seen = np.vstack([columns, np.ones(columns.shape[1])])
        return self.table @ self.seen

    def back(self, blame):
        self.gradient = np.einsum("in,jn->ij", blame, self.seen)
        return self.table[:, :-1].T @ blame


class Bend:
    def __init__(self, function, slope):
        self.function, self.slope = function, slope

    def ahead(self, columns):
        self.seen = columns
        return self.function(columns)

    def back(self, blame):
        return np.multiply(blame, self.slope(self.seen))


class NeuralNetwork:
    def __init__(self, layers, activation="relu", seed=0):
        dice = np.random.default_rng([seed, 17])
        self.bend = {"relu": Bend(relu, relu_slope), "sigmoid": Bend(sigmoid, sigmoid_slope)}[activation]
        reach = [np.sqrt(6.0 / (a + b)) for a, b in zip(layers, layers[1:])]
        pairs = zip(reach, layers, layers[1:])
        self.set_parameters(
            [dice.uniform(-r, r, size=(a, b)) for r, a, b in pairs], [np.zeros(b) for b in layers[1:]]
        )

    def set_parameters(self, weights, biases):
        self.parts = [Affine(np.column_stack([w.T, b])) for w, b in zip(weights, biases)]
        self.parts.insert(1, self.bend)

    @property
    def affine(self):
        return [self.parts[0], self.parts[2]]

    @property
    def weights(self):
        return [part.table[:, :-1].T.copy() for part in self.affine]

    @property
    def biases(self):
        return [part.table[:, -1].copy() for part in self.affine]

    def scores(self, X):
        columns = np.asarray(X, float).T
        for part in self.parts:
            columns = part.ahead(columns)
        return columns

    def forward(self, X):
        return np.exp(_log_softmax(self.scores(X))).T

    def loss(self, X, y):
        logs = _log_softmax(self.scores(X))
        return float(-np.mean([logs[label, i] for i, label in enumerate(y)]))

    def backward(self, X, y):
        blame = np.exp(_log_softmax(self.scores(X))) - np.eye(len(self.parts[2].table))[:, y]
        blame = blame / blame.shape[1]
        for part in reversed(self.parts):
            blame = part.back(blame)
        gradients = [part.gradient for part in self.affine]
        return [g[:, :-1].T.copy() for g in gradients], [g[:, -1].copy() for g in gradients]

    def predict(self, X):
        return np.argmax(self.scores(X), axis=0)


def train(network, X, y, epochs, batch_size, learning_rate, seed=0):
    dice = np.random.default_rng(seed)
    curve = [network.loss(X, y)]
    for _ in range(epochs):
        keys = dice.random(len(y))
        for rows in np.array_split(np.argsort(keys), range(batch_size, len(y), batch_size)):
            network.backward(X[rows], y[rows])
            for part in network.affine:
                part.table = part.table - learning_rate * part.gradient
        curve.append(network.loss(X, y))
    return curve


def plot_losses(losses):
    import matplotlib.pyplot as plt

    plt.figure(figsize=(5, 3))
    axes = plt.gca()
    axes.semilogy(list(losses), marker=".")
    axes.set(xlabel="epochs done", ylabel="loss", title="Training")
    return axes
