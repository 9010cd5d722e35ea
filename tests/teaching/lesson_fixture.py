"""A small lesson on gradient descent with its misconceptions, read as authored content is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from knowledge.page import Lesson, read_lesson
from knowledge.unit import ExplainQuestion, Misconception, Unit

FIXTURES = Path(__file__).with_name("fixtures")
DOWNHILL = Misconception(
    id="gradient-points-downhill",
    belief="The gradient points downhill, towards the minimum.",
    cue=["the gradient points to the minimum", "we follow the gradient down"],
    contrast="At w = 3 the loss w² has gradient +6: the arrow points to larger w, where the loss is larger.",
    repair="For the loss w² at w = 3, does the gradient point towards larger or smaller losses?",
    accepted_repairs=["larger losses", "towards larger w, where the loss is larger", "uphill"],
    units=["gradient-descent-fixture"],
)
FASTER = Misconception(
    id="larger-rate-is-always-faster",
    belief="A larger learning rate always reaches the minimum faster.",
    cue=["bigger learning rate means faster convergence", "the higher the rate the sooner it is done"],
    contrast="On w² a rate of 1.1 takes w from 1 to -1.2 to 1.44: each step is farther away.",
    repair="Start at w = 1 on w² with rate 1.1. Is w after two steps nearer to 0 or farther away?",
    accepted_repairs=["farther away", "it is farther from 0"],
    units=["gradient-descent-fixture"],
)
MISCONCEPTIONS = {DOWNHILL.id: DOWNHILL, FASTER.id: FASTER}


@cache
def gradient_descent() -> Lesson:
    unit = Unit(
        id="gradient-descent-fixture", kind="lesson", title="Gradient descent", track="training", level=2
    )
    return read_lesson(FIXTURES / "gradient-descent.md", unit)


def explain_question() -> ExplainQuestion:
    question = gradient_descent().question("q3")
    assert isinstance(question, ExplainQuestion)
    return question
