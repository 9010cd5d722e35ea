"""How much one learner takes from an attempt: the step of learning in `tracing`, fitted to the person.

In Bayesian knowledge tracing the chance to learn is a constant. Some learners have a unit after one
question, others after seven, and a rate for each person accounts for most of what such models gain
(Yudelson, Koedinger and Gordon 2013, doi 10.1007/978-3-642-39112-5_18). The rule owned here: the
rate follows unaided answers that came on the same day as the one before them in their unit, since
over a longer pause forgetting hides what was learned; and it names the attempts that it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from teaching.evidence import Observation

SAME_DAY = timedelta(hours=12)
MOST = 0.4
"""However quick a learner is; beyond it answers would hardly count."""


@dataclass
class LearningRate:
    """usual: the rate of a stranger, which counts like so many `chances` of this learner's own.

    taken: expected number of chances at which the learner did learn, out of `had`.
    attempts: the answers behind it, oldest first.
    """

    usual: float
    chances: float
    slip: float
    taken: float = 0.0
    had: float = 0.0
    attempts: list[str] = field(default_factory=list[str])
    _ended: dict[str, tuple[float, datetime]] = field(default_factory=dict[str, tuple[float, datetime]])

    @property
    def value(self) -> float:
        """The probability to learn a unit that one does not have, by one attempt at it."""
        return min((self.chances * self.usual + self.taken) / (self.chances + self.had), MOST)

    def ended(self, unit: str, p: float, at: datetime) -> None:
        """After an attempt: its unit's estimate p, before what the attempt itself may have taught."""
        self._ended[unit] = (p, at)

    def watch(self, one: Observation) -> None:
        """Before an answer is weighed: how likely it makes it that the attempt before had taught the unit.

        The expectation step of a two-state model, taken once for each answer.
        """
        if not one.is_question or one.assisted or one.is_placed or one.unit not in self._ended:
            return
        had_it, at = self._ended[one.unit]
        if one.at - at >= SAME_DAY:
            return
        right, lucky = (1 - self.slip, one.guess) if one.correct else (self.slip, 1 - one.guess)
        learned = (1 - had_it) * self.value * right
        not_learned = (1 - had_it) * (1 - self.value) * lucky
        every_case = had_it * right + learned + not_learned
        self.taken += learned / every_case
        self.had += (learned + not_learned) / every_case
        self.attempts.append(one.attempt)
