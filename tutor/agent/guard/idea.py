"""Whether a text says an idea that the learner is still to say, in whatever words.

The rule owned here: an idea counts as given away by the measure by which a learner's answer
would cover it, and only where the move's own words do not say it too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from knowledge.sentence import sentences
from knowledge.unit import Expectation, ExplainQuestion
from teaching.features import Proposition
from teaching.matching import COVERS, believe


def open_ideas(question: ExplainQuestion, said: Collection[str]) -> tuple[Expectation, ...]:
    """The question's ideas that neither the learner nor the tutor has said."""
    return tuple(idea for idea in question.expectations if idea.id not in said)


def gives_idea(
    question: ExplainQuestion, ideas: Sequence[Expectation], text: str, shown: Sequence[str]
) -> bool:
    """Whether one of the ideas is said in the text; shown: words that this move may say."""
    meant = [
        Proposition(question.ask, (idea.says, *idea.variants), (question.ask, *idea.partial, *idea.hints))
        for idea in ideas
    ]
    known = "\n".join(" ".join(one.split()) for one in shown)
    given = [_said_in(sentence, meant) for sentence in _sentences(text) if sentence not in known]
    told = [_said_in(sentence, meant) for one in shown for sentence in _sentences(one)] if any(given) else []
    return bool(set().union(*given) - set().union(*told))


def _said_in(sentence: str, meant: Sequence[Proposition]) -> set[int]:
    return {place for place, belief in enumerate(believe(sentence, meant)) if belief.p >= COVERS}


def _sentences(text: str) -> list[str]:
    return [sentence for line in text.split("\n") for sentence in sentences(line)]
