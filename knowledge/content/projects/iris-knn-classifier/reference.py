import numpy as np


def distances(A, B):
    difference = np.asarray(A, float)[:, None, :] - np.asarray(B, float)[None, :, :]
    return np.sqrt((difference**2).sum(axis=2))


def standardize(X_train, X_test):
    mean, deviation = X_train.mean(axis=0), X_train.std(axis=0)
    deviation = np.where(deviation == 0, 1.0, deviation)
    return (X_train - mean) / deviation, (X_test - mean) / deviation


def vote(labels, dists):
    candidates, first_seen, counts = np.unique(labels, return_index=True, return_counts=True)
    tied = counts == counts.max()
    nearest = np.asarray(dists)[first_seen]
    return int(candidates[tied][np.argmin(nearest[tied])])


def predict(X_train, y_train, X_test, k):
    train, test = standardize(X_train, X_test)
    table = distances(test, train)
    nearest = np.argsort(table, axis=1, kind="stable")[:, :k]
    return np.array([vote(y_train[row], table[i, row]) for i, row in enumerate(nearest)])


def cross_validate(X, y, k, fold):
    scores = []
    for held_out in np.unique(fold):
        test = fold == held_out
        scores.append((predict(X[~test], y[~test], X[test], k) == y[test]).mean())
    return float(np.mean(scores))
