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
    r"differences? between|on my (?:own )?data|step by step|with (?:real )?numbers|work(?:ed)? through)\b",
    re.IGNORECASE,
)
_LETTERS = 7
_LEAST_SHARE = 0.5
"""Of the question's terms that authored sentences must hold to answer it well."""


def is_open(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question asks for more than a passage tells, or the passages answer it poorly."""
    if _WANTS_MORE.search(question):
        return True
    asked = {term[:_LETTERS] for term in asked_terms(question)}
    said = " ".join(f"{one.passage.title} {one.markdown}" for one in extract_answer(question, passages))
    held = asked & {term[:_LETTERS] for term in terms(said)}
    return bool(asked) and len(held) < _LEAST_SHARE * len(asked)
