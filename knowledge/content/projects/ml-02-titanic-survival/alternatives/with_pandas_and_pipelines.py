"""The same with pandas for the columns, a pipeline for the models, and ranks in place of counts."""

import re

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

WORDS = {"Mr": "Mr", "Mrs": "Mrs", "Mme": "Mrs", "Miss": "Miss", "Mlle": "Miss", "Ms": "Miss", "Master": "Master"}


def titles(names):
    words = [re.match(r"[^,]*,\s*([^.]*)\.", str(name)).group(1).strip() for name in names]
    return [WORDS.get(word, "Other") for word in words]


def family(columns):
    size = 1 + np.asarray(columns["SibSp"]) + np.asarray(columns["Parch"])
    return size, np.where(size > 1, 0, 1)


def fill_ages(train, test):
    seen = pd.DataFrame({"age": train["Age"], "title": titles(train["Name"])})
    medians = seen.groupby("title")["age"].median()

    def fill(columns):
        ages = pd.Series(columns["Age"], copy=True)
        typical = pd.Series(titles(columns["Name"])).map(medians).astype(float)
        return ages.fillna(typical).fillna(seen["age"].median()).to_numpy()

    return fill(train), fill(test)


def one_hot(values, categories):
    columns = [[1.0 if value == category else 0.0 for value in values] for category in categories]
    return np.array(columns).T


def features(train, test):
    tables = []
    for columns, age in zip((train, test), fill_ages(train, test)):
        size, alone = family(columns)
        table = pd.DataFrame({name: columns[name] for name in ("Sex", "Embarked")})
        table["Class"] = columns["Pclass"].astype(str)
        table["Title"] = titles(columns["Name"])
        table["Kind"] = table["Sex"] + table["Class"]
        table["Company"] = np.where(size > 4, "many", np.where(size > 1, "few", "none"))
        table = table.assign(Age=age, Child=1.0 * (age < 13), Fare=np.log1p(columns["Fare"]), Size=size, Alone=alone)
        tables.append(table)
    words = ["Sex", "Embarked", "Class", "Title", "Kind", "Company"]
    numbers = ["Age", "Child", "Fare", "Size", "Alone"]
    both = ColumnTransformer([
        ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
    ])
    return both.fit_transform(tables[0]), both.transform(tables[1])


def chances(train, y, test, model):
    X, X_test = features(train, test)
    learners = {
        "logistic": LogisticRegression(C=0.5, max_iter=2000),
        "tree": DecisionTreeClassifier(criterion="entropy", max_depth=5, min_samples_leaf=20, random_state=1),
    }
    return learners[model].fit(X, y).predict_proba(X_test)[:, 1]


def report(y, predicted):
    table = np.zeros((2, 2))
    for truth, answer in zip(y, predicted):
        table[int(truth), int(answer)] += 1
    precision = table[1, 1] / table[:, 1].sum() if table[:, 1].any() else 0.0
    recall = table[1, 1] / table[1].sum() if table[1].any() else 0.0
    both = precision + recall
    return {
        "accuracy": float(np.trace(table) / table.sum()),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(2 * precision * recall / both) if both else 0.0,
        "baseline": float(table.sum(axis=1).max() / table.sum()),
    }


def roc(y, scores):
    y, scores = np.asarray(y), np.asarray(scores)
    fpr, tpr = [0.0], [0.0]
    for level in sorted(set(scores.tolist()), reverse=True):
        above = scores >= level
        fpr.append((above & (y == 0)).sum() / (y == 0).sum())
        tpr.append((above & (y == 1)).sum() / (y == 1).sum())
    return np.array(fpr), np.array(tpr)


def area(fpr, tpr):
    return float(sum((b - a) * (c + d) / 2 for a, b, c, d in zip(fpr, fpr[1:], tpr, tpr[1:])))


def plot_roc(curves):
    import matplotlib.pyplot as plt

    plt.figure()
    for name in curves:
        plt.step(*curves[name], label=name)
    plt.plot([0, 1], [0, 1], label="coin")
    plt.legend()


def best_threshold(y, scores):
    best, at = -1.0, None
    for level in sorted(set(np.asarray(scores).tolist()), reverse=True):
        value = report(y, (scores >= level).astype(int))["f1"]
        if value > best:
            best, at = value, level
    return at


def stratified_folds(y, k, seed):
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(y)), y))
    fold = np.zeros(len(y), dtype=int)
    fold[order] = np.arange(len(y)) % k
    return fold


def cross_validate(fit_score, columns, y, fold):
    def rows(which):
        return {name: np.asarray(column)[which] for name, column in columns.items()}

    areas = []
    for number in sorted(set(np.asarray(fold).tolist())):
        inside, outside = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        scores = fit_score(rows(outside), y[outside], rows(inside))
        areas.append(area(*roc(y[inside], scores)))
    return np.asarray(areas)
