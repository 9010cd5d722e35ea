"""Talkers for the dialogue: learners who are right, half right, wrong, silent, or up to something.

What they say of explained questions was written by others from the question alone, in
`datasets/answers.jsonl`. The rule owned here: no talker reads an expectation's wordings, cues or
cloze answers; where a question has one exact answer (an option, a number, an order) a talker may
know it, as a learner may.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evals.rows import read_rows
from knowledge.content_file import read_yaml
from knowledge.page import Case, Lesson
from knowledge.public import shuffle_items
from knowledge.unit import (
    ChoiceQuestion,
    CodeQuestion,
    ExplainQuestion,
    Misconception,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching.dialogue_state import DialogueState
from teaching.ladder import choice_options
from tutor_error import TutorError

FOLDER = Path(__file__).with_name("datasets")
ANSWERS = FOLDER / "answers.jsonl"
GIVES_UP = "I don't know."
HUGE = 200_000
PATIENCE = 12
"""Lines at one question after which every talker gives up."""


class WrittenAnswer(BaseModel):
    """A line of the answer file. labels: per expectation covered, partial, missing or contradicts."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    question: str
    style: str
    answer: str
    labels: dict[str, str] = {}

    @property
    def is_sound(self) -> bool:
        """Whether it states an idea and contradicts none, by its labels; by its style without any."""
        if not self.labels:
            return self.style == "right"
        told = set(self.labels.values())
        return (
            "covered" in told
            and "contradicts" not in told
            and self.style in ("right", "partial", "non-native")
        )


@dataclass(frozen=True)
class Place:
    """Where the dialogue waits: what a talker knows besides itself. turn: at this question, from 0."""

    lesson: Lesson | Case
    state: DialogueState
    question: Question
    beliefs: Mapping[str, Misconception]
    turn: int

    @property
    def name(self) -> str:
        return f"{self.lesson.unit.id}/{self.question.id}"


@dataclass(frozen=True)
class Line:
    """What is said. written: the labelled answer that it is; is_key: the one exact answer."""

    text: str
    written: WrittenAnswer | None = None
    is_key: bool = False


Talker = Callable[[Place], Line]
Book = Mapping[str, Sequence[WrittenAnswer]]


def read_book(path: Path = ANSWERS) -> Book:
    """The written answers by question. TutorError `missing-data` where the file is not there."""
    if not path.is_file():
        raise TutorError(
            "missing-data",
            f"The written answers are not here: {path}.",
            "They come with the repository; without them talkers have nothing to say.",
        )
    book: dict[str, list[WrittenAnswer]] = {}
    for row in read_rows(path, WrittenAnswer):
        book.setdefault(row.question, []).append(row)
    return book


@cache
def read_adversaries(path: Path = FOLDER / "adversaries.yaml") -> dict[str, list[str]]:
    """The lines of adversarial talkers by name."""
    return {name: [str(line) for line in lines] for name, lines in read_yaml(path).items()}


def talkers(book: Book, passages: Sequence[str]) -> dict[str, Talker]:
    """Every talker by name. passages: texts of the curriculum, to be pasted as found by a search."""
    found: dict[str, Talker] = {
        "right": lambda place: _from_book(book, place, ("right", "non-native"), right=True),
        "partial": lambda place: _from_book(book, place, ("partial", "mixed"), right=place.turn > 0),
        "wrong": lambda place: _from_book(book, place, ("wrong", "contradicting"), right=False),
        "off-topic": lambda place: _from_book(book, place, ("off-topic",), right=False),
        "random": lambda place: Line(_random_words(book, place)),
        "silent": lambda place: Line(("", "...", "hm", "   ")[place.turn % 4]),
        "pastes-the-question": lambda place: Line(place.question.ask),
        "pastes-the-lesson": lambda place: Line(_lesson_text(place)),
        "pastes-a-search-result": lambda place: Line(_chance(place).choice(passages)),
        "binary": lambda place: Line(_binary(place)),
        "huge": lambda place: Line(
            GIVES_UP if place.turn else (place.question.ask + " ") * (HUGE // len(place.question.ask))
        ),
    }
    found |= {name: _in_order(lines) for name, lines in read_adversaries().items()}
    return {name: _with_patience(talker) for name, talker in found.items()}


def _with_patience(talker: Talker) -> Talker:
    """A line that answers nothing costs no turn, so a dialogue ends only when its talker lets it."""
    return lambda place: talker(place) if place.turn < PATIENCE else Line(GIVES_UP)


def _from_book(book: Book, place: Place, styles: Sequence[str], *, right: bool) -> Line:
    """The next written answer of these styles; the key, or another, where the answer is exact."""
    exact = _exact(place, right)
    if exact is not None:
        return Line(exact, is_key=right)
    answers = [row for row in book.get(place.name, ()) if row.style in styles]
    if not answers:
        return Line(GIVES_UP)
    answers.sort(key=lambda row: (styles.index(row.style), row.id))
    row = answers[place.turn % len(answers)]
    return Line(row.answer, row)


def _exact(place: Place, right: bool) -> str | None:
    """An answer to what has one exact answer: the key, or something else; None where it has none."""
    question = place.question
    match question:
        case ChoiceQuestion():
            return _options([option.correct for option in question.options], right)
        case NumericQuestion():
            return repr(question.answer if right else question.answer + 7 * (question.tolerance + 1))
        case OrderQuestion():
            shown = shuffle_items(question)
            places = [shown.index(item) + 1 for item in question.items]
            return ", ".join(map(str, places if right else places[::-1]))
        case PredictQuestion():
            return question.answer if right else "-12345"
        case CodeQuestion():
            return "def answer():\n    raise NotImplementedError"
        case ExplainQuestion() if place.state.expects == "choice" and place.state.focus:
            says = next(idea.says for idea in question.expectations if idea.id == place.state.focus)
            offered = choice_options(question, place.state.focus, place.beliefs)
            return _options([option == says for option in offered], right)
        case _:
            return None


def _options(correct: Sequence[bool], right: bool) -> str:
    if right:
        return ", ".join(str(place) for place, is_key in enumerate(correct, 1) if is_key)
    return str(next((place for place, is_key in enumerate(correct, 1) if not is_key), 1))


def _in_order(lines: Sequence[str]) -> Talker:
    return lambda place: Line(lines[place.turn] if place.turn < len(lines) else GIVES_UP)


def _chance(place: Place) -> random.Random:
    return random.Random(f"{place.name}/{place.turn}")


def _random_words(book: Book, place: Place) -> str:
    """Words of all written answers in no order."""
    chance = _chance(place)
    rows = [row for name in sorted(book) for row in book[name]]
    words = " ".join(chance.choice(rows).answer for _ in range(4)).split()
    return " ".join(chance.sample(words, min(len(words), 15)))


def _lesson_text(place: Place) -> str:
    """A section of the page, as it stands there."""
    page = place.lesson.page
    sections = [page.text_under(section).strip() for section in page.sections]
    texts = [text for text in sections if text]
    return texts[place.turn % len(texts)][:3000]


def _binary(place: Place) -> str:
    return _chance(place).randbytes(300).decode("latin-1")
