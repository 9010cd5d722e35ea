"""
misconception: a-sure-tree-is-a-good-tree
fails: [tree-tells-survivors]
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

TITLES = ("Mr", "Mrs", "Miss", "Master", "Other")
SAME = {"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs"}


def titles(names):
    found = []
    for name in names:
        title = str(name).split(",", 1)[1].split(".", 1)[0].strip()
        title = SAME.get(title, title)
        found.append(title if title in TITLES else "Other")
    return found


def family(columns):
    size = columns["SibSp"] + columns["Parch"] + 1
    return size, (size == 1).astype(int)


def fill_ages(train, test):
    known = ~np.isnan(train["Age"])
    everybody = float(np.median(train["Age"][known]))
    own = np.array(titles(train["Name"]))
    medians = {title: np.median(train["Age"][known & (own == title)]) for title in set(own[known].tolist())}

    def fill(columns):
        typical = np.array([medians.get(title, everybody) for title in titles(columns["Name"])])
        return np.where(np.isnan(columns["Age"]), typical, columns["Age"])

    return fill(train), fill(test)


def one_hot(values, categories):
    return (np.asarray(values)[:, None] == np.asarray(categories)[None, :]).astype(float)


def features(train, test):
    age_train, age_test = fill_ages(train, test)
    fare = float(np.nanmedian(train["Fare"]))

    def table(columns, age):
        size, alone = family(columns)
        woman = columns["Sex"] == "female"
        numbers = [age / 20, age < 13, np.log1p(np.where(np.isnan(columns["Fare"]), fare, columns["Fare"]))]
        numbers += [size / 3, alone, size > 4, woman, woman & (columns["Pclass"] == 3)]
        return np.column_stack([
            *numbers,
            one_hot(columns["Pclass"], [1, 2, 3]),
            one_hot(columns["Embarked"], ["S", "C", "Q"]),
            one_hot(titles(columns["Name"]), TITLES),
        ]).astype(float)

    return table(train, age_train), table(test, age_test)


def chances(train, y, test, model):
    X, X_test = features(train, test)
    if model == "logistic":
        learner = LogisticRegression(max_iter=2000)
    else:
        learner = DecisionTreeClassifier(random_state=0)
    return learner.fit(X, y).predict_proba(X_test)[:, 1]


def report(y, predicted):
    y, predicted = np.asarray(y), np.asarray(predicted)
    hits = int(((y == 1) & (predicted == 1)).sum())
    alarms, survivors = int((predicted == 1).sum()), int((y == 1).sum())
    return {
        "accuracy": float((y == predicted).mean()),
        "precision": hits / alarms if alarms else 0.0,
        "recall": hits / survivors if survivors else 0.0,
        "f1": 2 * hits / (alarms + survivors) if alarms + survivors else 0.0,
        "baseline": max(survivors, len(y) - survivors) / len(y),
    }


def roc(y, scores):
    levels, level_of = np.unique(-np.asarray(scores, dtype=float), return_inverse=True)
    positives = np.bincount(level_of, weights=np.asarray(y) == 1, minlength=len(levels))
    negatives = np.bincount(level_of, weights=np.asarray(y) == 0, minlength=len(levels))
    rates = [np.concatenate([[0.0], np.cumsum(counts) / counts.sum()]) for counts in (negatives, positives)]
    return rates[0], rates[1]


def area(fpr, tpr):
    return float(np.trapezoid(tpr, fpr))


def plot_roc(curves):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    for name, (fpr, tpr) in curves.items():
        axes.plot(fpr, tpr, label=f"{name} ({area(fpr, tpr):.2f})")
    axes.plot([0, 1], [0, 1], "--", color="grey")
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    axes.legend()


def best_threshold(y, scores):
    candidates = np.unique(scores)[::-1]
    values = [report(y, (scores >= t).astype(int))["f1"] for t in candidates]
    return float(candidates[int(np.argmax(values))])


def stratified_folds(y, k, seed):
    rng = np.random.default_rng(seed)
    fold = np.empty(len(y), dtype=int)
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        fold[rows] = np.arange(len(rows)) % k
    return fold


def cross_validate(fit_score, columns, y, fold):
    areas = []
    for held_out in np.unique(fold):
        test = fold == held_out
        seen = {name: column[~test] for name, column in columns.items()}
        unseen = {name: column[test] for name, column in columns.items()}
        areas.append(area(*roc(y[test], fit_score(seen, y[~test], unseen))))
    return np.array(areas)
