"""
misconception: probabilities-can-be-multiplied
fails: [long-messages-are-weighed]
"""

import re

import numpy as np

STOPWORDS = frozenset(
    "the a an and or but to of in on at for with from is are was be i you he she it we they my your this that".split()
)


def clean(text, stopwords=STOPWORDS):
    words = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))
    return [word for word in words if word not in stopwords]


def fit_tfidf(documents, min_documents=1):
    counts = {}
    for document in documents:
        for word in set(document):
            counts[word] = counts.get(word, 0) + 1
    words = sorted(word for word, count in counts.items() if count >= min_documents)
    found_in = np.array([counts[word] for word in words], float)
    return words, np.log((1 + len(documents)) / (1 + found_in)) + 1


def tfidf(documents, words, idf):
    place = {word: j for j, word in enumerate(words)}
    X = np.zeros((len(documents), len(words)))
    for i, document in enumerate(documents):
        for word in document:
            if word in place:
                X[i, place[word]] += 1
    X = X * idf
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    return X / np.where(lengths == 0, 1.0, lengths)


def fit_naive_bayes(X, y, alpha=1.0):
    sums = np.array([X[y == c].sum(axis=0) for c in (0, 1)]) + alpha
    log_prior = np.log(np.array([(y == 0).mean(), (y == 1).mean()]))
    return log_prior, np.log(sums / sums.sum(axis=1, keepdims=True))


def log_odds(X, log_prior, log_likelihood):
    ham, spam = (np.exp(log_prior[c]) * np.prod(np.exp(log_likelihood[c]) ** X, axis=1) for c in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(spam / ham)


def balanced_weights(y):
    counts = np.bincount(y, minlength=2)
    return (len(y) / (2 * counts))[y]


def fit_logistic(X, y, weights, l2=0.05):
    w, b = np.zeros(X.shape[1]), 0.0
    share = weights / weights.sum()
    rate = 1.0 / (0.25 * (share * (1 + (X**2).sum(axis=1))).sum() + l2)
    for _ in range(5000):
        miss = share * (0.5 * (1 + np.tanh((X @ w + b) / 2)) - y)
        slope, slope_b = X.T @ miss + l2 * w, miss.sum()
        w, b = w - rate * slope, b - rate * slope_b
        if slope @ slope + slope_b**2 < 1e-12:
            break
    return w, float(b)


def scores(y, flagged):
    hits = int(((y == 1) & (flagged == 1)).sum())
    precision = hits / max(int((flagged == 1).sum()), 1)
    recall = hits / max(int((y == 1).sum()), 1)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def choose_threshold(odds, y):
    best, chosen = -1.0, 0.0
    for threshold in np.unique(odds)[::-1]:
        f1 = scores(y, (odds >= threshold).astype(int))["f1"]
        if f1 > best:
            best, chosen = f1, float(threshold)
    return chosen


def spammy_words(log_likelihood, words, count):
    gain = log_likelihood[1] - log_likelihood[0]
    order = sorted(range(len(words)), key=lambda j: (-gain[j], words[j]))
    return [words[j] for j in order[:count]]


def train(texts, labels, seed=0):
    documents = [clean(text) for text in texts]
    fold = np.random.default_rng(seed).permutation(len(texts)) % 4
    odds = np.zeros(len(texts))
    for held_out in range(4):
        inside, outside = np.flatnonzero(fold == held_out), np.flatnonzero(fold != held_out)
        model = _fit([documents[i] for i in outside], labels[outside])
        odds[inside] = _odds(model, [documents[i] for i in inside])
    return _fit(documents, labels), choose_threshold(odds, labels)


def predict(detector, texts):
    model, threshold = detector
    return (_odds(model, [clean(text) for text in texts]) >= threshold).astype(int)


def _fit(documents, labels):
    words, idf = fit_tfidf(documents, min_documents=2)
    return words, idf, *fit_naive_bayes(tfidf(documents, words, idf), labels, alpha=0.3)


def _odds(model, documents):
    words, idf, log_prior, log_likelihood = model
    return log_odds(tfidf(documents, words, idf), log_prior, log_likelihood)
