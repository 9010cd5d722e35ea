"""Character by character, with Counters, Newton's method, and logistic regression as the detector."""

import math
from collections import Counter

import numpy as np

STOPWORDS = frozenset(
    "the a an and or but to of in on at for with from is are was be i you he she it we they my your this that".split()
)
LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789")


def clean(text, stopwords=STOPWORDS):
    kept = "".join(c if c in LETTERS else " " for c in text.lower() if c != "'")
    return [word for word in kept.split() if word not in stopwords]


def fit_tfidf(documents, min_documents=1):
    found = Counter(word for document in documents for word in dict.fromkeys(document))
    words = sorted(word for word in found if found[word] >= min_documents)
    return words, np.array([1 + math.log(1 + len(documents)) - math.log(1 + found[word]) for word in words])


def tfidf(documents, words, idf):
    rows = []
    for document in documents:
        counts = Counter(document)
        row = np.array([counts[word] for word in words], float) * idf
        length = math.sqrt(row @ row)
        rows.append(row / length if length else row)
    return np.array(rows)


def fit_naive_bayes(X, y, alpha=1.0):
    log_prior, log_likelihood = [], []
    for label in (0, 1):
        inside = X[y == label]
        total = inside.sum() + alpha * X.shape[1]
        log_prior.append(math.log(len(inside) / len(X)))
        log_likelihood.append([math.log((column.sum() + alpha) / total) for column in inside.T])
    return np.array(log_prior), np.array(log_likelihood)


def log_odds(X, log_prior, log_likelihood):
    ham, spam = (log_prior[c] + X @ log_likelihood[c] for c in (0, 1))
    return spam - ham


def balanced_weights(y):
    sizes = Counter(y.tolist())
    return np.array([len(y) / 2 / sizes[label] for label in y.tolist()])


def fit_logistic(X, y, weights, l2=0.05):
    A = np.column_stack([X, np.ones(len(X))])
    penalty = np.append(np.full(X.shape[1], l2), 0.0)
    share, v = weights / weights.sum(), np.zeros(A.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-A @ v))
        slope = A.T @ (share * (p - y)) + penalty * v
        if np.linalg.norm(slope) < 1e-8:
            break
        curvature = (A * (share * p * (1 - p))[:, None]).T @ A + np.diag(penalty)
        v = v - np.linalg.solve(curvature, slope)
    return v[:-1], float(v[-1])


def scores(y, flagged):
    table = Counter(zip(y.tolist(), flagged.tolist()))
    hits, alarms, misses = table[1, 1], table[0, 1], table[1, 0]
    return {
        "precision": hits / (hits + alarms) if hits else 0.0,
        "recall": hits / (hits + misses) if hits else 0.0,
        "f1": 2 * hits / (2 * hits + alarms + misses) if hits else 0.0,
    }


def choose_threshold(odds, y):
    order = np.argsort(-odds, kind="stable")
    ranked, hits = odds[order], np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = -1.0  # a threshold takes all equal odds or none
    return float(ranked[np.argmax(f1)])


def spammy_words(log_likelihood, words, count):
    order = np.argsort(log_likelihood[0] - log_likelihood[1], kind="stable")
    return [words[j] for j in order[:count]]


def train(texts, labels, seed=0):
    documents = [clean(text) for text in texts]
    order = np.random.default_rng(seed).permutation(len(texts))
    odds, seen = [], []
    for part in np.array_split(order, 3):
        rest = np.setdiff1d(order, part)
        model = _fit([documents[i] for i in rest], labels[rest])
        odds.append(_odds(model, [documents[i] for i in part]))
        seen.append(labels[part])
    return _fit(documents, labels), choose_threshold(np.concatenate(odds), np.concatenate(seen))


def predict(detector, texts):
    model, threshold = detector
    return np.array([int(odds >= threshold) for odds in _odds(model, [clean(text) for text in texts])])


def _fit(documents, labels):
    words, idf = fit_tfidf(documents, min_documents=2)
    return words, idf, *fit_logistic(tfidf(documents, words, idf), labels, balanced_weights(labels), l2=0.003)


def _odds(model, documents):
    words, idf, w, b = model
    # One row at a time: a row's sum must not depend on how many others are multiplied with it.
    return np.array([(row * w).sum() + b for row in tfidf(documents, words, idf)])
