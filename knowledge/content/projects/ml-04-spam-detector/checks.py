"""A spam detector piece by piece, and then at work on three corpora that it has never met."""

import re

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference
from sandbox.probes import input_not_mutated, label_shuffle, row_permutation

PROJECT, CLEAN, TFIDF, BAYES, RARE, WORDS = "ninety/ML-4", *(f"ninety/ML-4/task-{n}" for n in range(1, 6))
TEXT, NAIVE, IMBALANCE = ("text-preprocessing-and-tfidf",), ("naive-bayes",), ("class-imbalance",)
POOL = "alpha bravo castle delta echo falcon garden harbor island jungle".split()


def random_documents(rng, count, pool=POOL):
    """Lists of words in which some words occur more than once."""
    return [[str(word) for word in rng.choice(pool, size=rng.integers(1, 9))] for _ in range(count)]


def pair(value, what):
    expect(value, what).type(tuple, list).length(2)
    return value


def f1(y, flagged):
    hits = int(((y == 1) & flagged).sum())
    return 2 * hits / max(int((y == 1).sum()) + int(flagged.sum()), 1)


# Text


@check("words are cleaned", points=2, task=CLEAN, visible=True, evidence=TEXT, required=True)
def words_are_cleaned(submission, data):
    for text, words in [
        ("The prize is YOURS, claim it NOW!", ["prize", "yours", "claim", "now"]),
        ("See you at the station.", ["see", "station"]),
        ("WIN win Win", ["win", "win", "win"]),
    ]:
        expect(submission.call("clean", text), f"clean({text!r})").equals(words)
    own = submission.call("clean", "Now or Never", stopwords={"now"})
    expect(own, "clean('Now or Never', stopwords={'now'})").equals(["or", "never"])


@check("punctuation separates words", points=2, task=CLEAN, visible=False, needs=("words-are-cleaned",),
       evidence=TEXT, required=True)
def punctuation_separates_words(submission, data):
    rng = fresh_rng()
    marks = rng.permutation(["/", "...", "!", "-", ",", "?!", "\n"])
    glued = "".join(word.upper() + str(mark) for word, mark in zip(POOL, marks))
    for text, words in [(glued, POOL[: len(marks)]), ("Don't wait 2day", ["dont", "wait", "2day"]), (" ?! ", [])]:
        expect(submission.call("clean", text), f"clean({text!r})").equals(words)


@check("rare words weigh more", points=2, task=TFIDF, visible=True, evidence=TEXT, required=True)
def rare_words_weigh_more(submission, data):
    documents = [["win", "cash"], ["lunch", "now"], ["win", "now"]]
    words, idf = pair(submission.call("fit_tfidf", documents), "fit_tfidf(documents)")
    expect(list(words), "the vocabulary").equals(["cash", "lunch", "now", "win"])
    rare, common = np.log(4 / 2) + 1, np.log(4 / 3) + 1
    expect(idf, "idf").shape(4).close(np.array([rare, rare, common, common]))


@check("idf counts documents", points=2, task=TFIDF, visible=False, needs=("rare-words-weigh-more",),
       evidence=TEXT, required=True)
def idf_counts_documents(submission, data):
    rng = fresh_rng()
    documents = [["twice", "twice"], *random_documents(rng, 15)]
    for least in (1, 2, 4):
        words, idf = pair(submission.call("fit_tfidf", documents, min_documents=least), "fit_tfidf(documents)")
        wanted, weights = reference.call("fit_tfidf", documents, min_documents=least)
        expect(list(words), f"the vocabulary with min_documents={least}").equals(wanted)
        expect(idf, f"idf with min_documents={least}").because(
            "a word that is repeated in one document is still found in one document"
        ).shape(len(wanted)).close(weights)


@check("rows match the definition", points=3, task=TFIDF, visible=False, needs=("rare-words-weigh-more",),
       evidence=TEXT, required=True)
def rows_match_the_definition(submission, data):
    rng = fresh_rng()
    words, idf = POOL[:7], rng.uniform(1, 4, size=7)
    documents = random_documents(rng, 12, [*POOL[:3], *POOL])
    expect(submission.call("tfidf", documents, words, idf), "tfidf(documents, words, idf)").because(
        "words outside the vocabulary are left out, and each row is scaled to length 1 at the end"
    ).shape(12, 7).close(reference.call("tfidf", documents, words, idf))


