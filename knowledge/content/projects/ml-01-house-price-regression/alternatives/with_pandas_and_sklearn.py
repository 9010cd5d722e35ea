"""The same with pandas for the table, scikit-learn for the scales and proximal steps for the lasso."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LassoCV, Ridge
from sklearn.preprocessing import StandardScaler


def frame(columns):
    return pd.DataFrame({name: pd.Series(column.tolist()) for name, column in columns.items()})


def is_number(column):
    return pd.api.types.is_numeric_dtype(column)


def profile(columns, price):
    target = pd.Series(np.asarray(price, dtype=float))
    table = {}
    for name, column in frame(columns).items():
        number = is_number(column)
        known = column if number else column.where(column != "")
        table[name] = {
            "kind": "number" if number else "text",
            "missing": float(known.isna().mean()),
            "distinct": int(known.nunique()),
            "correlation": float(column.corr(target)) if number else None,
        }
    return table


def near_copies(columns, limit):
    table = frame(columns)
    r = table[[name for name in table if is_number(table[name])]].corr()
    found = [
        (a, b, float(r.loc[a, b]))
        for i, a in enumerate(r.columns)
        for b in r.columns[i + 1 :]
        if abs(r.loc[a, b]) >= limit
    ]
    return sorted(found, key=lambda triple: abs(triple[2]), reverse=True)


def impute(train, test):
    known = frame(train)
    by_area = known.groupby("Neighborhood")["LotFrontage"].median()
    tables = []
    for columns in (train, test):
        table = frame(columns)
        for name in ("GarageType", "BsmtQual"):
            table.loc[table[name] == "", name] = "None"
        table["MasVnrArea"] = table["MasVnrArea"].fillna(0.0)
        own = table["Neighborhood"].map(by_area).astype(float).fillna(known["LotFrontage"].median())
        table["LotFrontage"] = table["LotFrontage"].fillna(own)
        tables.append({name: np.array(table[name].tolist()) for name in table})
    return tables[0], tables[1]


def engineer(columns):
    more = dict(columns)
    for name, since in (("HouseAge", "YearBuilt"), ("SinceRemodel", "YearRemodAdd")):
        more[name] = np.clip(columns["YrSold"] - columns[since], 0, None)
    more["TotalSF"] = np.sum([columns[name] for name in ("TotalBsmtSF", "1stFlrSF", "2ndFlrSF")], axis=0)
    return more


def design(train, test):
    known, new = (frame(engineer(columns)) for columns in impute(train, test))
    for table in (known, new):
        table["LogSF"] = np.log1p(table["TotalSF"])
        table["LogLot"] = np.log1p(table["LotArea"])
    known = pd.get_dummies(known)
    new = pd.get_dummies(new).reindex(columns=known.columns, fill_value=False)
    scaler = StandardScaler().fit(known.astype(float).to_numpy())
    return scaler.transform(known.astype(float).to_numpy()), scaler.transform(new.astype(float).to_numpy())


def ridge(X, y, penalty):
    if penalty == 0:
        A = np.column_stack([X, np.ones(len(y))])
        solution = np.linalg.pinv(A) @ y
        return solution[:-1], float(solution[-1])
    model = Ridge(alpha=penalty * len(y), solver="svd").fit(X, y)
    return model.coef_, float(model.intercept_)


def lasso(X, y, penalty):
    """Proximal gradient steps with momentum (FISTA), restarted when the momentum points uphill."""
    moved, shift = X - X.mean(axis=0), y - np.mean(y)
    step = len(y) / np.linalg.norm(moved, 2) ** 2
    w = ahead = np.zeros(X.shape[1])
    pace = 1.0
    for _ in range(20_000):
        slope = moved.T @ (moved @ ahead - shift) / len(y)
        raw = ahead - step * slope
        fresh = np.sign(raw) * np.maximum(np.abs(raw) - step * penalty, 0.0)
        if (ahead - fresh) @ (fresh - w) > 0:
            pace = 1.0
        following = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        change = fresh - w
        ahead, w, pace = fresh + (pace - 1) / following * change, fresh, following
        if np.abs(change).max() < 1e-12 * max(1.0, np.abs(w).max()):
            break
    return w, float(np.mean(y) - X.mean(axis=0) @ w)


def compare(X, y, penalties):
    table = {name: {"zeros": [], "size": []} for name in ("ridge", "lasso")}
    for penalty in penalties:
        for name, (w, _) in (("ridge", ridge(X, y, penalty)), ("lasso", lasso(X, y, penalty))):
            table[name]["zeros"].append(int(np.count_nonzero(w == 0.0)))
            table[name]["size"].append(float(np.linalg.norm(w)))
    return table


def scores(price, predicted):
    squares = np.square(np.asarray(price, dtype=float) - predicted)
    return {
        "rmse": float(squares.mean() ** 0.5),
        "mae": float((squares**0.5).mean()),
        "r2": float(1 - squares.mean() / np.var(price)),
    }


def forecast(train, price, test):
    X, X_test = design(train, test)
    model = LassoCV(cv=5, max_iter=20_000, random_state=0).fit(X, np.log(price))
    return np.exp(model.predict(X_test))
