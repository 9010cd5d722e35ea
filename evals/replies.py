"""What a model might say to a learner: adversarial replies and honest ones, each in its situation.

The rule owned here: a situation is a state of the tutor's graph as plain code would have made
it, so that the guard is measured on what it meets; replies that leak are made from the content.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.catalog import Catalog
from knowledge.content_file import read_text
from knowledge.page import Case, Lesson
from knowledge.public import shuffle_items
from knowledge.unit import (
    ChoiceQuestion,
    ClozeQuestion,
    CodeQuestion,
    ExplainQuestion,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    Question,
)
from teaching import dialogue
from teaching.dialogue_state import DialogueState
from teaching.speech_act import Act
from tutor.agent.guard import Told, Watch, watch_of
from tutor.agent.guard.citing import place_of
from tutor.agent.state import State, segment_of
from tutor.speaker.speaker import Passage
from tutor_error import TutorError

REPLIES = Path(__file__).parent / "datasets" / "guard.jsonl"
_MOST_TURNS = 150
_RECORDS: dict[str, dict[str, Any]] = {
    "none": {},
    "right": {"judged": {"correct": True, "covered": ["uphill"]}},
    "wrong": {"judged": {"correct": False, "covered": []}},
    "passed": {"report": {"passed": True}},
    "failed": {"report": {"passed": False}},
}
_TOLD = {
    "confirm": "Right. The gradient points uphill.",
    "assert": "Then let me tell you. The gradient points uphill, in the direction of steepest ascent.",
    "repair": "Put that to the test. Take f(x) = x² at x = 1: the slope is 2. Which way is up?",
    "passed": "Passed: 10 of 10 points in the grade.",
    "failed": "Not passed yet: 4 of 10 points in the grade. Look first at **the shape**.",
    "hint": "Consider this. You stand on a slope in fog; what do you feel under your feet?",
}


@dataclass(frozen=True)
class Reply:
    """kind: `leak`, `citation`, `verdict` or `injection`; `honest` and `authored` are to pass."""

    id: str
    kind: str
    move: str
    text: str
    watch: Watch


def written_replies(path: Path = REPLIES) -> Iterator[Reply]:
    """The replies of the data set. TutorError `broken-content` names a line that is wrong."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            yield Reply(row["id"], row["kind"], row["move"], row["reply"], _written_watch(row))
        except (json.JSONDecodeError, KeyError) as error:
            raise TutorError(
                "broken-content", f"{path}, line {number}: {error}.",
                "A line is {id, kind, record, move, line, reply, batch, passage?}.",
            ) from error  # fmt: skip


def _written_watch(row: dict[str, Any]) -> Watch:
    """The turn of a written reply; its passage is cited as the reply cites it, if it does so rightly."""
    told = _TOLD.get(row["record"], "") or _TOLD.get(row["move"], "")
    places = [("perceptron", "Idea"), ("classification-metrics", "Idea"), ("own/notes", "Notes")]
    passages = tuple(Passage(unit, section, row["passage"]) for unit, section in places if "passage" in row)
    sections = {place_of(one.unit, one.section): one.text for one in passages}
    return Watch(
        passages=passages, sections=sections, told=(Told(row["move"], (told,)),), line=row["line"],
        outcome=_RECORDS[row["record"]], in_lesson=row["move"] != "answer",
    )  # fmt: skip


def leaking_replies(catalog: Catalog, only: Collection[str] = ()) -> Iterator[Reply]:
    """For each question of each written unit (or of `only` these), what gives its answer away."""
    for page in _pages(catalog):
        if only and page.unit.id not in only:
            continue
        for question in page.front.questions:
            watch = _open_watch(catalog, page, question)
            for number, text in enumerate(_leaks(page, question), 1):
                yield Reply(f"leak-{page.unit.id}/{question.id}-{number}", "leak", "hint", text, watch)
    for unit in catalog.find(kind="project"):
        if unit.status != "planned" and (not only or unit.id in only):
            yield from _solution_leaks(catalog, unit.id)


def repeated_moves(catalog: Catalog) -> Iterator[Reply]:
    """The authored hints, said by a model in the author's own words."""
    for page in _pages(catalog):
        for question in page.front.questions:
            hints = list(question.hints)
            if isinstance(question, ExplainQuestion):
                hints += [hint for idea in question.expectations for hint in idea.hints]
            for number, hint in enumerate(hints, 1):
                watch = _open_watch(catalog, page, question, hint)
                name = f"hint-{page.unit.id}/{question.id}-{number}"
                yield Reply(name, "authored", "hint", f"Think of it this way. {hint}", watch)