@check("an empty message becomes zeros", points=1, task=TFIDF, visible=False, needs=("rows-match-the-definition",),
       evidence=TEXT)
def empty_message_becomes_zeros(submission, data):
    seen = submission.call("tfidf", [[], ["unheard"], ["echo"]], POOL, np.ones(len(POOL)))
    expect(seen, "the rows of an empty and an unknown message").shape(3, len(POOL)).finite()
    expect(seen[:2], "the first two rows").close(np.zeros((2, len(POOL))))


# Naive Bayes and logistic regression

MAILBOX = np.array(  # lunch, money, now, prize, win, you
    [[0, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1], [1, 0, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0],
     [0, 0, 1, 0, 0, 1], [1, 0, 0, 0, 0, 0]], float)  # fmt: skip
SPAM = np.array([1, 1, 1, 0, 0, 0, 0])
LOG_PRIOR = np.log(np.array([4, 3]) / 7)
LOG_LIKELIHOOD = np.log(np.array([[4, 2, 3, 1, 1, 2], [1, 2, 2, 2, 4, 2]]) / 13)


@check("a small mailbox is counted right", points=2, task=BAYES, visible=True, evidence=NAIVE, required=True)
def small_mailbox_is_counted(submission, data):
    log_prior, log_likelihood = pair(submission.call("fit_naive_bayes", MAILBOX, SPAM), "fit_naive_bayes(X, y)")
    expect(log_prior, "the log prior").because("row 0 is ham, row 1 is spam").close(LOG_PRIOR)
    expect(log_likelihood, "the log likelihood").because(
        "each class gets one imaginary occurrence of each word"
    ).shape(2, 6).close(LOG_LIKELIHOOD)


@check("naive Bayes matches the definition", points=3, task=BAYES, visible=False,
       needs=("small-mailbox-is-counted",), evidence=NAIVE, required=True)
def naive_bayes_matches_the_definition(submission, data):
    rng = fresh_rng()
    X = rng.uniform(0, 2, size=(30, 8)) * (rng.uniform(size=(30, 8)) < 0.4)
    y = rng.permutation(np.repeat([0, 1], [23, 7]))
    X[y == 1, 2] = 0
    for alpha in (0.2, 2.5):
        log_prior, log_likelihood = pair(submission.call("fit_naive_bayes", X, y, alpha=alpha), "fit_naive_bayes(…)")
        wanted_prior, wanted = reference.call("fit_naive_bayes", X, y, alpha=alpha)
        expect(log_prior, "the log prior").close(wanted_prior)
        expect(log_likelihood, f"the log likelihood with alpha={alpha}").shape(2, 8).finite().close(wanted)


@check("a short message is weighed right", points=2, task=BAYES, visible=True, evidence=NAIVE, required=True)
def short_message_is_weighed(submission, data):
    X = np.array([[0, 1, 1, 0, 1, 0], [0, 0, 0, 0, 0, 0]], float)
    expect(submission.call("log_odds", X, LOG_PRIOR, LOG_LIKELIHOOD), "log_odds of 'win money now' and of ''").shape(
        2
    ).close(np.array([np.log(2), np.log(3 / 4)]))


@check("long messages are weighed, too", points=2, task=BAYES, visible=False, needs=("short-message-is-weighed",),
       evidence=NAIVE, required=True)
def long_messages_are_weighed(submission, data):
    rng = fresh_rng()
    likelihood = np.log(rng.dirichlet(np.ones(40), size=2))
    X = rng.integers(0, 60, size=(6, 40)).astype(float)
    expect(submission.call("log_odds", X, LOG_PRIOR, likelihood), "log_odds of messages with a thousand words").because(
        "a product of a thousand chances is smaller than any float"
    ).shape(6).finite().close(reference.call("log_odds", X, LOG_PRIOR, likelihood))


@check("both classes weigh alike", points=2, task=RARE, visible=True, evidence=IMBALANCE, required=True)
def both_classes_weigh_alike(submission, data):
    y = fresh_rng().permutation(np.repeat([0, 1], [18, 2]))
    weights = submission.call("balanced_weights", y)
    expect(weights, "balanced_weights(y)").shape(20).sums_to(20.0)
    expect(weights[y == 1], "the weights of the 2 spam messages").close(np.full(2, 5.0))
    expect(weights[y == 0], "the weights of the 18 others").close(np.full(18, 20 / 36))


