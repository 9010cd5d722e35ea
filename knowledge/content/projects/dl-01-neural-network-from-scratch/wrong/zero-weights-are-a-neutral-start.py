"""
misconception: zero-weights-are-a-neutral-start
fails: [weights-start-apart]
"""

import numpy as np


def relu(z):
    return np.maximum(z, 0.0)


def relu_slope(z):
    return (np.asarray(z) > 0).astype(float)


def sigmoid(z):
    shrunk = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, shrunk) / (1.0 + shrunk)


def sigmoid_slope(z):
    s = sigmoid(z)
    return s * (1.0 - s)


def softmax(scores):
    powers = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(probabilities, y):
    given = probabilities[np.arange(len(y)), y]
    return float(-np.log(np.maximum(given, 1e-12)).mean())


ACTIVATIONS = {"relu": (relu, relu_slope), "sigmoid": (sigmoid, sigmoid_slope)}


class NeuralNetwork:
    def __init__(self, layers, activation="relu", seed=0):
        sizes = list(zip(layers[:-1], layers[1:]))
        self.activation, self.slope = ACTIVATIONS[activation]
        self.weights = [np.zeros((n_in, n_out)) for n_in, n_out in sizes]
        self.biases = [np.zeros(n_out) for _, n_out in sizes]

    def set_parameters(self, weights, biases):
        self.weights = [np.array(w, float) for w in weights]
        self.biases = [np.array(b, float) for b in biases]

    def _pass(self, X):
        Z = X @ self.weights[0] + self.biases[0]
        H = self.activation(Z)
        return Z, H, softmax(H @ self.weights[1] + self.biases[1])

    def forward(self, X):
        return self._pass(X)[2]

    def loss(self, X, y):
        return cross_entropy(self.forward(X), y)

    def backward(self, X, y):
        Z, H, P = self._pass(X)
        error = P.copy()
        error[np.arange(len(y)), y] -= 1.0
        error /= len(y)
        hidden_error = (error @ self.weights[1].T) * self.slope(Z)
        return [X.T @ hidden_error, H.T @ error], [hidden_error.sum(axis=0), error.sum(axis=0)]

    def predict(self, X):
        return self.forward(X).argmax(axis=1)


def train(network, X, y, epochs, batch_size, learning_rate, seed=0):
    rng = np.random.default_rng(seed)
    losses = [network.loss(X, y)]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            weight_gradients, bias_gradients = network.backward(X[batch], y[batch])
            for layer in range(len(network.weights)):
                network.weights[layer] = network.weights[layer] - learning_rate * weight_gradients[layer]
                network.biases[layer] = network.biases[layer] - learning_rate * bias_gradients[layer]
        losses.append(network.loss(X, y))
    return losses


def plot_losses(losses):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    axes.plot(range(len(losses)), losses)
    axes.set_xlabel("epoch")
    axes.set_ylabel("mean cross-entropy")
    return axes
