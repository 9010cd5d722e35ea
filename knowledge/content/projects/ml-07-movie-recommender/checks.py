"""What a film recommender must do, from the matrix to an honest comparison on ratings it has not seen."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated

PROJECT = "ninety/ML-7"
CF = ("collaborative-filtering",)
NAMES = ("baseline", "user-based", "item-based", "factorization")


def ratings(rng, n_users, n_films, share):
    """A small rating matrix with about `share` of its cells known, at least three in each row and column."""
    while True:
        R = np.where(rng.uniform(size=(n_users, n_films)) < share, rng.integers(1, 6, (n_users, n_films)), np.nan)
        known = ~np.isnan(R)
        if known.sum(axis=0).min() > 2 and known.sum(axis=1).min() > 2:
            return R.astype(float)


def predicted(submission, name, R, *args, **settings):
    """The matrix of predictions, once it is one without gaps."""
    P = submission.call(name, R, *args, **settings)
    expect(P, f"{name}(...)").shape(*R.shape).finite()
    return P


def error(R, P):
    return float(np.sqrt(np.nanmean((R - P) ** 2)))


@check("the matrix holds each rating, and a gap where there is none", points=2, task="ninety/ML-7/task-1",
       visible=True, evidence=CF, required=True)
def matrix_holds_each_rating(submission, data):
    users, films, stars, n_users, n_films = data.log
    seen = submission.call("rating_matrix", users, films, stars, n_users, n_films)
    expect(seen, "rating_matrix(...)").shape(n_users, n_films).dtype("float")
    right = reference.call("rating_matrix", users, films, stars, n_users, n_films)
    gaps = np.isnan(right)
    expect(int(np.isnan(seen).sum()), "the number of NaN in the matrix").because(
        "a film that was not rated has no rating, which is not a rating of 0"
    ).equals(int(gaps.sum()))
    expect(seen[~gaps], "the known ratings").close(right[~gaps])


@check("of two ratings of one film the later counts", points=1, task="ninety/ML-7/task-1", visible=False,
       needs=("matrix-holds-each-rating",), evidence=CF)
def later_rating_counts(submission, data):
    users, films, stars = np.array([0, 1, 0, 1]), np.array([2, 0, 2, 1]), np.array([2, 5, 4, 3])
    seen = submission.call("rating_matrix", users, films, stars, 2, 3)
    expect(float(seen[0, 2]), "the rating of a user who gave 2 and later 4 stars").equals(4.0)


@check("averages are damped and taken in order", points=2, task="ninety/ML-7/task-3", visible=True,
       evidence=CF, required=True)
def averages_are_damped(submission, data):
    rng = fresh_rng()
    R = ratings(rng, 9, 7, 0.6)
    for damping in (0.0, 5.0, 20.0):
        expect(predicted(submission, "baseline", R, damping=damping), f"baseline(R, damping={damping})").because(
            "first the films' offsets from the mean, then the users' offsets from what is left, each divided by count + damping"
        ).close(reference.call("baseline", R, damping=damping))


@check("similarity matches its definition", points=3, task="ninety/ML-7/task-2", visible=True, evidence=CF, required=True)
def similarity_matches_the_definition(submission, data):
    rng = fresh_rng()
    D = rng.normal(size=(7, 9))
    D[rng.uniform(size=D.shape) < 0.35] = np.nan
    seen = submission.call("cosine_similarity", D)
    expect(seen, "cosine_similarity(D)").because(
        "product and lengths are taken over the columns that both rows have, and over no others"
    ).shape(7, 7).finite().symmetric().close(reference.call("cosine_similarity", D))


@check("similarities that rest on little are held back", points=2, task="ninety/ML-7/task-2", visible=False,
       needs=("similarity-matches-the-definition",), evidence=CF)
def little_evidence_is_held_back(submission, data):
    rng = fresh_rng()
    D = rng.normal(size=(6, 12))
    D[rng.uniform(size=D.shape) < 0.5] = np.nan
    expect(submission.call("cosine_similarity", D, shrink=8.0), "cosine_similarity(D, shrink=8)").shape(6, 6).finite().close(
        reference.call("cosine_similarity", D, shrink=8.0)
    )
    nan = np.nan
    apart = np.array([[1.0, nan, nan], [nan, 2.0, nan], [0.0, 1.0, nan], [nan, nan, nan]])
    expect(submission.call("cosine_similarity", apart, shrink=2.0), "rows that share nothing, or have no length there").because(
        "without a shared column, or with all zeros there, the similarity is 0 and never NaN"
    ).shape(4, 4).finite().close(reference.call("cosine_similarity", apart, shrink=2.0))


@check("predictions by users match the definition", points=3, task=PROJECT, visible=True,
       needs=("averages-are-damped", "similarity-matches-the-definition"), evidence=CF, required=True)
def user_based_matches_the_definition(submission, data):
    rng = fresh_rng()
    R = ratings(rng, 10, 14, 0.75)
    for k, shrink in ((3, 0.0), (9, 4.0)):
        expect(predicted(submission, "user_based", R, k=k, shrink=shrink), f"user_based(R, k={k}, shrink={shrink})").because(
            "similar users report how far the averages were off for them, weighted by similarity, divided by the weights' total"
        ).close(reference.call("user_based", R, k=k, shrink=shrink))


@check("predictions by films match the definition", points=2, task=PROJECT, visible=False,
       needs=("averages-are-damped", "similarity-matches-the-definition"), evidence=CF, required=True)
def item_based_matches_the_definition(submission, data):
    rng = fresh_rng()
    R = ratings(rng, 14, 10, 0.75)
    for k, shrink in ((3, 0.0), (9, 4.0)):
        expect(predicted(submission, "item_based", R, k=k, shrink=shrink), f"item_based(R, k={k}, shrink={shrink})").because(
            "the same as by users with the roles exchanged: similar films, and what this user thought of them"
        ).close(reference.call("item_based", R, k=k, shrink=shrink))


@check("newcomers and new films get the averages", points=3, task="ninety/ML-7/task-3", visible=False,
       needs=("averages-are-damped", "user-based-matches-the-definition", "item-based-matches-the-definition"),
       evidence=CF, required=True)
def newcomers_get_the_averages(submission, data):
    R = data.train
    right = reference.call("baseline", R)
    rows, columns = data.newcomers, data.premieres
    for name in ("baseline", "user_based", "item_based"):
        P = predicted(submission, name, R)
        why = "whoever has no ratings has no neighbors, and a film without ratings neither; the averages remain"
        expect(P[rows], f"{name}: the predictions for users without ratings").because(why).close(right[rows])
        expect(P[:, columns], f"{name}: the predictions for films without ratings").because(why).close(right[:, columns])
    P = predicted(submission, "factorize", R)
    for part, fair, who in ((P[rows], right[rows], "users"), (P[:, columns], right[:, columns], "films")):
        expect(float(np.abs(part - fair).mean()), f"factorize: how far {who} without ratings are from the averages").because(
            "no rating says anything about their traits"
        ).at_most(0.3)


@check("RMSE is over known ratings", points=1, task="ninety/ML-7/task-5", visible=True, evidence=CF, required=True)
def rmse_is_over_known_ratings(submission, data):
    rng = fresh_rng()
    R = ratings(rng, 8, 6, 0.5)
    P = rng.uniform(1, 5, size=R.shape)
    expect(submission.call("rmse", R, P), "rmse(R, P)").close(error(R, P))


@check("recommendations skip what the user has rated", points=2, task="ninety/ML-7/task-5", visible=True,
       evidence=CF, required=True)
def recommendations_are_new(submission, data):
    rng = fresh_rng()
    R = ratings(rng, 6, 12, 0.5)
    P = rng.uniform(1, 5, size=R.shape)
    for user in range(6):
        best = np.argsort(-np.where(np.isnan(R[user]), P[user], -np.inf))[: min(4, int(np.isnan(R[user]).sum()))]
        expect(submission.call("recommend", P, R, user, 4), f"recommend(P, R, {user}, 4)").because(
            "only films without a rating by this user, the highest prediction first"
        ).shape(len(best)).dtype("int").equals(best)
    R[0, 1:] = 3.0
    R[0, 0] = np.nan
    expect(submission.call("recommend", P, R, 0, 5), "five recommendations for a user with one film left").shape(1).equals(
        np.array([0])
    )


@check("precision counts hits among the recommended", points=3, task="ninety/ML-7/task-5", visible=False,
       needs=("recommendations-are-new",), evidence=CF, required=True)
def precision_counts_hits(submission, data):
    rng = fresh_rng()
    for k, liked in ((3, 4.0), (5, 3.0)):
        R = ratings(rng, 10, 16, 0.7)
        test = np.where(rng.uniform(size=R.shape) < 0.4, R, np.nan)
        test[0] = np.where(np.isnan(test[0]), np.nan, 1.0)
        train = np.where(np.isnan(test), R, np.nan)
        P = rng.uniform(1, 5, size=R.shape)
        expect(submission.call("precision_at_k", P, train, test, k=k, liked=liked), f"precision_at_k(..., k={k}, liked={liked})").because(
            "hits are divided by k, and averaged over the users who have something to like in the test"
        ).close(reference.call("precision_at_k", P, train, test, k=k, liked=liked))


@check("neighbors beat the averages on ratings they have not seen", points=3, task=PROJECT, visible=False,
       needs=("user-based-matches-the-definition", "item-based-matches-the-definition", "little-evidence-is-held-back"),
       evidence=CF)
def neighbors_beat_the_averages(submission, data):
    plain = error(data.warm, reference.call("baseline", data.train))
    for name in ("user_based", "item_based"):
        ratio = error(data.warm, predicted(submission, name, data.train)) / plain
        expect(ratio, f"the RMSE of {name} on hidden ratings, as a share of that of the averages").at_most(0.95)


@check("factorization finds taste in ratings it has not seen", points=5, task=PROJECT, visible=False,
       needs=("averages-are-damped",), evidence=CF, required=True)
def factorization_finds_taste(submission, data):
    plain = error(data.warm, reference.call("baseline", data.train))
    ratio = error(data.warm, predicted(submission, "factorize", data.train, factors=3, seed=1)) / plain
    expect(ratio, "the RMSE of factorize on hidden ratings, as a share of that of the averages").because(
        "three traits made these ratings, and a fit to the known ones can find them"
    ).at_most(0.92)


@check("many factors do no harm", points=3, task=PROJECT, visible=False, needs=("factorization-finds-taste",), evidence=CF)
def many_factors_do_no_harm(submission, data):
    plain = error(data.warm, reference.call("baseline", data.train))
    ratio = error(data.warm, predicted(submission, "factorize", data.train, factors=20, seed=1)) / plain
    expect(ratio, "the RMSE of factorize with 20 factors on hidden ratings, as a share of that of the averages").because(
        "factors that are not kept small learn the known ratings by heart"
    ).at_most(0.97)


@check("the comparison is honest", points=3, task="ninety/ML-7/task-4", visible=False,
       needs=("rmse-is-over-known-ratings", "precision-counts-hits", "user-based-matches-the-definition",
              "item-based-matches-the-definition"),
       evidence=CF, required=True)
def comparison_is_honest(submission, data):
    train, test = data.other_train, data.other_test
    methods = ("baseline", "user_based", "item_based", "factorize")
    predictions = [predicted(submission, method, train) for method in methods]
    table = submission.call("compare", train, test)
    expect(table, "compare(R_train, R_test)").type(dict).keys(*NAMES)
    for name, method, P in zip(NAMES, methods, predictions):
        expect(table[name], f"compare(...)[{name!r}]").type(dict).keys("rmse", "precision")
        why = f"{method} sees the training ratings alone, and is judged on those of the test"
        expect(table[name]["rmse"], f"the RMSE of {name}").because(why).close(error(test, P), rtol=1e-4)
        expect(table[name]["precision"], f"the precision at 10 of {name}").because(why).close(
            reference.call("precision_at_k", P, train, test), atol=0.003
        )


@check("the ratings you are given stay as they were", points=1, task=PROJECT, visible=False,
       needs=("user-based-matches-the-definition", "item-based-matches-the-definition"), evidence=CF)
def ratings_are_left_alone(submission, data):
    R = ratings(fresh_rng(), 9, 8, 0.7)
    for name in ("baseline", "cosine_similarity", "user_based", "item_based", "factorize"):
        input_not_mutated(submission, name, R)
    P = np.full(R.shape, 3.0) + np.arange(R.shape[1]) / 10
    input_not_mutated(submission, "rmse", R, P)
    input_not_mutated(submission, "recommend", P, R, 2, 3)
