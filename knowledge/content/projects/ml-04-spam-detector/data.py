"""Messages from a generator: three kinds of mail, each with its own subjects, spam in the minority.

The public table is in English. In the hidden corpora every content word is replaced by an
invented one, so that nobody's list of spam words can stand in for training.
"""

import csv
import io
import random
import urllib.request
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

SMS_COLLECTION = "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip"

SMALL = "the a an and or but to of in on at for with from is are was be i you he she it we they my your this that".split()
COMMON = """time today tomorrow week home call send message please thanks good new know think see come back work
morning night people day right first last still again great need want tell let look take give got well""".split()
SUBJECTS = {
    "sms": (
        ["""dinner kitchen cook pizza tea hungry soup shop milk bread rice lunch""".split(),
         """bus train station late lift drive road car park airport ticket bike""".split(),
         """film concert party birthday dance band guitar photo garden beach football match""".split()],
        ["""win prize winner claim cash award voucher bonus guaranteed lucky draw collect""".split(),
         """ringtone download mobile tone subscribe text stop charged chat unlimited poly credit""".split()],
    ),
    "mail": (
        ["""meeting agenda minutes schedule room conference attached notes project deadline review team""".split(),
         """contract invoice gas pipeline capacity trading desk price volume storage counterparty deal""".split(),
         """server password printer laptop backup network login update account software ticket version""".split()],
        ["""pills pharmacy prescription weight diet doctor cheap herbal cure loss shipping discreet""".split(),
         """stock investor shares profit offshore million transfer confidential fund bank beneficiary urgent""".split()],
    ),
    "forum": (
        ["""python loop function list error index string class module import test bug""".split(),
         """camera lens exposure tripod focus light portrait landscape filter sensor zoom flash""".split(),
         """recipe oven flour sugar butter yeast dough bake salt crust cake tin""".split()],
        ["""followers likes boost ranking backlinks traffic seo promotion visitors site click link""".split(),
         """casino poker jackpot bet slots spins deposit roulette table odds dealer chips""".split()],
    ),
}
SPAM_SHARE = {"sms": 0.14, "mail": 0.18, "forum": 0.11}
SIZES = {"proof": (600, 300), "small": (800, 500), "full": (800, 500)}


def public(seed, scale):
    """messages.csv: corpus, label (1 is spam), text; 600 messages of each of three corpora."""
    rng = random.Random(seed)
    with open("messages.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["corpus", "label", "text"])
        for corpus in SUBJECTS:
            texts, labels = _messages(rng, corpus, 600, {})
            table.writerows([corpus, label, text] for text, label in zip(texts, labels))


def hidden(seed, scale):
    rng = random.Random(seed)  # for single draws much quicker than NumPy's generator
    train, test = SIZES[scale]
    corpora = {}
    for corpus in SUBJECTS:
        code = _invented_words(rng, corpus)
        texts, labels = _messages(rng, corpus, train + test, code)
        corpora[corpus] = SimpleNamespace(
            train=(texts[:train], labels[:train]),
            test=(texts[train:], labels[train:]),
            spam_words={code[word] for subject in SUBJECTS[corpus][1] for word in subject},
        )
    return SimpleNamespace(corpora=corpora)


def _messages(rng, corpus, count, code):
    spam = round(count * SPAM_SHARE[corpus])
    labels = [1] * spam + [0] * (count - spam)
    rng.shuffle(labels)
    return [_message(rng, corpus, label, code) for label in labels], np.array(labels)


def _message(rng, corpus, label, code):
    """Small words, common words and words of one subject; now and then one of the other side's."""
    ham, spam = SUBJECTS[corpus]
    own, other = (spam, ham) if label else (ham, spam)
    subject, foreign = rng.choice(own), rng.choice(other)
    words = []
    for _ in range(rng.randrange(14, 30)):
        kind = rng.random()
        if kind < 0.40:
            words.append(_pick(rng, SMALL))
            continue
        word = _pick(rng, COMMON if kind < 0.68 else subject if kind < 0.95 else foreign)
        words.append(code.get(word, word))
    return _typed(rng, words, loud=0.2 if label else 0.06)


def _pick(rng, words):
    """Early words of a list are more frequent, as in any language."""
    return words[int(len(words) * rng.random() ** 1.5)]


def _typed(rng, words, loud):
    """The words as people type them: capitals, commas, slashes without spaces, marks in rows."""
    text = words[0].capitalize()
    for word in words[1:]:
        kind = rng.random()
        gap = ", " if kind < 0.08 else "..." if kind < 0.11 else "/" if kind < 0.13 else "! " if kind < 0.17 else " "
        if rng.random() < loud:
            word = word.upper()
        text += gap + (word.capitalize() if gap == "! " else word)
    return text + rng.choice([".", "", "!", "?", "!!!"])


def _invented_words(rng, corpus):
    """A code: each content word of the corpus gets an invented word of its own."""
    words = sorted({*COMMON, *(word for side in SUBJECTS[corpus] for subject in side for word in subject)})
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    numbers = rng.sample(range(len(syllables) ** 3), len(words))
    names = ["".join(syllables[n // len(syllables) ** k % len(syllables)] for k in range(3)) for n in numbers]
    return dict(zip(words, names))


def real(source=SMS_COLLECTION):
    """The SMS Spam Collection: texts (list of 5,574 strings) and labels (n,), 1 for spam.

    source: an https address of the zip archive, or its path when you have it already.
    """
    if str(source).startswith("https://"):
        with urllib.request.urlopen(source, timeout=60) as answer:
            content = answer.read()
    else:
        content = Path(source).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = archive.read("SMSSpamCollection").decode("utf-8").splitlines()
    rows = [line.split("\t", 1) for line in lines if "\t" in line]
    return [text for _, text in rows], np.array([int(label == "spam") for label, _ in rows])
