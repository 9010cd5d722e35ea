"""What principal component analysis must do, from one direction to the faults of a pump station."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, row_permutation

ROW = "course/w1/deliverable-1"
PCA = ("principal-component-analysis",)
BASIS = ("principal-component-analysis", "eigendecomposition")


def cloud(rng, n, d, far=20.0):
    """Rows whose variances along slanted directions differ clearly, around a mean away from the origin."""
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return rng.normal(size=(n, d)) * 1.6 ** -np.arange(d) @ turn + rng.normal(size=d) * far


def fitted(value, k, d):
    """Mean, components and variances, once they are three arrays of the right shapes."""
    expect(value, "fit(X, k)").type(tuple, list).length(3)
    for part, name, shape in zip(value, ("the mean", "the components", "the variances"), ((d,), (k, d), (k,))):
        expect(part, name).type(np.ndarray).shape(*shape).finite()
    return value


def same_directions(seen, wanted, what):
    """Row by row the same line; the sign is free."""
    cosines = np.abs((seen * wanted).sum(axis=1))
    expect(cosines, what).close(np.ones(len(wanted)), atol=1e-6)


def share_ranked_right(scores, fault):
    """The share of pairs of a faulty and a sound row in which the faulty one has the higher score."""
    expect(scores, "anomaly_scores(...)").type(np.ndarray).shape(len(fault)).finite()
    return float((scores[fault][:, None] > scores[~fault][None, :]).mean())


@check("components are perpendicular and of length 1", points=1, task=ROW, visible=True, evidence=PCA, required=True)
def components_are_perpendicular(submission, data):
    X = cloud(fresh_rng(), 30, 5)
    _, components, _ = fitted(submission.call("fit", X, 3), 3, 5)
    expect(components @ components.T, "the dot products of the components").because(
        "components are directions: rows of length 1, at right angles to each other"
    ).close(np.eye(3), atol=1e-8)


@check("four pupils have one main direction", points=2, task=ROW, visible=True,
       needs=("components-are-perpendicular",), evidence=BASIS, required=True)
def pupils_have_one_direction(submission, data):
    X = np.array([[1.0, 4.0, 2.0], [2.0, 3.0, 2.0], [4.0, 7.0, 2.0], [5.0, 6.0, 2.0]])
    mean, components, variances = fitted(submission.call("fit", X, 1), 1, 3)
    expect(mean, "the mean").close(np.array([3.0, 5.0, 2.0]))
    same_directions(components, np.array([[1.0, 1.0, 0.0]]) / np.sqrt(2), "|cosine| with the direction (1, 1, 0)")
    expect(variances, "the variance along it").because("18 squared units along it, divided by n - 1").close(np.array([6.0]))


@check("components match the definition on any cloud", points=3, task=ROW, visible=False,
       needs=("pupils-have-one-direction",), evidence=(*BASIS, "singular-value-decomposition"), required=True)
def components_match_the_definition(submission, data):
    rng = fresh_rng()
    for n, d, k in ((60, 4, 4), (40, 7, 3), (12, 40, 5)):
        X = cloud(rng, n, d)
        what = f"{n} rows, {d} columns, k = {k}"
        mean, components, variances = fitted(submission.call("fit", X, k), k, d)
        wanted_mean, wanted, wanted_variances = reference.call("fit", X, k)
        expect(mean, f"the mean ({what})").close(wanted_mean)
        expect(variances, f"the variances ({what})").decreasing().close(wanted_variances, rtol=1e-6)
        same_directions(components, wanted, f"|cosines| with the right components ({what})")


@check("distance from the origin does no harm", points=1, task=ROW, visible=False,
       needs=("components-match-the-definition",), evidence=PCA)
def distance_from_the_origin_is_harmless(submission, data):
    X = cloud(fresh_rng(), 50, 3, far=0.0)
    _, components, variances = fitted(submission.call("fit", X + 1e7, 2), 2, 3)
    _, wanted, wanted_variances = reference.call("fit", X, 2)
    expect(variances, "the variances of points near (1e7, 1e7, 1e7)").because(
        "moving all points together changes no variance, and floating point must not see one either"
    ).close(wanted_variances, rtol=1e-5)
    same_directions(components, wanted, "|cosines| with the components of the unmoved points")


@check("scores use the mean they are given", points=2, task=ROW, visible=False, evidence=PCA, required=True)
def scores_use_the_mean_they_are_given(submission, data):
    rng = fresh_rng()
    X, mean = rng.normal(size=(6, 4)) + 2, rng.normal(size=4) * 3
    components = np.linalg.qr(rng.normal(size=(4, 4)))[0][:2]
    wanted = np.array([[(x - mean) @ u for u in components] for x in X])
    for rows in (X, X[:1]):
        seen = submission.call("transform", rows, mean, components)
        expect(seen, f"the scores of {len(rows)} new rows").because(
            "new rows are measured from the training mean; a single row has no mean of its own"
        ).shape(len(rows), 2).close(wanted[: len(rows)])


@check("rebuilding adds the mean again", points=1, task=ROW, visible=True, evidence=PCA, required=True)
def rebuilding_adds_the_mean(submission, data):
    mean, components = np.array([3.0, 5.0]), np.array([[0.6, 0.8]])
    seen = submission.call("inverse_transform", np.array([[0.0], [5.0]]), mean, components)
    expect(seen, "the rows with scores 0 and 5").because(
        "score 0 along every component is the mean itself"
    ).shape(2, 2).close(np.array([[3.0, 5.0], [6.0, 9.0]]))


@check("with all components new rows come back whole", points=1, task=ROW, visible=False,
       needs=("components-match-the-definition", "scores-use-the-mean-they-are-given", "rebuilding-adds-the-mean"),
       evidence=PCA)
def new_rows_come_back(submission, data):
    rng = fresh_rng()
    X = cloud(rng, 30, 5)
    train, new = X[:24], X[24:]
    mean, components, _ = fitted(submission.call("fit", train, 5), 5, 5)
    scores = submission.call("transform", new, mean, components)
    rebuilt = submission.call("inverse_transform", scores, mean, components)
    expect(rebuilt, "six new rows, there and back with k = d").shape(6, 5).close(new, rtol=1e-7, atol=1e-7)


@check("shares are those of the variance", points=2, task=ROW, visible=False,
       needs=("components-match-the-definition",), evidence=PCA, required=True)
def shares_are_those_of_the_variance(submission, data):
    X = cloud(fresh_rng(), 50, 4)
    shares = submission.call("explained_shares", X)
    expect(shares, "explained_shares(X)").type(np.ndarray).shape(4).decreasing().sums_to(1.0)
    expect(shares, "explained_shares(X)").because(
        "the share of a component is its variance over the sum of all variances"
    ).close(reference.call("explained_shares", X), rtol=1e-6)


@check("the count is the smallest that suffices", points=2, task=ROW, visible=False,
       needs=("shares-are-those-of-the-variance",), evidence=PCA)
def count_is_the_smallest(submission, data):
    X = cloud(fresh_rng(), 60, 5)
    reached = np.cumsum(reference.call("explained_shares", X))
    for k in range(1, 5):
        for share, wanted in ((reached[k - 1] - 1e-4, k), (reached[k - 1] + 1e-4, k + 1)):
            seen = submission.call("components_needed", X, float(share))
            expect(seen, f"components_needed(X, {share:.4f})").because(
                f"the first 1, 2, ... components explain {np.round(reached, 4).tolist()}"
            ).equals(wanted)


@check("whitened scores have unit spread", points=2, task=ROW, visible=False,
       needs=("components-match-the-definition", "scores-use-the-mean-they-are-given"), evidence=PCA)
def whitened_scores_have_unit_spread(submission, data):
    X = cloud(fresh_rng(), 46, 5)
    train, new = X[:40], X[40:]
    own = submission.call("whiten", train, train, 3)
    expect(own, "whiten(X_train, X_train, 3)").type(np.ndarray).shape(40, 3).finite()
    expect(np.cov(own.T), "the covariance matrix of the whitened training rows").because(
        "every column has variance 1, and different components are uncorrelated"
    ).close(np.eye(3), atol=1e-6)
    seen, wanted = submission.call("whiten", train, new, 3), reference.call("whiten", train, new, 3)
    expect(seen, "whiten(X_train, X_new, 3)").shape(6, 3)
    expect(np.abs(seen), "the whitened new rows, signs aside").because(
        "mean, components and spread all come from the training rows"
    ).close(np.abs(wanted), rtol=1e-6, atol=1e-8)


@check("faulty minutes are ranked first", points=3, task=ROW, visible=False,
       needs=("components-match-the-definition", "scores-use-the-mean-they-are-given", "rebuilding-adds-the-mean"),
       evidence=PCA, required=True)
def faults_are_ranked_first(submission, data):
    for station in data.stations:
        scores = submission.call("anomaly_scores", station.train, station.new, 3)
        expect(share_ranked_right(scores, station.fault), "pairs in which the faulty minute has the higher score").because(
            "a fault must show in every sensor, whatever its unit"
        ).at_least(0.93)


@check("every minute is judged by itself", points=1, task=ROW, visible=False,
       needs=("faults-are-ranked-first",), evidence=PCA)
def minutes_are_judged_alone(submission, data):
    station = data.stations[0]
    all_scores = submission.call("anomaly_scores", station.train, station.new, 3)
    few = submission.call("anomaly_scores", station.train, station.new[:7] + 0.0, 3)
    expect(few, "the scores of the first seven minutes").because(
        "the score of a minute may not change with the minutes that come after it"
    ).shape(7).close(all_scores[:7], rtol=1e-6)
    row_permutation(lambda rows: submission.call("anomaly_scores", station.train, rows, 3), station.new)


@check("a sensor that never moved does no harm", points=1, task=ROW, visible=False,
       needs=("faults-are-ranked-first",), evidence=PCA)
def stuck_sensor_is_harmless(submission, data):
    station = data.stations[1]
    train, new = station.train[:100].copy(), station.new[:20].copy()
    train[:, 4] = new[:, 4] = 21.0
    seen = submission.call("anomaly_scores", train, new, 3)
    expect(seen, "scores with a constant column").because("its standard deviation is 0").shape(20).finite()


@check("the arrays you are given stay as they were", points=1, task=ROW, visible=False,
       needs=("components-match-the-definition", "faults-are-ranked-first"), evidence=PCA)
def arrays_are_left_alone(submission, data):
    X = cloud(fresh_rng(), 20, 4)
    input_not_mutated(submission, "fit", X, 2)
    input_not_mutated(submission, "whiten", X[:15], X[15:], 2)
    input_not_mutated(submission, "anomaly_scores", X[:15], X[15:], 2)
