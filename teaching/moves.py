"""The tutor's moves and the embedded speaker's words for them.

A move says what the tutor does now; `text` is a whole utterance that needs no model,
`facts` is all that a model may phrase. The one rule owned here: neither holds an answer
that the learner has not earned or been told by this very move.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.public import shuffle_items, symbol_meanings
from knowledge.unit import (
    AnyQuestion,
    ChoiceQuestion,
    ClozeQuestion,
    Expectation,
    ExplainQuestion,
    FormulaQuestion,
    Misconception,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
)

MoveKind = Literal[
    "teach", "ask", "pump", "hint", "prompt", "choice", "assert", "restate", "confirm", "repair", "correct",
    "recap", "decline", "recommend", "example", "fade", "predict", "debug", "compare", "plan", "summary",
    "discuss", "self_review", "remark", "offer", "solution",
]  # fmt: skip
EXCERPT_WORDS = 130
_RUN_MARK = re.compile(r"^(```python) run\b[^\n]*$", re.MULTILINE)
"""What tells `verify` to run a block says nothing to a reader."""


@dataclass(frozen=True)
class Move:
    """expectation: the idea it aims at; options: what to pick from, as shown; section: an anchor."""

    kind: MoveKind
    text: str
    unit: str
    question: str | None = None
    expectation: str | None = None
    options: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    section: str | None = None


def vary(seed: str, wordings: Sequence[str]) -> str:
    """One of several wordings, the same for the same place in the same dialogue."""
    return wordings[zlib.crc32(seed.encode()) % len(wordings)]


def excerpt(markdown: str, most_words: int = EXCERPT_WORDS) -> str:
    """The first whole blocks of a section, fences kept together, up to about `most_words` words."""
    taken: list[str] = []
    count = 0
    for block in _blocks(markdown):
        size = len(block.split())
        if taken and count + size > most_words:
            break
        taken.append(block)
        count += size
    while len(taken) > 1 and taken[-1].endswith(":") and len(taken) < len(_blocks(markdown)):
        taken.pop()  # it announces what is not shown
    return _RUN_MARK.sub(r"\1", "\n\n".join(taken))


def _blocks(markdown: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in markdown.strip("\n").split("\n"):
        opened = re.match(r"(`{3,}|~{3,})", line)
        if opened and (not fence or line.startswith(fence)):
            fence = "" if fence else opened.group(1)
        if not line.strip() and not fence:
            blocks.append([])
        else:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks if block]


def number_options(options: Sequence[str]) -> str:
    return "\n".join(f"{place}. {option}" for place, option in enumerate(options, 1))


def options_of(question: AnyQuestion) -> tuple[str, ...]:
    """What a choice or an order question lists, in the order shown."""
    if isinstance(question, ChoiceQuestion):
        return tuple(option.text for option in question.options)
    return tuple(shuffle_items(question)) if isinstance(question, OrderQuestion) else ()


def question_text(question: AnyQuestion) -> str:
    """A question as it is put to the learner: public text and how to answer."""
    options = options_of(question)
    match question:
        case ChoiceQuestion():
            body = f"{number_options(options)}\n\nType the number of your choice."
        case OrderQuestion():
            body = f"{number_options(options)}\n\nType the numbers in the right order, such as 2, 1, 3."
        case NumericQuestion(unit=unit):
            body = f"Type a number{f' in {unit}' if unit else ''}; a fraction such as 3/4 is fine."
        case FormulaQuestion():
            body = _formula_body(question)
        case ClozeQuestion(cloze=cloze):
            body = f"{cloze.text}\n\nType what belongs in the blank."
        case PredictQuestion(code=code):
            body = f"```python\n{code.rstrip()}\n```\n\nType what its last line prints, before you run it."
        case ExplainQuestion(expectations=expectations):
            body = f"In your own words; I am listening for {len(expectations)} ideas."
        case _:
            body = "Write it in a file; `/grade FILE` runs it. `hint` helps, `skip` passes over it."
    return f"{question.ask}\n\n{body}"


def _formula_body(question: FormulaQuestion) -> str:
    symbols = "\n".join(f"- `{name}`: {says}" for name, says in symbol_meanings(question).items())
    exempt = {None: "", "constant": " A constant that is added may differ.",
              "factor": " A constant factor may differ."}[question.up_to]  # fmt: skip
    return f"Type a formula in\n\n{symbols}\n\nsuch as 2*x^2 or exp(-x)/(1 + x).{exempt}"


def progress(question: ExplainQuestion, covered: Sequence[str]) -> str:
    """How far the learner is, with a blank for each idea that is still missing."""
    total = len(question.expectations)
    lines = [
        f"✓ {idea.says}" if idea.id in covered else f"{place}. ____"
        for place, idea in enumerate(question.expectations, 1)
    ]
    return f"{len(covered)} of {total} ideas so far.\n" + "\n".join(lines)


class Voice:
    """Builds the moves of one question. `seed` is the place in the dialogue, which varies the wording."""

    def __init__(self, unit: str, question: AnyQuestion | None, seed: str) -> None:
        self.unit = unit
        self.question = question
        self.seed = seed

    def move(self, kind: MoveKind, text: str, facts: Sequence[str], idea: Expectation | None = None) -> Move:
        name = self.question.id if self.question else None
        return Move(kind, text, self.unit, name, idea.id if idea else None, facts=tuple(facts))

    def ask(self, question: AnyQuestion, lead: str = "") -> Move:
        body = question_text(question)
        return Move(
            "ask", f"{lead}\n\n{body}".strip(), self.unit, question.id, None, options_of(question), (body,)
        )

    def pump(self, question: ExplainQuestion, covered: Sequence[str]) -> Move:
        lead = vary(
            self.seed,
            ("What else belongs to it?", "Go on: what is still missing?", "There is more to it. What?"),
        )
        return self.move("pump", f"{progress(question, covered)}\n\n{lead}", [progress(question, covered)])

    def hint(self, hint: str, idea: Expectation | None = None) -> Move:
        lead = vary(
            self.seed,
            ("Think of it this way.", "Here is something to lean on.", "Consider this.", "Try this angle."),
        )
        return self.move("hint", f"{lead} {hint}", [hint], idea)

    def prompt(self, idea: Expectation) -> Move:
        lead = vary(
            self.seed, ("Fill in the blank:", "Complete this sentence:", "Which word is missing here?")
        )
        return self.move("prompt", f"{lead}\n\n{idea.cloze.text}", [idea.cloze.text], idea)

    def choice(self, idea: Expectation, options: Sequence[str]) -> Move:
        lead = vary(
            self.seed, ("Which of these do you hold to be true?", "Let us settle it. Which is right?")
        )
        text = f"{lead}\n\n{number_options(options)}\n\nType its number."
        name = self.question.id if self.question else None
        return Move("choice", text, self.unit, name, idea.id, tuple(options), (number_options(options),))

    def tell(self, idea: Expectation) -> Move:
        lead = vary(self.seed, ("Then let me tell you.", "Here is the missing piece.", "This is how it is."))
        return self.move("assert", f"{lead} {idea.assertion}", [idea.assertion], idea)

    def restate(self, idea: Expectation) -> Move:
        text = vary(
            self.seed,
            (
                "Now say it in your own words.",
                "How would you put that to a friend?",
                "Your turn: say the same in your words.",
            ),
        )
        return self.move("restate", text, [text], idea)

    def confirm(self, said: Sequence[str]) -> Move:
        lead = vary(self.seed, ("Right.", "Yes, that is right.", "Correct.", "Exactly right."))
        return self.move("confirm", " ".join((lead, *said)), [lead, *said])

    def repair(self, misconception: Misconception, ask: str) -> Move:
        lead = vary(self.seed, ("Let us test that idea.", "Look at a case.", "Put that to the test."))
        return self.move(
            "repair", f"{lead} {misconception.contrast}\n\n{ask}".strip(), [misconception.contrast, ask]
        )

    def correct(self, said: str) -> Move:
        return self.move("correct", said, [said])

    def recap(self, text: str) -> Move:
        return self.move("recap", text, [text])

    def decline(self) -> Move:
        text = vary(
            self.seed,
            (
                "That is outside what I teach; let us stay with the lesson.",
                "I leave that to others. Back to our question.",
            ),
        )
        return self.move("decline", text, [text])

    def recommend(self) -> Move:
        text = "`/next` shows what fits best now."
        return self.move("recommend", text, [text])
