"""
misconception: penalty-covers-the-intercept
fails: [intercept-is-not-penalized]
"""

import numpy as np


def profile(columns, price):
    table = {}
    for name, column in columns.items():
        is_text = column.dtype.kind == "U"
        known = column != "" if is_text else ~np.isnan(column)
        table[name] = {
            "kind": "text" if is_text else "number",
            "missing": float(1 - known.mean()),
            "distinct": len(np.unique(column[known])),
            "correlation": None if is_text else float(np.corrcoef(column[known], price[known])[0, 1]),
        }
    return table


def near_copies(columns, limit):
    numbers = [name for name, column in columns.items() if column.dtype.kind != "U"]
    pairs = []
    for i, a in enumerate(numbers):
        for b in numbers[i + 1 :]:
            both = ~np.isnan(columns[a]) & ~np.isnan(columns[b])
            r = float(np.corrcoef(columns[a][both], columns[b][both])[0, 1])
            if abs(r) >= limit:
                pairs.append((a, b, r))
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def impute(train, test):
    frontage, area = train["LotFrontage"], train["Neighborhood"]
    known = ~np.isnan(frontage)
    everywhere = float(np.median(frontage[known]))
    typical = {name: np.median(frontage[known & (area == name)]) for name in set(area[known].tolist())}

    def fill(columns):
        filled = dict(columns)
        for name in ("GarageType", "BsmtQual"):
            filled[name] = np.where(columns[name] == "", "None", columns[name])
        filled["MasVnrArea"] = np.nan_to_num(columns["MasVnrArea"], nan=0.0)
        medians = np.array([typical.get(name, everywhere) for name in columns["Neighborhood"].tolist()])
        filled["LotFrontage"] = np.where(np.isnan(columns["LotFrontage"]), medians, columns["LotFrontage"])
        return filled

    return fill(train), fill(test)


def engineer(columns):
    return {
        **columns,
        "HouseAge": np.maximum(columns["YrSold"] - columns["YearBuilt"], 0),
        "SinceRemodel": np.maximum(columns["YrSold"] - columns["YearRemodAdd"], 0),
        "TotalSF": columns["TotalBsmtSF"] + columns["1stFlrSF"] + columns["2ndFlrSF"],
    }


def design(train, test):
    train, test = (engineer(filled) for filled in impute(train, test))
    left, right = [], []
    for name, column in train.items():
        if column.dtype.kind == "U":
            for category in np.unique(column):
                left.append(column == category)
                right.append(test[name] == category)
        else:
            left.append(column)
            right.append(test[name])
            if name in ("TotalSF", "LotArea"):
                left.append(np.log(np.maximum(column, 1)))
                right.append(np.log(np.maximum(test[name], 1)))
    X, X_test = np.column_stack(left).astype(float), np.column_stack(right).astype(float)
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation = np.where(deviation < 1e-12, 1.0, deviation)
    return (X - mean) / deviation, (X_test - mean) / deviation


def ridge(X, y, penalty):
    n, d = X.shape
    A = np.column_stack([X, np.ones(n)])
    w = np.linalg.solve(A.T @ A + n * penalty * np.eye(d + 1), A.T @ y)
    return w[:-1], float(w[-1])


def lasso(X, y, penalty):
    n, d = X.shape
    center, level = X.mean(axis=0), float(np.mean(y))
    moved = X - center
    products, pull = moved.T @ moved / n, moved.T @ (y - level) / n
    w = np.zeros(d)
    for _ in range(10_000):
        largest = 0.0
        for j in range(d):
            if products[j, j] < 1e-12:
                continue
            alone = pull[j] - products[j] @ w + products[j, j] * w[j]
            fresh = np.sign(alone) * max(abs(alone) - penalty, 0.0) / products[j, j]
            largest = max(largest, abs(fresh - w[j]))
            w[j] = fresh
        if largest < 1e-10 * max(1.0, float(np.abs(w).max())):
            break
    return w, float(level - center @ w)


def compare(X, y, penalties):
    table = {}
    for name, solve in (("ridge", ridge), ("lasso", lasso)):
        weights = [solve(X, y, penalty)[0] for penalty in penalties]
        table[name] = {
            "zeros": [int((w == 0).sum()) for w in weights],
            "size": [float(np.sqrt((w**2).sum())) for w in weights],
        }
    return table


def scores(price, predicted):
    miss = price - predicted
    return {
        "rmse": float(np.sqrt(np.mean(miss**2))),
        "mae": float(np.mean(np.abs(miss))),
        "r2": float(1 - (miss**2).sum() / ((price - np.mean(price)) ** 2).sum()),
    }


def forecast(train, price, test):
    X, X_test = design(train, test)
    y = np.log(price)
    fold = np.arange(len(y)) % 5
    penalties = np.geomspace(0.001, 3, 15)
    level = y.mean()
    y = y - level
    errors = []
    for penalty in penalties:
        misses = []
        for held_out in range(5):
            inside = fold == held_out
            w, b = ridge(X[~inside], y[~inside], penalty)
            misses.append(y[inside] - X[inside] @ w - b)
        errors.append(np.mean(np.concatenate(misses) ** 2))
    w, b = ridge(X, y, penalties[int(np.argmin(errors))])
    return np.exp(X_test @ w + b + level)
