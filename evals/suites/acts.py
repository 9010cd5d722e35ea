"""Is a learner's line taken for what it does: an answer, a plea for help, a question, a command?

Lines before open questions of every kind, labelled before the rules were written. The one rule
owned here: an answer that is taken for something else is lost, so answers are counted apart.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from evals.labelled import FOLDER, read_questions
from evals.metrics import f1_by_class, mean
from evals.record import Sample
from evals.rows import read_rows
from evals.run import Context
from knowledge.content_file import parse, read_yaml
from knowledge.embed import open_embedder
from knowledge.unit import Question
from teaching.dialogue_state import DialogueState
from teaching.speech_act import ActKind, Command
from teaching.turn import act_of_line

NAME = "acts"
DESCRIPTION = "what a learner's line does is recognised, and an answer is never lost"
FLOORS = {
    "macro_f1": 0.85,
    "answers_kept": 0.98,
    "words.macro_f1": 0.8,
    "words.answers_kept": 0.98,
    "second.answers_kept": 0.95,
    "unseen.macro_f1": 0.6,
    "unseen.answers_kept": 0.95,
}
ACTS: tuple[str, ...] = get_args(ActKind)


class _Questions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    questions: list[Question]


class LabelledLine(BaseModel):
    """`question` is the open one; `command` is what a line that steers asks for.

    round: 1 for lines written before the rules, 2 for those written after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    question: str
    line: str
    act: ActKind
    command: Command | None = None
    round: Literal[1, 2] = 1

    @property
    def split(self) -> Literal["dev", "test", "second", "unseen"]:
        """Halves by a hash of the line, so that no hand moves one. The rules were mended on `second`, too;
        `unseen` is the half of that round which nobody has looked at."""
        if self.round == 2:
            return "unseen" if hashlib.sha256(f"2{self.line.lower()}".encode()).digest()[0] % 2 else "second"
        return "dev" if hashlib.sha256(self.line.lower().encode()).digest()[0] % 2 else "test"


def read_lines(path: Path = FOLDER / "speech_acts.jsonl") -> list[LabelledLine]:
    """One labelled line a line of the file. TutorError `broken-content` names the file and the line."""
    return read_rows(path, LabelledLine)


def open_questions() -> dict[str, Question]:
    """The questions before which the lines are said, by id."""
    path = FOLDER / "speech_acts_questions.yaml"
    short = {question.id: question for question in parse(_Questions, read_yaml(path), path).questions}
    return {**read_questions()[0], **short}


def run(context: Context) -> Iterator[Sample]:
    """One sample a line, read with the embedder (where there is one) and with words alone."""
    embedder, questions = open_embedder(), open_questions()
    for row in read_lines():
        question = questions[row.question]
        state = DialogueState("", (row.question,), 0, row.question, "answer")
        started = time.perf_counter()
        legs = {"words": act_of_line(question, state, row.line)}
        if embedder is not None:
            legs["dense"] = act_of_line(question, state, row.line, embedder)
        given = {"question": row.question, "line": row.line, "act": row.act, "split": row.split}
        output = {leg: act.kind for leg, act in legs.items()}
        scores = {f"{leg}.right": float(act.kind == row.act) for leg, act in legs.items()}
        if row.command:
            scores["command_right"] = float(legs["words"].command == row.command)
        yield Sample(row.id, given, output, scores, seconds=time.perf_counter() - started)


def summary(samples: Sequence[Sample]) -> dict[str, float]:
    """Figures of the test split, plainly with the embedder; `words.*` without it; other splits by name."""
    found: dict[str, float] = {}
    for split, prefix in (("test", ""), ("dev", "dev."), ("second", "second."), ("unseen", "unseen.")):
        own = [sample for sample in samples if sample.input["split"] == split]
        if not own:
            continue
        legs = ("dense", "words") if all("dense" in sample.output for sample in own) else ("words",)
        for leg in legs:
            name = prefix + ("" if leg == legs[0] else "words.")
            pairs = [(str(sample.input["act"]), str(sample.output[leg])) for sample in own]
            found |= {f"{name}{key}": value for key, value in _figures(pairs).items()}
        if len(legs) == 1 and not prefix:
            found |= {f"words.{key}": found[key] for key in ("macro_f1", "answers_kept")}
        steered = [s.scores["command_right"] for s in own if "command_right" in s.scores]
        if steered:
            found[f"{prefix}command_right"] = mean(steered)
    own = [sample for sample in samples if sample.input["split"] in ("test", "second", "unseen")]
    found |= _confusions([(str(s.input["act"]), str(s.output.get("dense", s.output["words"]))) for s in own])
    return found


def _figures(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    by_act = f1_by_class(pairs)
    answers = [said == "answer" for meant, said in pairs if meant == "answer"]
    found = {"lines": float(len(pairs)), "macro_f1": mean(list(by_act.values()))}
    return found | ({"answers_kept": mean([float(kept) for kept in answers])} if answers else {})


def _confusions(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """How many lines of each act were taken for which; the table's empty places are left out."""
    table = {(meant, said): pairs.count((meant, said)) for meant in ACTS for said in ACTS}
    return {f"{meant} as {said}": float(count) for (meant, said), count in table.items() if count}
