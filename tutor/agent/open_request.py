"""Which questions want more than the passages found: an example, a comparison, something tried out.

The rule owned here: plain code says so, from the question and the passages; the model is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.speaker.extract import asked_terms, extract_answer
from tutor.speaker.prose import terms
from tutor.speaker.speaker import Passage

_WANTS_MORE = re.compile(
    r"\b(?:examples?|demonstrat\w+|demo|try (?:it|this|that|them|out)|simulat\w+|plot|experiment|"
    r"run (?:it|some|an?|this)|comput(?:e|ing) (?:it|this|an?|the|some)|calculat\w+|compar\w+|versus|vs|"
    r"differences? between|on my (?:own )?data|step by step|with (?:real )?numbers|numerically|"
    r"work(?:ed)? through|(?:test|check) (?:it|this|that)|(?:better|worse) than|what (?:would|if)|"
    r"how sensitive|how (?:do|does|are) .{1,60} relate\w*|explain .{1,40} to (?:a|an|my) \w+|i have)\b",
    re.IGNORECASE,
)
_LETTERS = 7
LEAST_SHARE = 0.65
"""Of the question's terms that authored sentences must hold to answer it well. Chosen, like the words
above, on half of the labelled requests; `evals run requests` reports the other half."""


def is_open(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question asks for more than a passage tells, or the passages answer it poorly."""
    return _WANTS_MORE.search(question) is not None or share_told(question, passages) < LEAST_SHARE


def share_told(question: str, passages: Sequence[Passage]) -> float:
    """The share, 0 to 1, of the question's terms that its authored answer holds; 1 when it has none."""
    asked = {term[:_LETTERS] for term in asked_terms(question)}
    said = " ".join(f"{one.passage.title} {one.markdown}" for one in extract_answer(question, passages))
    held = asked & {term[:_LETTERS] for term in terms(said)}
    return len(held) / len(asked) if asked else 1.0
