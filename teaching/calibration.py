"""How well a learner knows what they know: the confidence they said, against what was right.

The rule owned here: confidence is asked once, with the answer, and may be left out; it changes no
verdict and no mastery, and every number names the attempts that it is computed from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from teaching.evidence import was_placed

if TYPE_CHECKING:
    from teaching.records import Event

SAYINGS: dict[str, float] = {"sure": 0.95, "think so": 0.75, "guess": 0.4}
"""What a learner can say, as a probability: the middle of what people mean by it, by judgement."""
INVITATION = (
    "If you like, end an answer with `, sure`, `, think so` or `, guess`; `/progress` then shows how well "
    "you know what you know."
)
_SAID = re.compile(
    r"(?:\s*[,;(–—-]\s*|\s*\n\s*)(?:(?:i'?m|i am)\s+)?(?:just\s+)?(?:a\s+)?(?:i\s+)?"
    r"(?P<saying>(?:fairly|pretty|rather) sure|(?:not (?:so |really |very |quite )?|un)sure|"
    r"(?:very |quite )?sure|think so|guess|guessing)\s*\)?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_MEANS = {"fairly sure": "think so", "pretty sure": "think so", "rather sure": "think so"}


@dataclass(frozen=True)
class Band:
    """The answers said with one confidence. expected: its mean; right: the share that was right."""

    saying: str
    answers: int
    expected: float
    right: float
    attempts: tuple[str, ...]


@dataclass(frozen=True)
class Calibration:
    """brier: mean squared distance of confidence and outcome (Brier 1950); 0 is best, .25 a coin's.

    always: the score of somebody who said their own average each time; below it, the confidence
    tells right answers from wrong ones.
    """

    answers: int
    brier: float
    always: float
    bands: tuple[Band, ...]

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        for band in told["bands"]:
            band["attempts"] = list(band["attempts"])
        return {
            **told,
            "brier": round(self.brier, 4),
            "always": round(self.always, 4),
            "bands": list(told["bands"]),
        }


def split_confidence(answer: str) -> tuple[str, float | None]:
    """The answer without the confidence at its end, and the confidence; None where none was said.

    It must be set off: "0.5, sure" and "0.5 (guess)" say one, "I am not sure" is an answer.
    """
    said = _SAID.search(answer)
    if said is None or not answer[: said.start()].strip():
        return answer, None
    word = " ".join(said["saying"].lower().split())
    if word.startswith(("not", "un")):
        saying = "guess"
    else:
        saying = _MEANS.get(word) or next(known for known in SAYINGS if known in word)
    return answer[: said.start()].rstrip(), SAYINGS[saying]


def invites_confidence(events: Iterable[Event], question: str) -> bool:
    """Whether to invite it: at a question that was neither answered nor helped with before."""
    return not any(
        event.kind in ("answered", "helped") and _question_of(event) == question for event in events
    )


def calibration(events: Iterable[Event]) -> Calibration | None:
    """From unassisted answers said with a confidence and judged right or wrong; None without any.

    Answers of a placement count as well: nobody helped with them.
    """
    told = [
        (float(event.payload["confidence"]), bool(event.payload["correct"]), event.attempt)
        for event in sorted(events, key=lambda event: event.order)
        if _counts(event)
    ]
    if not told:
        return None
    count, share = len(told), sum(right for _, right, _ in told) / len(told)
    brier = sum((said - right) ** 2 for said, right, _ in told) / count
    return Calibration(count, brier, share * (1 - share), tuple(_bands(told)))


def _bands(told: list[tuple[float, bool, str]]) -> Iterable[Band]:
    """By what is nearest to it among SAYINGS, the surest first; empty bands are left out."""
    for saying in SAYINGS:
        mine = [one for one in told if min(SAYINGS, key=lambda name: abs(SAYINGS[name] - one[0])) == saying]
        if mine:
            expected = sum(said for said, _, _ in mine) / len(mine)
            right = sum(is_right for _, is_right, _ in mine) / len(mine)
            yield Band(saying, len(mine), expected, right, tuple(attempt for _, _, attempt in mine))


def _counts(event: Event) -> bool:
    said, correct = event.payload.get("confidence"), event.payload.get("correct")
    if event.kind not in ("answered", "predicted") or not isinstance(correct, bool):
        return False
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= 1:
        return False
    return was_placed(event) or not event.payload.get("assisted")


def _question_of(event: Event) -> str:
    name = str(event.payload.get("question") or event.item)
    name = name if "/" in name else f"{event.unit}/{name}"
    return "/".join(name.split("/")[:2])
