"""From a name to a title, from a title to a chance, and from a chance to a score that can be trusted.

Expected curves, shares and areas are computed here by counting, one threshold or pair at a time.
"""

import numpy as np

from sandbox.judge import check, expect, fail, fresh_rng, reference
from sandbox.probes import row_permutation

TASK = "ninety/ML-2/task-"
FEATURES = ("feature-preprocessing", "feature-engineering-and-selection")
METRICS = ("classification-metrics",)
FOLDS = ("data-splits-and-cross-validation", "classification-metrics")

SPY = """
import numpy as np

def remember(train, y_train, test):
    '''Scores that depend on the training rows and on the own row, on nothing else.'''
    seen = set(train["PassengerId"].tolist()) & set(test["PassengerId"].tolist())
    if len(train["Fare"]) != len(y_train):
        raise ValueError("train and y_train have different lengths")
    level = np.bincount(y_train, minlength=2).argmax() + len(y_train) % 7
    noise = np.sin(test["PassengerId"] * (1.0 + level + y_train @ (train["PassengerId"] % 5)))
    return noise + 100.0 * np.isin(test["PassengerId"], list(seen)) * test["Parch"]
"""


def rows(columns, which):
    return {name: column[which] for name, column in columns.items()}


def some(columns, rng, count):
    return rows(columns, rng.permutation(len(columns["Name"]))[:count])


