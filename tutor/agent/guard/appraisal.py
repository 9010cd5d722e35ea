"""Sentences that only appraise: a word of praise or blame, and nothing of the subject beside it.

The rule owned here: no list of phrases is complete, so a sentence without a question, a condition
or a term of the subject is an appraisal as soon as one of its words is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from tutor.agent.guard.phrases import words

Appraisal = Literal["right", "wrong", "passed", "failed"]
_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 8
"""Words of a sentence in another language that are taken for an appraisal."""


def appraise(sentence: str) -> Appraisal | None:
    """What a sentence without a subject of its own pronounces; None when it pronounces nothing."""
    said = _WORD.findall(re.sub(r"n['’]t\b", " not", sentence.lower().replace("can't", "can not")))
    if not said:
        return None
    known = set(said)
    denies = bool(known & _list("denial"))
    foreign_right, foreign_wrong = known & _list("right_elsewhere"), known & _list("wrong_elsewhere")
    if len(said) <= _SHORT and (foreign_right or foreign_wrong):
        return "wrong" if foreign_wrong or known & _list("denial_elsewhere") else "right"
    if not known <= _generic():
        return None
    if known & _list("pass"):
        return "failed" if denies else "passed"
    if known & _list("blame"):
        return "right" if denies and not known & _list("praise") else "wrong"
    if known & _list("praise"):
        return "wrong" if denies else "right"
    return None


@cache
def _list(name: str) -> frozenset[str]:
    return words(name)


@cache
def _generic() -> frozenset[str]:
    names = ("filler", "praise", "blame", "pass", "denial")
    return frozenset().union(*map(words, names))
