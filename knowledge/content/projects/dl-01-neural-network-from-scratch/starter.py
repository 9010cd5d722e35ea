"""A two-layer network from scratch. Fill in what raises; the brief says what each part returns."""

import numpy as np


def relu(z):
    """z where it is positive, 0 elsewhere; same shape as z."""
    raise NotImplementedError


def relu_slope(z):
    """The derivative of relu at z. At z = 0, where there is none, give 0."""
    raise NotImplementedError


def sigmoid(z):
    """1 / (1 + e⁻ᶻ), elementwise."""
    raise NotImplementedError


def sigmoid_slope(z):
    """The derivative of sigmoid at z. Mind that z is what goes into the sigmoid."""
    raise NotImplementedError


def softmax(scores):
    """Each row of scores (n, k) as probabilities. Which scores would break a careless version?"""
    raise NotImplementedError


def cross_entropy(probabilities, y):
    """The mean over the rows of −log(probability of the right class), a float."""
    raise NotImplementedError


class NeuralNetwork:
    """layers = [d, h, k]: d inputs, h hidden units, k classes."""

    def __init__(self, layers, activation="relu", seed=0):
        # TODO: self.weights, a list of arrays (d, h) and (h, k); self.biases, (h,) and (k,).
        # What happens if two hidden units start with the same weights?
        raise NotImplementedError

    def set_parameters(self, weights, biases):
        """Replace the parameters by copies of these. Nothing to do here."""
        self.weights = [np.array(w, float) for w in weights]
        self.biases = [np.array(b, float) for b in biases]

    def forward(self, X):
        """Class probabilities (n, k) for the rows of X (n, d)."""
        raise NotImplementedError

    def loss(self, X, y):
        """The mean cross-entropy of the network's probabilities, a float."""
        raise NotImplementedError

    def backward(self, X, y):
        """(weight_gradients, bias_gradients): two lists shaped like weights and biases.

        The gradients of loss(X, y). This method changes no parameter.
        """
        # TODO: one forward pass that keeps what you need, then from the loss backwards.
        raise NotImplementedError

    def predict(self, X):
        """The most probable class of each row, integers (n,)."""
        raise NotImplementedError


def train(network, X, y, epochs, batch_size, learning_rate, seed=0):
    """Minibatch gradient descent; changes the network and returns its loss curve."""
    # TODO: a new order of the rows in each epoch, and no row left out.
    raise NotImplementedError


def plot_losses(losses):
    """Draw the loss curve with matplotlib and return the Axes."""
    raise NotImplementedError
