"""The columns, the weights and the score. Numbers are drawn afresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

EVIDENCE = ("linear-and-polynomial-regression",)


@check("the powers of x stand side by side, from 1 upwards", points=2, visible=True, evidence=EVIDENCE)
def powers_stand_side_by_side(submission):
    x = fresh_rng().uniform(-2, 2, size=5)
    wanted = np.column_stack([np.ones(5), x, x * x, x * x * x])
    seen = submission.call("expand", x, 3)
    expect(seen, "expand(x, 3)").because("the column of ones carries the intercept").shape(5, 4).close(wanted)


@check("the courier's line is found", points=2, visible=True, evidence=EVIDENCE)
def couriers_line_is_found(submission):
    A, minutes = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]), np.array([4.0, 5.0, 9.0])
    weights = submission.call("least_squares", A, minutes)
    expect(weights, "the weights for 1, 2, 3 km and 4, 5, 9 minutes").shape(2).close(np.array([1.0, 2.5]))


@check("residuals are at right angles to the columns", points=3, visible=False,
       needs=("couriers-line-is-found",), evidence=EVIDENCE)
def residuals_are_orthogonal(submission):
    rng = fresh_rng()
    A, y = rng.normal(size=(40, 5)) * [1, 100, 0.01, 1, 1], rng.normal(size=40)
    weights = submission.call("least_squares", A, y)
    expect(weights, "least_squares(A, y)").shape(5).finite()
    expect(A.T @ (y - A @ weights), "Aᵀ(y − A w)").because(
        "as long as a column has something left to explain, the sum of squares can still fall"
    ).close(np.zeros(5), atol=1e-6)


@check("a column that occurs twice does no harm", points=2, visible=False,
       needs=("couriers-line-is-found",), evidence=EVIDENCE)
def repeated_columns_do_no_harm(submission):
    rng = fresh_rng()
    A, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    weights = submission.call("least_squares", np.column_stack([A, A[:, 1]]), y)
    expect(weights, "least_squares(A, y) with a repeated column").shape(4).finite()
    expect(np.column_stack([A, A[:, 1]]) @ weights, "its predictions").close(
        A @ reference.call("least_squares", A, y), atol=1e-6
    )


@check("R² compares with the mean", points=2, visible=True, evidence=EVIDENCE)
def r_squared_compares_with_the_mean(submission):
    y = fresh_rng().normal(size=20) + 5
    expect(submission.call("r_squared", y, y), "R² of a perfect forecast").type(float).close(1.0)
    A = np.column_stack([np.ones(20), np.arange(20.0)])
    fitted = A @ reference.call("least_squares", A, y)
    expect(submission.call("r_squared", y, fitted), "R² of a fitted line").close(
        reference.call("r_squared", y, fitted)
    )


@check("forecasts worse than the mean have a negative R²", points=2, visible=False,
       needs=("r-squared-compares-with-the-mean",), evidence=EVIDENCE)
def bad_forecasts_have_a_negative_r_squared(submission):
    rng = fresh_rng()
    y = rng.normal(size=20)
    bad = 3 - 2 * y + rng.normal(size=20)
    expect(submission.call("r_squared", y, bad), "R² of a forecast that is worse than the mean").close(
        reference.call("r_squared", y, bad)
    )
