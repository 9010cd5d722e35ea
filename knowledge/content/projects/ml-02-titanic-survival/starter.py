"""Titanic: features, two models, and metrics that can be trusted. The brief says what each returns."""

import numpy as np


def titles(names):
    """One of "Mr", "Mrs", "Miss", "Master", "Other" for each name, as a list."""
    # TODO: what stands between the comma and the period?
    raise NotImplementedError


def family(columns):
    """(size, alone): two integer arrays (n,)."""
    # TODO
    raise NotImplementedError


def fill_ages(train, test):
    """The ages of both tables without gaps: two float arrays."""
    # TODO: whose medians may you use?
    raise NotImplementedError


def one_hot(values, categories):
    """Floats (n, len(categories))."""
    # TODO
    raise NotImplementedError


def features(train, test):
    """Two float arrays (n, d) and (m, d) without gaps."""
    # TODO: categories, titles, family, age, fare. Which numbers would help a linear model?
    raise NotImplementedError


def chances(train, y, test, model):
    """The chance of survival (m,) of each row of test; model is "logistic" or "tree"."""
    # TODO
    raise NotImplementedError


def report(y, predicted):
    """A dict of floats: "accuracy", "precision", "recall", "f1", "baseline"."""
    # TODO
    raise NotImplementedError


def roc(y, scores):
    """(false positive rates, true positive rates), one point for each distinct score, after 0, 0."""
    # TODO
    raise NotImplementedError


def area(fpr, tpr):
    """The area under the curve, a float."""
    # TODO
    raise NotImplementedError


def plot_roc(curves):
    """Draw each curve of {name: (fpr, tpr)}, a legend, and the diagonal."""
    # TODO
    raise NotImplementedError


def best_threshold(y, scores):
    """The highest score t for which `scores >= t` has the largest F1."""
    # TODO
    raise NotImplementedError


def stratified_folds(y, k, seed):
    """A fold 0 … k−1 for each row (n,), the classes spread evenly."""
    # TODO
    raise NotImplementedError


def cross_validate(fit_score, columns, y, fold):
    """The AUC of each fold: floats (number of folds,)."""
    # TODO: who may see the rows of a fold, and who may not?
    raise NotImplementedError
