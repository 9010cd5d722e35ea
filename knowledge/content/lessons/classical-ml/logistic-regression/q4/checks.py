"""Chances, loss, slope and descent. Data are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import numerical_gradient

EVIDENCE = ("logistic-regression",)


def problem(rng, n=60, d=3):
    """X with a column of ones, and labels drawn from planted weights, so that the classes overlap."""
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
    chance = 1 / (1 + np.exp(-X @ rng.uniform(0.5, 1.5, size=d)))
    return X, (rng.uniform(size=n) < chance).astype(float)


@check("chances come from odds", points=2, visible=True, evidence=EVIDENCE)
def chances_come_from_odds(submission):
    odds = np.exp(fresh_rng().uniform(-4, 4, size=6))
    seen = submission.call("sigmoid", np.log(odds))
    expect(seen, "sigmoid(log-odds)").shape(6).close(odds / (1 + odds))


@check("the loss is the mean surprise", points=2, visible=True, needs=("chances-come-from-odds",), evidence=EVIDENCE)
def loss_is_the_mean_surprise(submission):
    rng = fresh_rng()
    X, y = problem(rng)
    w = rng.normal(size=3)
    p = 1 / (1 + np.exp(-X @ w))
    surprise = -np.log(np.where(y == 1, p, 1 - p))
    expect(submission.call("log_loss", w, X, y), "log_loss(w, X, y)").type(float).close(float(surprise.mean()))


@check("huge scores do no harm", points=2, visible=False, needs=("loss-is-the-mean-surprise",), evidence=EVIDENCE)
def huge_scores_do_no_harm(submission):
    ends = submission.call("sigmoid", np.array([-1000.0, 0.0, 1000.0]))
    expect(ends, "sigmoid([-1000, 0, 1000])").finite().close(np.array([0.0, 0.5, 1.0]))
    size = float(fresh_rng().uniform(600, 1200))
    loss = submission.call("log_loss", np.array([1.0]), np.array([[size], [-size]]), np.array([1.0, 1.0]))
    expect(loss, "log_loss of one sure hit and one sure miss").because(
        "−ln σ(−z) is z for large z: it must be neither infinite nor cut off"
    ).finite().close(size / 2)


@check("the gradient is the slope of the loss", points=3, visible=False,
       needs=("loss-is-the-mean-surprise",), evidence=EVIDENCE)
def gradient_is_the_slope(submission):
    rng = fresh_rng()
    X, y = problem(rng)
    w = rng.normal(size=3)

    def loss(at):
        return float(np.mean(np.logaddexp(0.0, X @ at) - y * (X @ at)))

    seen = submission.call("gradient", w, X, y)
    expect(seen, "gradient(w, X, y)").shape(3)
    numerical_gradient(loss, w, seen)


@check("descent goes into the valley", points=3, visible=False, needs=("gradient-is-the-slope",), evidence=EVIDENCE)
def descent_goes_into_the_valley(submission):
    X, y = problem(fresh_rng(), n=200)
    w = submission.call("fit", X, y, 0.5, 3000)
    expect(w, "fit(X, y, 0.5, 3000)").shape(3).finite()
    p = 1 / (1 + np.exp(-X @ w))
    expect(X.T @ (p - y) / len(y), "the gradient at the fitted weights").because(
        "the loss is convex, so descent arrives at the one place where the slope is zero"
    ).close(np.zeros(3), atol=1e-3)


@check("one step has the size that was asked for", points=1, visible=True, needs=("gradient-is-the-slope",), evidence=EVIDENCE)
def one_step_is_as_asked(submission):
    X, y = problem(fresh_rng())
    step = -0.3 * X.T @ (0.5 - y) / len(y)
    expect(submission.call("fit", X, y, 0.3, 1), "fit(X, y, 0.3, 1)").shape(3).close(step)
