"""Troubles with a model: told once each time that one begins, and not met twice in a turn."""

from __future__ import annotations

from dataclasses import dataclass

from tutor_error import TutorError


@dataclass
class Troubles:
    """now: the code of the trouble that lasts; in_turn: it was met in this turn already."""

    now: str | None = None
    in_turn: bool = False

    def begin_turn(self) -> None:
        self.in_turn = False

    def meet(self, error: TutorError) -> str:
        """What to tell the learner; empty when they know of it."""
        is_new = error.code != self.now
        self.now, self.in_turn = error.code, True
        return f"{error} I answer by myself." if is_new else ""

    def over(self) -> None:
        self.now = None
