"""What a turn's completions took, told as an event when the turn ends in whatever way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from tutor.events import Event, NoticeShown, TokensUsed
from tutor.settings import Settings
from tutor.speaker.openai_compatible import OpenAICompatibleSpeaker
from tutor.speaker.speaker import Speaker
from tutor.speaker.usage import cost_of


class Accounts:
    """Remembers which trouble with counting was told."""

    def __init__(self) -> None:
        self._told = ""

    def tell(self, speaker: Speaker, settings: Settings, pass_on: Callable[[Event], None]) -> None:
        """The tokens of the turn, if a model was asked; and once, that they cannot be summed up."""
        if not isinstance(speaker, OpenAICompatibleSpeaker):
            return
        used = speaker.take_usage()
        if used.requests:
            cost, currency = cost_of(used, settings), settings.currency
            pass_on(TokensUsed(speaker.name, **asdict(used), cost=cost, currency=currency))
        if speaker.uncounted and speaker.uncounted != self._told:
            pass_on(NoticeShown(speaker.uncounted))
        self._told = speaker.uncounted
