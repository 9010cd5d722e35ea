"""What a text claims about the learner's work: right, wrong, passed, failed, mastered, a score.

The rule owned here: a claim is allowed when the record of this turn, or the authored words
that were made from it, hold the same claim. Sentences that ask or suppose claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from tutor.agent.guard.appraisal import appraise
from tutor.agent.guard.phrases import hears

Claim = Literal["right", "wrong", "passed", "failed", "mastered"]

_CLAIMS: tuple[Claim, ...] = ("right", "wrong", "passed", "failed", "mastered")
_SCORE = re.compile(
    r"\b(\d+(?:\.\d+)?)\s*(?:/|out of|of)\s*(\d+(?:\.\d+)?)\s*(?:points?|marks?|checks?|tests?|questions?)\b|"
    r"\b(?:you (?:scored|got|earned|reached|have)|(?:grade|score|marks?)\s*(?:is|was|of|:))\s+"
    r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent|points?|marks?)",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"^\W*(?:yes|no|indeed|true|false)\b\s*[,.:;!—–-]\s*|"
    r"^\W*it is (?:not )?(?:true|right|correct|false|wrong) that\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)*_]*\s+|\n+")


def claims(text: str, authored: Iterable[str] = ()) -> frozenset[Claim]:
    """The verdicts that a text pronounces. Sentences that stand in `authored` are not its own."""
    found: set[Claim] = set()
    known = "\n".join(" ".join(_unmarked(one).split()) for one in authored)
    for sentence in _SENTENCE.split(_unmarked(text)):
        bare = " ".join(sentence.split())
        if not bare or bare in known or bare.endswith("?") or hears("supposes", bare):
            continue
        own: set[Claim] = {claim for claim in _CLAIMS if hears(claim, bare)}
        if not own and (appraisal := appraise(bare)) is not None:
            own.add(appraisal)
        # "not right" matches both; what is denied is not claimed.
        if "wrong" in own and not _says_right_apart(bare):
            own.discard("right")
        if "failed" in own:
            own.discard("passed")
        found |= own
    return frozenset[Claim](found)


def _unmarked(text: str) -> str:
    return text.replace("*", "").replace("_", " ")


def scores(text: str) -> frozenset[str]:
    """The scores that a text tells, as `3/4` or `80`."""
    return frozenset(
        f"{float(m.group(1)):g}/{float(m.group(2)):g}" if m.group(1) else f"{float(m.group(3)):g}"
        for m in _SCORE.finditer(text)
    )


def record_of(outcome: Mapping[str, Any], told: Iterable[str]) -> frozenset[Claim]:
    """The verdicts that the record of a turn holds.

    outcome: what the turn's tools gave (`judged`, `report`). told: the authored words of its moves,
    which plain code made from the record.
    """
    held: set[Claim] = {claim for text in told for claim in claims(text)}
    judged, report = outcome.get("judged"), outcome.get("report")
    if judged and (judged["correct"] or judged["covered"]):
        held.add("right")
    if judged and judged["correct"] is False:
        held.add("wrong")
    if judged and judged["correct"]:
        held.discard("wrong")
    if report:
        held.update(("passed", "right") if report["passed"] else ("failed", "wrong"))
    return frozenset[Claim](held)


def false_claim(text: str, record: frozenset[Claim], told: Sequence[str], talks: bool = False) -> str | None:
    """A verdict in the text that the record does not hold, as a clause; None when there is none.

    told: the authored words of the turn and the passages. talks: a question about the subject is
    answered and none of the tutor's is open, so a plain yes or no is about the subject.
    """
    spoken = _YES_OR_NO.sub("", text) if talks else text
    false = claims(spoken, told) - record
    for claim in _CLAIMS:
        if claim in false:
            return _REASONS[claim]
    known = {score for one in told for score in scores(one)}
    return "it tells a score that the record does not hold" if scores(text) - known else None


def confirms(text: str) -> bool:
    """Whether the text says that the learner was right."""
    return "right" in claims(text)


_REASONS: Mapping[str, str] = {
    "right": "it calls the learner's answer right, which the record does not say",
    "wrong": "it calls the learner's answer wrong, which the record does not say",
    "passed": "it says that the work passed, which the record does not say",
    "failed": "it says that the work failed, which the record does not say",
    "mastered": "it says that the learner masters the unit, which the record does not say",
}


def _says_right_apart(sentence: str) -> bool:
    """Whether a clause of its own says right: "you are right about a, but b is wrong"."""
    clauses = re.split(r"[,;:—–]|\bbut\b|\band\b", sentence)
    return any(
        hears("right", clause) and not hears("wrong", clause)
        and not re.search(r"\b(?:not|n['’]t|never|hardly)\b", clause)
        for clause in clauses
    )  # fmt: skip
