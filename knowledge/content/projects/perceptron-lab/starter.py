"""One neuron, four afternoons. Fill in what raises; the brief says what each part returns."""

import numpy as np


# 1. Training -----------------------------------------------------------------------------


def predict(X, w, b):
    """Labels (n,) of the rows of X, integers −1 or +1."""
    raise NotImplementedError


def train(X, y, epochs):
    """(w, b, mistakes) of the perceptron rule. Which weights does the next row see?"""
    raise NotImplementedError


def pocket(X, y, epochs):
    """(w, b, wrong): the weights after the pass that left the fewest rows wrong, and how many."""
    raise NotImplementedError


# 2. Boundaries ---------------------------------------------------------------------------


def boundary(w, b, reach):
    """Two points (2, 2) on the line w·x + b = 0. What if w[1] is 0?"""
    # TODO: the point of the line nearest to the origin first; then, which way does the line run?
    raise NotImplementedError


def label_grid(classify, x1, x2):
    """Labels (len(x2), len(x1)) of the points of a grid."""
    raise NotImplementedError


def plot_boundary(X, y, w, b):
    """Draw both classes and the boundary; return the Axes."""
    raise NotImplementedError


# 3. Activations --------------------------------------------------------------------------


def activate(name, z):
    """sigmoid, tanh, relu or leaky_relu of z, elementwise."""
    raise NotImplementedError


def activation_slope(name, z):
    """The derivative of that activation at z, where z is what goes in."""
    raise NotImplementedError


def softmax(scores):
    """Each row of scores (n, k) as probabilities."""
    raise NotImplementedError


# 4. Losses -------------------------------------------------------------------------------


def loss(name, scores, y):
    """The mean of the squared, absolute, log or hinge loss, a float."""
    raise NotImplementedError


def loss_slope(name, scores, y):
    """(n,): the derivative of the mean loss by each score."""
    raise NotImplementedError


def fit(X, y, name, steps, rate):
    """(w, b, curve) of gradient descent on all rows, from zero weights."""
    raise NotImplementedError


def compare(task, train, test, steps, rate):
    """A dict: for each loss that suits the task, how well its neuron does. On which rows?"""
    raise NotImplementedError