def pairs_won(y, scores):
    ahead = scores[y == 1][:, None] - scores[y == 0][None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


def counted(y, scores):
    """The ROC curve by counting at each distinct score."""
    levels = np.unique(scores)[::-1]
    rates = [[0.0, *((scores[y == label] >= level).mean() for level in levels)] for label in (0, 1)]
    return np.array(rates[0]), np.array(rates[1])


@check("titles are found in awkward names", points=2, task=TASK + "2", visible=True, evidence=FEATURES)
def titles_are_found(submission, data):
    known = {
        "Dahl, Mr. Oscar": "Mr",
        "Thorne, Mrs. Frank (Ada Hallam)": "Mrs",
        "Mc Tavish, Master. Jack": "Master",
        "de la Cour, Mlle. Rosa": "Miss",
        "van der Meer, Ms. Ida": "Miss",
        "Ulrich, Mme. Hugo (Clara Yates)": "Mrs",
        "Rosen, the Countess. of (Lily Arden)": "Other",
        "Novak, Dr. Samuel": "Other",
        "Misson, Mr. Martin Mrs": "Mr",
    }
    names = fresh_rng().permutation(list(known))
    seen = submission.call("titles", names)
    expect(seen, "titles(names)").type(list).length(len(known))
    for name, title in zip(names.tolist(), seen, strict=True):
        expect(title, f"the title of “{name}”").equals(known[name])
    some_names = some(data.train, fresh_rng(), 200)["Name"]
    expect(submission.call("titles", some_names), "the titles of 200 passengers").equals(
        reference.call("titles", some_names)
    )


@check("a family counts everybody", points=1, task=TASK + "2", visible=True, evidence=FEATURES)
def family_counts_everybody(submission, data):
    part = some(data.train, fresh_rng(), 60)
    part["SibSp"][:3], part["Parch"][:3] = [0, 2, 0], [0, 0, 1]
    size = 1 + part["SibSp"] + part["Parch"]
    seen = submission.call("family", part)
    expect(seen, "family(columns)").type(tuple, list).length(2)
    expect(seen[0], "the sizes of the families").because("who travels alone is a family of one").shape(60).close(size)
    expect(seen[1], "who travels alone").shape(60).close((size == 1).astype(int))


@check("missing ages come from training passengers with the same title", points=3, task="ninety/ML-2/skills",
       visible=True, needs=("titles-are-found",), evidence=("feature-preprocessing",))
def ages_come_from_training(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 300), some(data.test, rng, 120)
    test["Age"][~np.isnan(test["Age"])] += 15  # the test passengers are older, and nobody may know
    test["Age"][:8] = np.nan
    seen = submission.call("fill_ages", train, test)
    expect(seen, "fill_ages(train, test)").type(tuple, list).length(2)
    wanted = reference.call("fill_ages", train, test)
    why = "a gap is filled with the median of the known ages of its title, among the training passengers"
    expect(seen[0], "the training ages").because(why).shape(300).finite().close(wanted[0])
    expect(seen[1], "the test ages").because(why).shape(120).finite().close(wanted[1])


@check("a title that training does not know gets the median of all", points=1, task="ninety/ML-2/skills",
       visible=False, needs=("ages-come-from-training",), evidence=("feature-preprocessing",))
def unknown_titles_get_the_median_of_all(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 300), some(data.test, rng, 100)
    boys = np.array([", Master." in name for name in train["Name"]])
    train = rows(train, ~boys)
    test["Name"][:3], test["Age"][:3] = "Abel, Master. Jack", np.nan
    seen = submission.call("fill_ages", train, test)
    expect(seen, "fill_ages(train, test)").type(tuple, list).length(2)
    expect(seen[1], "the test ages, where no boy was in training").finite().close(
        reference.call("fill_ages", train, test)[1]
    )


@check("each category gets a column", points=2, task=TASK + "1", visible=True, evidence=("feature-preprocessing",))
def categories_get_columns(submission, data):
    rng = fresh_rng()
    order = rng.permutation(["S", "C", "Q"]).tolist()
    values = rng.choice(["S", "C", "Q", "", "B"], size=30)
    wanted = np.array([[float(value == category) for category in order] for value in values.tolist()])
    seen = submission.call("one_hot", values, order)
    expect(seen, f"one_hot(values, {order})").because(
        "no port is more or less than another, and an unknown one is none of them"
    ).shape(30, 3).close(wanted)
    places = rng.integers(1, 4, size=20)
    expect(submission.call("one_hot", places, [1, 2, 3]), "one_hot(Pclass, [1, 2, 3])").shape(20, 3).close(
        np.array([[float(p == c) for c in (1, 2, 3)] for p in places])
    )


@check("features tell the categories apart", points=2, task=TASK + "1", visible=False,
       needs=("categories-get-columns",), evidence=FEATURES)
def features_hold_the_categories(submission, data):
    rng = fresh_rng()
    train, person = some(data.train, rng, 400), rows(data.test, np.zeros(4, int))
    person["Age"][:], person["Name"][:] = 30.0, "Quill, Miss. Nora"
    person["Fare"][:] = 20.0
    changes = {"Sex": ["female", "male", "female", "male"], "Pclass": [1, 2, 3, 1], "Embarked": ["S", "C", "Q", "S"],
               "Name": ["Quill, Miss. Nora", "Quill, Mrs. Nora", "Quill, Dr. Nora", "Quill, Miss. Nora"],
               "Parch": [0, 1, 5, 0]}
    for name, values in changes.items():
        seen = submission.call("features", train, {**person, name: np.array(values)})
        expect(seen, "features(train, test)").type(tuple, list).length(2)
        expect(seen[0], "the training features").shape(400, None).dtype("float").finite()
        expect(seen[1], "the test features").shape(4, seen[0].shape[1]).dtype("float").finite()
        if np.allclose(seen[1][0], seen[1][1]):
            fail(f"passengers who differ in `{name}` alone have the same features", seen[1][1], "another row")


@check("nothing is learned from the test passengers", points=2, task="ninety/ML-2/skills", visible=False,
       needs=("features-hold-the-categories", "ages-come-from-training"),
       evidence=("feature-preprocessing", "data-leakage"))
def features_learn_from_training_alone(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 300), some(data.test, rng, 60)
    test["Fare"][:3], test["Embarked"][3:6], test["Name"][6] = np.nan, "", "Novak, Capt. Hugo"
    alone = submission.call("features", train, rows(test, slice(0, 5)))
    expect(alone, "features(train, test)").type(tuple, list).length(2)
    together = submission.call("features", train, test)
    expect(together, "features(train, test)").type(tuple, list).length(2)
    why = "a passenger's features may not depend on who else is in the test table"
    expect(together[0], "the training features").finite().because(why).close(alone[0])
    expect(together[1], "the test features").shape(60, together[0].shape[1]).finite()
    expect(together[1][:5], "the features of five test passengers").because(why).close(alone[1])


@check("the columns you are given stay as they were", points=1, task="ninety/ML-2/skills", visible=False,
       needs=("ages-come-from-training",), evidence=("feature-preprocessing",), required=False)
def columns_are_left_alone(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 200), some(data.test, rng, 50)
    kept = submission.keep(test)
    submission.call("fill_ages", train, kept)
    after = kept.value()
    for name, column in test.items():
        same = np.array_equal(after[name], column, equal_nan=column.dtype.kind == "f")
        expect(same, f"column `{name}`").true(f"`fill_ages` changes the column `{name}` of the table it was given")


@check("the report counts right", points=2, task=TASK + "3", visible=True, evidence=METRICS)
def report_is_right(submission, data):
    rng = fresh_rng()
    y = (rng.random(50) < 0.3).astype(int)
    predicted = np.where(rng.random(50) < 0.3, 1 - y, y)
    y[:4], predicted[:4] = [1, 1, 0, 0], [1, 0, 1, 0]
    hits, alarms, survivors = int((y & predicted).sum()), int(predicted.sum()), int(y.sum())
    seen = submission.call("report", y, predicted)
    expect(seen, "report(y, predicted)").keys("accuracy", "precision", "recall", "f1", "baseline")
    wanted = {"accuracy": float((y == predicted).mean()), "precision": hits / alarms, "recall": hits / survivors,
              "f1": 2 * hits / (alarms + survivors), "baseline": max(survivors, 50 - survivors) / 50}
    for name, value in wanted.items():
        expect(seen[name], f"the {name}").type(float).close(value)


@check("nobody called a survivor: the report stays finite", points=1, task=TASK + "3", visible=False,
       needs=("report-is-right",), evidence=METRICS)
def silence_is_reported(submission, data):
    y = (np.arange(20) < int(fresh_rng().integers(11, 19))).astype(int)
    seen = submission.call("report", y, np.zeros(20, int))
    expect(seen, "report(y, zeros)").keys("accuracy", "precision", "recall", "f1", "baseline")
    for name, value in {"precision": 0.0, "recall": 0.0, "f1": 0.0, "baseline": float(y.mean())}.items():
        expect(seen[name], f"the {name}").finite().close(value)


@check("the ROC curve climbs by the scores", points=2, task=TASK + "4", visible=True, evidence=METRICS)
def roc_climbs_by_scores(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.arange(30) < 11).astype(int)
    scores = rng.normal(size=30) + y
    seen = submission.call("roc", y, scores)
    expect(seen, "roc(y, scores)").type(tuple, list).length(2)
    for rates, wanted, name in zip(seen, counted(y, scores), ("false", "true"), strict=True):
        expect(rates, f"the {name} positive rates").shape(31).close(wanted)


@check("passengers with the same score make one step", points=2, task=TASK + "4", visible=False,
       needs=("roc-climbs-by-scores",), evidence=METRICS)
def ties_make_one_step(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.arange(60) < 25).astype(int)
    scores = (rng.integers(0, 6, size=60) + y) / 10
    seen = submission.call("roc", y, scores)
    expect(seen, "roc(y, scores)").type(tuple, list).length(2)
    for rates, wanted, name in zip(seen, counted(y, scores), ("false", "true"), strict=True):
        expect(rates, f"the {name} positive rates with tied scores").because(
            "no threshold lies between two equal scores, so the curve must not depend on the order of their rows"
        ).shape(len(wanted)).close(wanted)


@check("the area is that under the curve", points=1, task=TASK + "4", visible=True, evidence=METRICS)
def area_is_under_the_curve(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.arange(40) < 15).astype(int)
    scores = rng.integers(0, 8, size=40) + 2.0 * y
    seen = submission.call("area", *counted(y, scores))
    expect(seen, "area(fpr, tpr)").because("it equals the share of pairs that are ranked right").type(float).close(
        pairs_won(y, scores)
    )


@check("the curves are drawn", points=1, task=TASK + "4", visible=True, evidence=METRICS)
def curves_are_drawn(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.arange(40) < 15).astype(int)
    curves = {name: counted(y, rng.normal(size=40) + y) for name in ("logistic", "tree")}
    submission.call("plot_roc", curves)
    expect(submission.figures, "the figures that plot_roc draws").length(1)


@check("the threshold serves the F1", points=2, task="ninety/ML-2/skills", visible=False,
       needs=("report-is-right",), evidence=METRICS)
def threshold_serves_the_f1(submission, data):
    rng = fresh_rng()
    while True:
        y = rng.permutation(np.arange(60) < 12).astype(int)
        scores = (rng.normal(size=60) + 1.5 * y).round(1) / 10
        levels = np.unique(scores)
        f1 = [2 * (y[scores >= t]).sum() / ((scores >= t).sum() + 12) for t in levels]
        if np.sort(f1)[-1] - np.sort(f1)[-2] > 1e-6:
            break
    seen = submission.call("best_threshold", y, scores)
    expect(seen, "best_threshold(y, scores)").because(
        "one in five is positive here, and where the scores end up is a matter of their scale, not of one half"
    ).type(float).close(float(levels[int(np.argmax(f1))]))


@check("folds keep the shares of the classes", points=2, task=TASK + "5", visible=True, evidence=FOLDS)
def folds_keep_the_shares(submission, data):
    rng = fresh_rng()
    y, k, seed = rng.permutation(np.arange(103) < 22).astype(int), 5, int(rng.integers(1000))
    fold = submission.call("stratified_folds", y, k, seed)
    expect(fold, "stratified_folds(y, 5, seed)").shape(103).dtype("int").between(0, 4)
    for label in (0, 1):
        sizes = np.bincount(fold[y == label], minlength=k)
        if sizes.max() - sizes.min() > 1:
            fail(f"the rows of class {label} are spread unevenly", f"{sizes.tolist()} rows in the folds", "sizes that differ by at most 1")
    again = submission.call("stratified_folds", y, k, seed)
    expect(again, "a second call with the same seed").equals(fold)
    other = submission.call("stratified_folds", y, k, seed + 1)
    expect(other, "the folds").differs_from(fold, "another seed gives the very same folds")


@check("held-out folds stay out", points=3, task=TASK + "5", visible=False,
       needs=("roc-climbs-by-scores", "area-is-under-the-curve"), evidence=FOLDS)
def held_out_folds_stay_out(submission, data):
    rng = fresh_rng()
    columns = some(data.train, rng, 150)
    y, fold = rng.integers(0, 2, size=150), rng.permutation(np.arange(150) % 4)
    wanted = []
    for number in range(4):
        inside = fold == number
        mine = y[~inside]
        ids = columns["PassengerId"]
        level = np.bincount(mine, minlength=2).argmax() + len(mine) % 7
        scores = np.sin(ids[inside] * (1.0 + level + mine @ (ids[~inside] % 5)))
        wanted.append(pairs_won(y[inside], scores))
    seen = submission.call("cross_validate", submission.lend(SPY, "remember"), columns, y, fold)
    expect(seen, "cross_validate(fit_score, columns, y, fold)").because(
        "each fold is scored once, by a model that was given all other rows with their labels, and none of its own"
    ).shape(4).close(np.array(wanted))


@check("the logistic regression tells survivors apart", points=4, task="ninety/ML-2", visible=False,
       needs=("features-learn-from-training-alone",), evidence=("logistic-regression",))
def logistic_regression_tells_survivors(submission, data):
    tells_survivors(submission, data, "logistic", 0.025)


@check("the tree tells survivors apart", points=3, task="ninety/ML-2/algorithms", visible=False,
       needs=("features-learn-from-training-alone",), evidence=("decision-trees",))
def tree_tells_survivors(submission, data):
    tells_survivors(submission, data, "tree", 0.10)


def tells_survivors(submission, data, model, loss):
    seen = submission.call("chances", data.train, data.y, data.test, model)
    expect(seen, f'chances(..., "{model}")').shape(len(data.y_test)).finite().between(0.0, 1.0)
    best = pairs_won(data.y_test, data.chance)
    expect(pairs_won(data.y_test, seen), f"the AUC of the {model} model on new passengers").because(
        f"the planted chances reach {best:.3f} on the same passengers"
    ).at_least(best - loss)
    few = rows(data.test, slice(0, 40))
    row_permutation(
        lambda order: submission.call("chances", data.train, data.y, rows(few, order), model), np.arange(40)
    )
