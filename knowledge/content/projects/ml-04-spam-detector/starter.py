"""A spam detector from raw text to a list of suspicious words. The brief says what each function returns."""

import numpy as np

STOPWORDS = frozenset(
    "the a an and or but to of in on at for with from is are was be i you he she it we they my your this that".split()
)


def clean(text, stopwords=STOPWORDS):
    """The words of a message as a list: lowercase, without punctuation and without stopwords."""
    # TODO: in which order do the three steps have to come?
    raise NotImplementedError


def fit_tfidf(documents, min_documents=1):
    """(words, idf): the sorted vocabulary of cleaned documents, and the weight (d,) of each word."""
    # TODO
    raise NotImplementedError


def tfidf(documents, words, idf):
    """One row for each cleaned document: counts times idf, scaled to length 1; shape (n, d)."""
    # TODO: and an empty document?
    raise NotImplementedError


def fit_naive_bayes(X, y, alpha=1.0):
    """(log_prior (2,), log_likelihood (2, d)) of multinomial naive Bayes; row 1 is spam."""
    # TODO
    raise NotImplementedError


def log_odds(X, log_prior, log_likelihood):
    """ln P(spam | row) − ln P(ham | row) for each row of X (n, d): shape (n,)."""
    # TODO
    raise NotImplementedError


def balanced_weights(y):
    """Weights (n,) with which both classes weigh alike and all rows together weigh n."""
    # TODO
    raise NotImplementedError


def fit_logistic(X, y, weights, l2=0.05):
    """(w (d,), b) at the minimum of the weighted log loss with an L2 penalty on w."""
    # TODO: gradient descent will do; when are you there?
    raise NotImplementedError


def scores(y, flagged):
    """{"precision": …, "recall": …, "f1": …} with spam as the class that counts."""
    # TODO
    raise NotImplementedError


def choose_threshold(odds, y):
    """The threshold t with the best F1 when a message is flagged for odds >= t."""
    # TODO: which thresholds are worth trying?
    raise NotImplementedError


def spammy_words(log_likelihood, words, count):
    """The `count` words that speak most clearly for spam, the clearest first."""
    # TODO: is a frequent word a spammy word?
    raise NotImplementedError


def train(texts, labels, seed=0):
    """Whatever your `predict` needs, learned from raw messages and their labels."""
    # TODO
    raise NotImplementedError


def predict(detector, texts):
    """1 for spam and 0 for ham, an integer array (n,), for raw messages."""
    # TODO
    raise NotImplementedError
