"""From a raw table to a forecast. Expected values are counted here, or are conditions of the optimum."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

TASK = "ninety/ML-1/task-"
SKILLS = "ninety/ML-1/skills"
PREPARING = ("feature-preprocessing",)
SHRINKING = ("ridge-lasso-elastic-net",)
SCORING = ("linear-and-polynomial-regression",)
WORDS = ("Neighborhood", "HouseStyle", "RoofStyle", "Exterior1st", "Foundation", "BsmtQual", "KitchenQual", "GarageType")


def rows(columns, which):
    return {name: column[which] for name, column in columns.items()}


def some(columns, rng, count):
    return rows(columns, rng.permutation(len(columns["YrSold"]))[:count])


def correlation(a, b):
    both = ~np.isnan(a) & ~np.isnan(b)
    da, db = a[both] - a[both].mean(), b[both] - b[both].mean()
    return float((da * db).sum() / np.sqrt((da * da).sum() * (db * db).sum()))


def weights_and_level(value, d, what):
    """(w, b) of a fit, once it is an array (d,) and a float."""
    expect(value, what).type(tuple, list).length(2)
    expect(value[0], f"the weights of {what}").shape(d).finite()
    expect(value[1], f"the intercept of {what}").type(float).finite()
    return value


@check("the profile tells what is in the columns", points=2, task=TASK + "1", visible=True,
       evidence=("pandas-and-eda",))
def profile_tells_the_columns(submission, data):
    order = fresh_rng().permutation(len(data.price))[:150]
    part, price = rows(data.train, order), data.price[order]
    seen = submission.call("profile", part, price)
    expect(seen, "profile(columns, price)").keys(*part)
    for name, column in part.items():
        entry = expect(seen[name], f"the entry of {name}").keys("kind", "missing", "distinct", "correlation").value
        is_text = name in WORDS
        known = column[column != ""] if is_text else column[~np.isnan(column)]
        expect(entry["kind"], f"the kind of {name}").equals("text" if is_text else "number")
        expect(entry["missing"], f"the share of gaps in {name}").type(float).close(1 - len(known) / 150)
        expect(entry["distinct"], f"the number of different values in {name}").type(int).equals(len(set(known.tolist())))


@check("correlations leave the gaps out", points=2, task=TASK + "1", visible=False,
       needs=("profile-tells-the-columns",), evidence=("pandas-and-eda",))
def correlations_leave_gaps_out(submission, data):
    order = fresh_rng().permutation(len(data.price))[:150]
    part, price = rows(data.train, order), data.price[order]
    seen = submission.call("profile", part, price)
    for name, column in part.items():
        r = expect(seen[name], f"the entry of {name}").item("correlation").value
        if name in WORDS:
            expect(r, f"the correlation of {name}").because("a text has none").equals(None)
        else:
            expect(r, f"the correlation of {name} with the price").because(
                "a house whose value is unknown can say nothing about it"
            ).type(float).close(correlation(column, price), atol=1e-7)


@check("near-copies among the columns are found", points=2, task=SKILLS, visible=True,
       evidence=("feature-engineering-and-selection",))
def near_copies_are_found(submission, data):
    rng = fresh_rng()
    part = some(data.train, rng, 150)
    part["Wing"] = np.where(rng.random(150) < 0.1, np.nan, -2.0 * part["LotArea"] + rng.normal(0, 300, 150))
    numbers = [name for name in part if name not in WORDS]
    wanted = [(a, b, correlation(part[a], part[b])) for i, a in enumerate(numbers) for b in numbers[i + 1 :]]
    wanted = sorted((pair for pair in wanted if abs(pair[2]) >= 0.7), key=lambda pair: -abs(pair[2]))
    seen = submission.call("near_copies", part, 0.7)
    expect(seen, "near_copies(columns, 0.7)").type(list).length(len(wanted))
    for pair, (a, b, r) in zip(seen, wanted, strict=True):
        expect(pair, "a pair").type(tuple, list).length(3)
        expect(list(pair[:2]), "the names of a pair, in order of |r|").equals([a, b])
        expect(pair[2], f"r of {a} and {b}").because("a strong negative correlation is a near-copy, too").close(r, atol=1e-7)


@check("gaps mean what they say", points=3, task=TASK + "2", visible=True, evidence=PREPARING)
def gaps_mean_what_they_say(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 150), some(data.test, rng, 60)
    for table in (train, test):
        table["GarageType"][:2], table["BsmtQual"][2:4], table["MasVnrArea"][4] = "", "", np.nan
    seen = submission.call("impute", train, test)
    expect(seen, "impute(train, test)").type(tuple, list).length(2)
    for part, table, which in zip(seen, (train, test), ("training", "test"), strict=True):
        expect(part, f"the filled {which} table").keys(*table)
        for name in ("GarageType", "BsmtQual"):
            wanted = ["None" if text == "" else text for text in table[name].tolist()]
            expect(list(np.asarray(part[name]).ravel()), f"`{name}` of the {which} table").because(
                "a house without a garage has no value to be guessed"
            ).equals(wanted)
        expect(part["MasVnrArea"], f"`MasVnrArea` of the {which} table").close(
            np.where(np.isnan(table["MasVnrArea"]), 0.0, table["MasVnrArea"])
        )
        expect(part["LotFrontage"], f"`LotFrontage` of the {which} table").shape(len(table["YrSold"])).finite()


@check("a lost frontage comes from the neighbors in training", points=3, task=TASK + "2", visible=False,
       needs=("gaps-mean-what-they-say",), evidence=PREPARING)
def frontage_comes_from_neighbors(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 150), some(data.test, rng, 80)
    test["LotFrontage"] += 9  # the test streets are wider, and nobody may know
    test["LotFrontage"][:20], test["Neighborhood"][:3] = np.nan, "Veenker"
    wanted = reference.call("impute", train, test)
    seen = submission.call("impute", train, test)
    expect(seen, "impute(train, test)").type(tuple, list).length(2)
    for part, filled, which in zip(seen, wanted, ("training", "test"), strict=True):
        expect(part, f"the filled {which} table").item("LotFrontage").because(
            "a gap becomes the median of the training houses in the neighborhood, or of all training houses"
        ).close(filled["LotFrontage"])


@check("the tables you are given stay as they were", points=1, task=TASK + "2", visible=False,
       needs=("gaps-mean-what-they-say",), evidence=PREPARING, required=False)
def tables_are_left_alone(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 100), some(data.test, rng, 40)
    kept = submission.keep(train)
    submission.call("impute", kept, test)
    after = kept.value()
    expect(after, "the training table afterwards").keys(*train)
    for name, column in train.items():
        same = np.array_equal(after[name], column, equal_nan=column.dtype.kind == "f")
        expect(same, f"column `{name}`").true(f"`impute` changes the column `{name}` of the table it was given")


@check("age and area are built", points=2, task=TASK + "3", visible=True,
       evidence=("feature-engineering-and-selection",))
def age_and_area_are_built(submission, data):
    part = some(data.train, fresh_rng(), 80)
    part["YearBuilt"][:2], part["YearRemodAdd"][:2], part["YrSold"][:2] = 2009, 2010, [2008, 2009]
    seen = submission.call("engineer", part)
    expect(seen, "engineer(columns)").keys(*part, "HouseAge", "SinceRemodel", "TotalSF")
    area = part["TotalBsmtSF"] + part["1stFlrSF"] + part["2ndFlrSF"]
    expect(seen["TotalSF"], "`TotalSF`").shape(80).close(area)
    for name, since in (("HouseAge", "YearBuilt"), ("SinceRemodel", "YearRemodAdd")):
        expect(seen[name], f"`{name}`").because("a house that is sold before it is finished has age 0").shape(80).close(
            np.maximum(part["YrSold"] - part[since], 0)
        )


@check("columns are scaled by the training houses", points=3, task=SKILLS, visible=False,
       needs=("gaps-mean-what-they-say", "age-and-area-are-built"), evidence=PREPARING)
def columns_are_scaled_by_training(submission, data):
    rng = fresh_rng()
    train, test = some(data.train, rng, 150), some(data.test, rng, 50)
    test["Neighborhood"][:2] = "Veenker"
    X, X_test = both_parts(submission.call("design", train, test))
    expect(X, "the training matrix").shape(150, None).finite()
    expect(X_test, "the test matrix").shape(50, X.shape[1]).finite()
    expect(X.mean(axis=0), "the means of the training columns").close(np.zeros(X.shape[1]), atol=1e-6)
    deviation = X.std(axis=0)
    expect(np.minimum(abs(deviation - 1), deviation), "how far each deviation is from 1 (or 0)").at_most(1e-6)
    expect(int((deviation > 0.5).sum()), "the number of columns that vary").at_least(10)
    _, few = both_parts(submission.call("design", train, rows(test, slice(0, 4))))
    expect(few, "the matrix of four test houses").because(
        "a house is measured with the ruler of the training set, whoever else is for sale"
    ).shape(4, X.shape[1]).close(X_test[:4], atol=1e-8)


def both_parts(value):
    expect(value, "design(train, test)").type(tuple, list).length(2)
    for part, which in zip(value, ("training", "test"), strict=True):
        expect(part, f"the {which} matrix").dtype("float").shape(None, None)
    return value


def problem(rng, n=60, d=6):
    """Correlated columns around zero, and targets around zero."""
    X = rng.normal(size=(n, d))
    X[:, 1] += 2 * X[:, 0]
    X = X - X.mean(axis=0)
    y = X @ rng.normal(size=d) + rng.normal(size=n)
    return X, y - y.mean()


@check("ridge solves its equations", points=2, task=TASK + "4", visible=True, evidence=SHRINKING)
def ridge_solves_its_equations(submission, data):
    rng = fresh_rng()
    X, y = problem(rng)
    penalty = float(rng.uniform(0.05, 2))
    w, _ = weights_and_level(submission.call("ridge", X, y, penalty), 6, "ridge(X, y, penalty)")
    expect(w, "the weights of ridge").close(np.linalg.solve(X.T @ X / 60 + penalty * np.eye(6), X.T @ y / 60), atol=1e-7)
    w, _ = weights_and_level(submission.call("ridge", X, y, 0.0), 6, "ridge(X, y, 0.0)")
    expect(w, "the weights without a penalty").because("penalty 0 is plain linear regression").close(
        np.linalg.solve(X.T @ X, X.T @ y), atol=1e-7
    )


@check("the intercept is not penalized", points=2, task=TASK + "4", visible=False,
       needs=("ridge-solves-its-equations",), evidence=SHRINKING)
def intercept_is_not_penalized(submission, data):
    rng = fresh_rng()
    X, y = problem(rng)
    w, _ = reference.call("ridge", X, y, 0.5)
    shift = rng.uniform(3, 9, size=6)
    level = float(rng.uniform(50, 100))
    moved = submission.call("ridge", X + shift, y + level, 0.5)
    seen, b = weights_and_level(moved, 6, "ridge(X + shift, y + level, 0.5)")
    expect(seen, "the weights after moving X and y").because(
        "another zero on the scales changes the intercept and nothing else"
    ).close(w, atol=1e-6)
    expect(b, "the intercept after moving X and y").close(level - float(shift @ w), atol=1e-5)


@check("lasso meets the conditions of its optimum", points=4, task="ninety/ML-1/algorithms", visible=False, evidence=SHRINKING)
def lasso_meets_its_conditions(submission, data):
    rng = fresh_rng()
    X, y = problem(rng)
    X, y = X + 5, y + 40
    for penalty in (0.05, 0.3, 1.0):
        fitted = submission.call("lasso", X, y, penalty)
        w, b = weights_and_level(fitted, 6, f"lasso(X, y, {penalty})")
        left = y - X @ w - b
        expect(float(left.mean()), "the mean residual of lasso").close(0.0, atol=1e-4)
        pull = X.T @ (left - left.mean()) / 60
        kept = w != 0
        why = "each weight that is kept is pulled with exactly the strength of the penalty, the others with less"
        expect(pull[kept], f"Xᵀ(residuals)/n of the kept columns, penalty {penalty}").because(why).close(
            penalty * np.sign(w[kept]), atol=1e-3 * penalty
        )
        expect(abs(pull[~kept]), f"|Xᵀ(residuals)/n| of the other columns, penalty {penalty}").because(why).at_most(
            penalty * 1.001
        )


@check("the two penalties are compared", points=2, task=TASK + "4", visible=False,
       needs=("ridge-solves-its-equations", "lasso-meets-its-conditions"), evidence=SHRINKING)
def penalties_are_compared(submission, data):
    rng = fresh_rng()
    while True:
        X = rng.normal(size=(120, 8))
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        y = X @ np.array([3.0, -2.0, 1.0, 0, 0, 0, 0, 0]) + rng.normal(size=120)
        penalties = [0.4, 1.5, 2.3]
        if all(clear(X, y, penalty) for penalty in penalties):
            break
    wanted = reference.call("compare", X, y, penalties)
    seen = submission.call("compare", X, y, penalties)
    expect(seen, "compare(X, y, penalties)").keys("ridge", "lasso")
    for name, table in wanted.items():
        expect(seen[name], f"the entry of {name}").keys("zeros", "size")
        expect(seen[name]["zeros"], f"the zeros of {name}").equals(table["zeros"])
        expect(seen[name]["size"], f"the sizes of {name}").type(list).close(table["size"], rtol=1e-3)


def clear(X, y, penalty):
    """Whether it is plain which weights of the lasso are zero."""
    w, b = reference.call("lasso", X, y, penalty)
    pull = abs(X.T @ (y - X @ w - b)) / len(y)
    return bool((pull[w == 0] < 0.9 * penalty).all() and (abs(w[w != 0]) > 0.02).all())


@check("the scores follow their formulas", points=2, task=TASK + "5", visible=True, evidence=SCORING)
def scores_follow_the_formulas(submission, data):
    rng = fresh_rng()
    price = data.price_test[rng.permutation(len(data.price_test))[:40]]
    predicted = np.full(40, price.mean())
    seen = submission.call("scores", price, predicted)
    expect(seen, "scores(price, mean price)").keys("rmse", "mae", "r2")
    for name, value in {"rmse": float(price.std()), "mae": float(abs(price - price.mean()).mean()), "r2": 0.0}.items():
        expect(seen[name], f"the {name} of forecasting the mean").type(float).close(value, atol=1e-9)
    seen = submission.call("scores", np.array([100.0, 200.0, 300.0]), np.array([110.0, 190.0, 340.0]))
    for name, value in {"rmse": 600**0.5, "mae": 20.0, "r2": 0.91}.items():
        expect(seen, "scores([100, 200, 300], [110, 190, 340])").item(name).type(float).close(value)


@check("absurd forecasts have a negative R²", points=1, task=TASK + "5", visible=False,
       needs=("scores-follow-the-formulas",), evidence=SCORING)
def absurd_forecasts_are_negative(submission, data):
    rng = fresh_rng()
    price = rng.uniform(1e5, 4e5, size=30)
    predicted = 6e5 - price * rng.uniform(0.5, 1.0, size=30)
    wanted = 1 - ((price - predicted) ** 2).sum() / ((price - price.mean()) ** 2).sum()
    seen = submission.call("scores", price, predicted)
    expect(seen, "scores of forecasts that run the wrong way").item("r2").because(
        "R² compares with the mean, and a forecast may well be worse"
    ).close(float(wanted))


@check("the forecast comes near to the noise", points=4, task="ninety/ML-1", visible=False,
       needs=("columns-are-scaled-by-training",), evidence=SHRINKING)
def forecast_is_near_the_noise(submission, data):
    test = rows(data.test, slice(None))
    seen = submission.call("forecast", data.train, data.price, test)
    expect(seen, "forecast(train, price, test)").shape(len(data.price_test)).finite().at_least(1.0)
    error = float(np.sqrt(np.mean((np.log(seen) - np.log(data.price_test)) ** 2)))
    expect(error, "the error of the logarithm of the price").because(
        f"the planted noise is {data.noise:g}, and {1.4 * data.noise:g} leaves room for what so few houses cannot teach"
    ).at_most(1.4 * data.noise)
    test["Neighborhood"] = np.where(np.arange(len(seen)) < 3, "Veenker", test["Neighborhood"])
    moved = submission.call("forecast", data.train, data.price, test)
    expect(moved, "the forecasts where a neighborhood is new").shape(len(seen)).finite()
    expect(moved[3:], "the forecasts of all other houses").because(
        "a house's price may not depend on the other houses of the test table"
    ).close(seen[3:], rtol=1e-6)
