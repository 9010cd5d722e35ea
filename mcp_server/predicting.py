"""Predictions of a run's outcome, and how the run itself judges them.

The rule owned here: a verdict on a prediction is an event of its own, written once, when the run has ended.
"""

from __future__ import annotations

import math

from mcp_server.background import Run
from mcp_server.context import ServerContext
from mcp_server.run_reply import JudgedPrediction

_TOLERANCE = 0.05
_VERDICT = ".verdict"
"""Ends the attempt id of the event that says whether a prediction was right."""


def is_right(prediction: str, actual: str) -> bool:
    """Numbers within 5 % of the outcome, other texts the same but for case and spaces."""
    try:
        said, seen = float(prediction), float(actual)
    except ValueError:
        return prediction.lower().split() == actual.lower().split()
    return math.isclose(said, seen, rel_tol=_TOLERANCE, abs_tol=1e-9)


def judge_predictions(context: ServerContext, run: Run, actual: str | None) -> list[JudgedPrediction]:
    """Each prediction with its verdict; the verdict is kept as an event of its own, once."""
    judged: list[JudgedPrediction] = []
    for event in context.records.events(context.learner, kind="predicted", item=run.id):
        if event.attempt.endswith(_VERDICT):
            continue
        told = JudgedPrediction.model_validate({**event.payload, "attempt": event.attempt})
        if actual is not None:
            right = is_right(told.prediction, actual)
            told = told.model_copy(update={"correct": right, "actual": actual})
            payload = told.model_dump(exclude={"attempt"}) | {"of": event.attempt}
            context.records.append(
                context.learner, "predicted", f"{event.attempt}{_VERDICT}", run.unit, run.id, payload
            )
        judged.append(told)
    return judged


def last_line(stdout: str) -> str:
    lines = [line.strip() for line in stdout.splitlines() if line.strip()]
    return lines[-1] if lines else ""
