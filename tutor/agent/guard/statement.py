"""Which sentences state a fact, and which only talk, ask or ask for something.

The rule owned here: in doubt a sentence is a statement, because an unmarked fact without a
source is worse than a mark too many.
"""

from __future__ import annotations

import re

from tutor.agent.guard.phrases import hears, phrases
from tutor.speaker.prose import terms

_LEAST_TERMS = 2
_COMMAND = re.compile(r"^\W*`/\w+")


def is_statement(sentence: str) -> bool:
    """Whether a sentence claims something about the subject."""
    text = sentence.strip().strip("*_ ")
    for lead in phrases("lead"):
        text = lead.sub("", text, count=1)
    if not text or text.rstrip('*_"”’ ').endswith(("?", ":")) or text.startswith(("```", "$$", "|")):
        return False
    if hears("talk", text) or hears("asked_of_you", text) or _COMMAND.match(text):
        return False
    return len(set(terms(text))) >= _LEAST_TERMS