@check("logistic regression reaches its minimum", points=3, task="ninety/ML-4/algorithms", visible=False,
       needs=("both-classes-weigh-alike",), evidence=("logistic-regression", "class-imbalance"))
def logistic_regression_reaches_its_minimum(submission, data):
    rng = fresh_rng()
    y = rng.permutation(np.repeat([0, 1], [100, 14]))
    X = np.abs(rng.normal(size=(114, 9))) + 0.5 * np.outer(y, rng.normal(size=9))
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    for l2, weights in ((0.05, np.where(y == 1, 114 / 28, 114 / 200)), (0.2, rng.uniform(0.2, 3, size=114))):
        w, b = pair(submission.call("fit_logistic", X, y, weights, l2=l2), "fit_logistic(X, y, weights)")
        expect(w, "w").shape(9).finite()
        expect(b, "b").finite()
        miss = weights / weights.sum() * (0.5 * (1 + np.tanh((X @ w + float(b)) / 2)) - y)
        slope = np.append(X.T @ miss + l2 * w, miss.sum())
        expect(float(np.linalg.norm(slope)), f"the length of the loss's gradient at your (w, b), l2={l2}").because(
            "at the minimum of the weighted loss it is 0"
        ).at_most(0.003)


# The rare class


@check("scores count the rare class", points=2, task=RARE, visible=True, evidence=IMBALANCE, required=True)
def scores_count_the_rare_class(submission, data):
    y, flagged = np.array([1, 1, 1, 0, 0, 0, 0, 0]), np.array([1, 0, 0, 1, 0, 0, 0, 0])
    seen = submission.call("scores", y, flagged)
    expect(seen, "scores(y, flagged)").type(dict).keys("precision", "recall", "f1")
    for name, wanted in (("precision", 1 / 2), ("recall", 1 / 3), ("f1", 0.4)):
        expect(float(seen[name]), name).close(wanted)


@check("flagging nothing scores zero", points=1, task=RARE, visible=False, needs=("scores-count-the-rare-class",),
       evidence=IMBALANCE)
def flagging_nothing_scores_zero(submission, data):
    seen = submission.call("scores", np.array([1, 0, 0, 1]), np.zeros(4, int))
    for name in ("precision", "recall", "f1"):
        expect(float(seen[name]), f"{name} when nothing is flagged").finite().close(0.0)


@check("the threshold serves the rare class", points=3, task=RARE, visible=False,
       needs=("scores-count-the-rare-class",), evidence=IMBALANCE, required=True)
def threshold_serves_the_rare_class(submission, data):
    rng = fresh_rng()
    for _ in range(4):
        y, odds = overlapping_classes(rng)
        best = max(f1(y, odds >= t) for t in odds)
        seen = submission.call("choose_threshold", odds, y)
        expect(seen, "choose_threshold(odds, y)").finite()
        expect(f1(y, odds >= float(seen)), "F1 of the messages with odds >= your threshold").because(
            f"another threshold reaches {best:.3f}"
        ).at_least(best - 1e-9)


def overlapping_classes(rng):
    """Labels and odds for which the most accurate threshold is clearly not the one with the best F1."""
    while True:
        y = rng.permutation(np.repeat([0, 1], [170, 20]))
        odds = rng.normal(size=190) + 1.3 * y - 2
        candidates = [np.inf, *odds]
        accurate = max(candidates, key=lambda t: ((odds >= t) == y).mean())
        if max(f1(y, odds >= t) for t in odds) > f1(y, odds >= accurate) + 0.08:
            return y, odds


# Words, and the whole detector


@check("spammy words tell the classes apart", points=2, task=WORDS, visible=False,
       needs=("small-mailbox-is-counted",), evidence=NAIVE, required=True)