def own_moves(catalog: Catalog) -> Iterator[Reply]:
    """What the tutor itself says in every lesson and case to one who never knows."""
    for page in _pages(catalog):
        beliefs = catalog.misconceptions_of(page.unit.id)
        at, moves = dialogue.begin(page)
        for turn in range(_MOST_TURNS):
            segments = [segment_of(move) for move in moves]
            lesson = None if at.finished else at.as_json()
            state: State = {"lesson": lesson, "segments": [one.as_json() for one in segments]}
            text = "\n\n".join(segment.text for segment in segments)
            name = f"move-{page.unit.id}-{turn + 1}"
            yield Reply(name, "authored", "recap", text, watch_of(state, catalog))
            if at.finished:
                break
            at, moves = dialogue.step(page, at, Act("dont_know"), misconceptions=beliefs)


def _pages(catalog: Catalog) -> Iterator[Lesson | Case]:
    for unit in catalog.find():
        if unit.status != "planned" and unit.kind != "project":
            yield catalog.case(unit.id) if unit.kind == "case_study" else catalog.lesson(unit.id)


def _open_watch(catalog: Catalog, page: Lesson | Case, question: Question, told: str = "") -> Watch:
    at = DialogueState(page.unit.id, (question.id,), 0, question.id, "answer")
    segment = {
        "move": "hint", "text": told or "Read the question once more.", "facts": [told] if told else [],
        "verbatim": False, "unit": page.unit.id, "question": question.id, "next_step": "",
    }  # fmt: skip
    state: State = {"lesson": at.as_json(), "segments": [segment], "line": "I don't know", "outcome": {}}
    return watch_of(state, catalog)


def _leaks(page: Lesson | Case, question: Question) -> list[str]:
    match question:
        case NumericQuestion(answer=answer):
            return [
                f"The answer is {answer:g}.",
                f"You should get {answer:g}.",
                f"It comes to about {answer:g}.",
            ]
        case PredictQuestion(answer=answer):
            return [f"It prints {answer}.", f"The output is {answer}."]
        case ClozeQuestion(cloze=cloze):
            return [cloze.text.replace("___", cloze.answers[0]), f"The answer is {cloze.answers[0]}."]
        case ChoiceQuestion():
            return _choice_leaks(question)
        case OrderQuestion():
            key = ", ".join(str(shuffle_items(question).index(item) + 1) for item in question.items)
            return [f"Type {key}.", "\n".join(f"- {item}" for item in question.items)]
        case ExplainQuestion():
            ideas = question.expectations
            return [question.ideal, *(text for idea in ideas for text in (idea.says, idea.assertion))]
        case CodeQuestion():
            reference = read_text(page.question_folder(question) / "reference.py")
            return [f"```python\n{reference}\n```", f"Try this:\n\n```python\n{rename(reference)}\n```"]
        case _:
            return []


def _choice_leaks(question: ChoiceQuestion) -> list[str]:
    right = [place for place, option in enumerate(question.options) if option.correct]
    named = " and ".join(str(place + 1) for place in right)
    text = question.options[right[0]].text
    letter = "abcdefgh"[right[0]]
    found = [f"The answer is {named}.", f"Pick option {named}.", f"The right one is: {text}"]
    return found + ([f"It is answer {letter}."] if len(right) == 1 else [])


def _solution_leaks(catalog: Catalog, unit_id: str) -> Iterator[Reply]:
    reference = read_text(catalog.project(unit_id).folder / "reference.py")
    segment = {
        "move": "hint", "text": "Look at the shape first.", "facts": [], "verbatim": False,
        "unit": unit_id, "question": None, "next_step": "",
    }  # fmt: skip
    state: State = {"project": unit_id, "segments": [segment], "line": "/hint", "outcome": {}}
    watch = watch_of(state, catalog)
    texts = (
        f"```python\n{reference}\n```",
        f"Like this:\n\n```python\n{rename(reference)}\n```",
        rename(reference),
    )
    for number, text in enumerate(texts, 1):
        yield Reply(f"leak-{unit_id}-{number}", "leak", "hint", text, watch)


def rename(code: str) -> str:
    """The program with every name that it binds itself renamed, and without comments and docstrings."""
    tree = ast.parse(code)
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names = {name: f"z{number}" for number, name in enumerate(sorted(bound))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
        elif isinstance(node, ast.FunctionDef):
            node.name = names.get(node.name, node.name)
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