def spammy_words_tell_classes_apart(submission, data):
    rng = fresh_rng()
    chances = rng.dirichlet(np.ones(len(POOL)), size=2)
    chances[:, 4] += 1.5  # one word is everywhere in both classes
    likelihood = np.log(chances / chances.sum(axis=1, keepdims=True))
    for count in (1, 4):
        seen = submission.call("spammy_words", likelihood, POOL, count)
        expect(seen, f"spammy_words(…, count={count})").because(
            "a word that is frequent in both classes says nothing about either"
        ).length(count).equals(reference.call("spammy_words", likelihood, POOL, count))


@check("the words of the spammers are found", points=3, task=WORDS, visible=False,
       needs=("spammy-words-tell-classes-apart", "idf-counts-documents", "rows-match-the-definition",
              "naive-bayes-matches-the-definition"), evidence=("naive-bayes", "text-preprocessing-and-tfidf"))
def planted_words_are_found(submission, data):
    for name, corpus in data.corpora.items():
        texts, y = corpus.train
        documents = [re.findall("[a-z0-9]+", text.lower()) for text in texts]
        documents = submission.keep(documents)
        words, idf = submission.call("fit_tfidf", documents, min_documents=3)
        X = submission.handle("tfidf", documents, words, idf)  # the table stays where it is
        _, log_likelihood = submission.call("fit_naive_bayes", X, y)
        seen = submission.call("spammy_words", log_likelihood, words, 10)
        planted = len(set(seen) & corpus.spam_words)
        expect(planted, f"how many of your ten spammiest words of '{name}' are the spammers' own").at_least(8)


@check("spam is found in three corpora", points=5, task=PROJECT, visible=False,
       needs=("punctuation-separates-words", "idf-counts-documents", "rows-match-the-definition",
              "naive-bayes-matches-the-definition", "threshold-serves-the-rare-class"),
       evidence=("naive-bayes", "text-preprocessing-and-tfidf", "class-imbalance"), required=True)
def spam_is_found_in_three_corpora(submission, data):
    for name, corpus in data.corpora.items():
        (texts, labels), (new, y) = corpus.train, corpus.test
        detector = submission.handle("train", texts, labels, seed=1)
        flagged = answers(submission.call("predict", detector, new), len(new))
        expect(f1(y, flagged == 1), f"F1 on {len(new)} new messages of '{name}'").because(
            f"{int((flagged == 1).sum())} messages were flagged and {int(y.sum())} are spam"
        ).at_least(0.70)

    (texts, labels), (new, y) = data.corpora["mail"].train, data.corpora["mail"].test
    texts, new = submission.keep(texts), submission.keep(new)

    def mean_recall(given):
        detector = submission.handle("train", texts, given, seed=1)
        flagged = answers(submission.call("predict", detector, new), len(y))
        return float(((flagged[y == 1] == 1).mean() + (flagged[y == 0] == 0).mean()) / 2)

    label_shuffle(mean_recall, labels, chance=0.5)


def answers(value, count):
    expect(value, "predict(detector, texts)").shape(count)
    flagged = np.asarray(value)
    expect(bool(np.isin(flagged, (0, 1)).all()), "whether all answers are 0 or 1").equals(True)
    return flagged


@check("each message is judged by itself", points=1, task=PROJECT, visible=False,
       needs=("spam-is-found-in-three-corpora",), evidence=TEXT)
def each_message_is_judged_by_itself(submission, data):
    corpus = data.corpora["sms"]
    detector = submission.handle("train", *corpus.train, seed=2)
    new = corpus.test[0][:80]
    row_permutation(lambda texts: submission.call("predict", detector, texts), new)
    together = np.asarray(submission.call("predict", detector, new))
    alone = np.concatenate([answers(submission.call("predict", detector, [text]), 1) for text in new[:20]])
    expect(alone, "the answers to 20 messages that arrive one by one").because(
        "a message is spam or not, whatever else lies in the mailbox"
    ).equals(together[:20])


@check("the arrays you are given stay as they were", points=1, task=BAYES, visible=False,
       needs=("naive-bayes-matches-the-definition",), evidence=NAIVE)
def arrays_are_left_alone(submission, data):
    rng = fresh_rng()
    X, y = rng.uniform(size=(12, 5)), rng.permutation(np.repeat([0, 1], [8, 4]))
    input_not_mutated(submission, "fit_naive_bayes", X, y)
    input_not_mutated(submission, "log_odds", X, np.log([0.6, 0.4]), np.log(np.full((2, 5), 0.2)))
