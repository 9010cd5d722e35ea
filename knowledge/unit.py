"""What a unit is: the strict records that lesson, project and case files are read into.

The one rule owned here: a content file either becomes one of these records whole, or
is refused with the key that is wrong (see `content_file.py`). `docs/formats.md` tells
the same in prose; `schemas/` holds the JSON Schemas made from these classes.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

FORMAT = 1
Kind = Literal["lesson", "project", "case_study"]
Status = Literal["planned", "authored", "verified"]
TRACKS = (
    "math", "python", "classical-ml", "neural-networks", "training", "vision", "sequence-nlp",
    "transformers-llms", "embeddings-rag", "agents-mcp", "rl", "generative", "mlops",
    "evaluation-ethics", "case-studies",
)  # fmt: skip

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
UnitId = Annotated[str, Field(pattern=r"^(?:[a-z0-9]+(?:-[a-z0-9]+)*:)?[a-z0-9]+(?:-[a-z0-9]+)*$")]
"""A unit of the curriculum by its name, or one of a pack by `namespace:name`."""
Level = Annotated[int, Field(ge=1, le=5)]
Text = Annotated[str, Field(min_length=1)]
SymbolName = Annotated[str, Field(pattern=r"^[^\W\d_]+(?:_?[^\W_]+)*$", max_length=20)]


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unit(Record):
    """One row of `units.csv`, or a unit of a pack, with the status of its content on this disk."""

    id: UnitId
    kind: Kind
    title: Text
    track: str
    level: Level
    prerequisites: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    status: Status = "planned"

    @property
    def namespace(self) -> str:
        """The pack that it belongs to; empty for a unit of the curriculum."""
        return namespace_of(self.id)

    @property
    def name(self) -> str:
        """Its id without the namespace, as its own files give it."""
        return self.id.rpartition(":")[2]


def namespace_of(unit_id: str) -> str:
    """The namespace of a unit's or question's id; empty in the curriculum."""
    return unit_id.rpartition(":")[0]


def file_name(unit_id: str) -> str:
    """The id as a file's or folder's name, also where a colon may not stand; no two ids share one."""
    return unit_id.replace(":", "--")


class Reference(Record):
    """A publication that stands behind the text; one of doi, arxiv, isbn, url is required."""

    authors: Text
    title: Text
    year: Annotated[int, Field(ge=1600, le=2100)]
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/\S+$")
    arxiv: str | None = Field(default=None, pattern=r"^\d{4}\.\d{4,5}$|^[a-z-]+(\.[A-Z]{2})?/\d{7}$")
    isbn: str | None = Field(default=None, pattern=r"^[\d-]{10,17}X?$")
    url: str | None = Field(default=None, pattern=r"^https://\S+$")

    @model_validator(mode="after")
    def _can_be_found(self) -> Reference:
        if not (self.doi or self.arxiv or self.isbn or self.url):
            raise ValueError("a reference needs one of doi, arxiv, isbn or url")
        return self


class Option(Record):
    text: Text
    correct: bool = False
    misconception: Slug | None = None


class Cloze(Record):
    """A sentence with one blank, written `___`, and the words that fill it."""

    text: Annotated[str, Field(pattern=r"___")]
    answers: Annotated[list[str], Field(min_length=1)]


class Expectation(Record):
    """One proposition that a full answer contains, and the ladder that leads to it."""

    id: Slug
    says: Text
    variants: Annotated[list[str], Field(min_length=3)]
    partial: Annotated[list[str], Field(min_length=1)]
    hints: Annotated[list[str], Field(min_length=2)]
    cloze: Cloze
    assertion: Text


class AnyQuestion(Record):
    """What all questions share. `why` is told after the answer; `hints` lead before it."""

    id: Slug
    ask: Text
    hints: list[str] = []


class ChoiceQuestion(AnyQuestion):
    kind: Literal["choice"]
    options: Annotated[list[Option], Field(min_length=2)]
    why: Text

    @field_validator("options")
    @classmethod
    def _in_no_telling_order(cls, options: list[Option]) -> list[Option]:
        """Authors tend to write the right option first; learners see an order that tells nothing."""
        return sorted(options, key=lambda option: hashlib.sha256(option.text.encode()).digest())

    @model_validator(mode="after")
    def _one_is_right(self) -> ChoiceQuestion:
        if not any(option.correct for option in self.options):
            raise ValueError("mark at least one option `correct: true`")
        return self


class WrongValue(Record):
    """A number that a known misconception yields."""

    value: float
    misconception: Slug


class NumericQuestion(AnyQuestion):
    kind: Literal["numeric"]
    answer: float
    tolerance: Annotated[float, Field(ge=0)]
    unit: str = ""
    compute: str | None = None
    """Python expression or block that leaves the answer in `answer`; `verify` runs it."""
    wrong: list[WrongValue] = []
    why: Text


class FormulaSymbol(Record):
    """A name that a formula may use, told to the learner.

    domain: what values it takes; `unit` lies between 0 and 1, `whole` is 1, 2, 3 and so on, `count`
    is the number of items of the data. each: it has a value an item, met under `sum` or `mean`.
    also: other spellings.
    """

    says: Text
    domain: Literal["real", "positive", "unit", "whole", "count"] = "real"
    each: bool = False
    also: list[SymbolName] = []


class WrongFormula(Record):
    """A formula that a known misconception yields."""

    formula: Text
    misconception: Slug


class FormulaQuestion(AnyQuestion):
    """Answered by any formula that equals `answer`, up to a constant or a factor where it says so.

    accepts: other forms of the answer; `verify` proves that they equal it.
    """

    kind: Literal["formula"]
    answer: Text
    symbols: Annotated[dict[SymbolName, FormulaSymbol | Text], Field(min_length=1)]
    accepts: list[Text] = []
    up_to: Literal["constant", "factor"] | None = None
    wrong: list[WrongFormula] = []
    why: Text


class ClozeQuestion(AnyQuestion):
    kind: Literal["cloze"]
    cloze: Cloze
    why: Text


class OrderQuestion(AnyQuestion):
    """Items are authored in the right order; learners see them shuffled."""

    kind: Literal["order"]
    items: Annotated[list[str], Field(min_length=3)]
    why: Text


class PredictQuestion(AnyQuestion):
    """Predict what `code` prints on its last line, then run it."""

    kind: Literal["predict"]
    code: Text
    answer: str
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    why: Text


class CodeQuestion(AnyQuestion):
    """Starter, reference and checks lie in the folder `<lesson id>/<question id>/`."""

    kind: Literal["code"]


class ExplainQuestion(AnyQuestion):
    kind: Literal["explain"]
    ideal: Text
    expectations: Annotated[list[Expectation], Field(min_length=3, max_length=5)]
    misconceptions: Annotated[list[Slug], Field(min_length=2)]

    @model_validator(mode="after")
    def _ids_differ(self) -> ExplainQuestion:
        ids = [expectation.id for expectation in self.expectations]
        if len(set(ids)) != len(ids):
            raise ValueError("two expectations share an id")
        return self


Question = Annotated[
    ChoiceQuestion
    | NumericQuestion
    | FormulaQuestion
    | ClozeQuestion
    | OrderQuestion
    | PredictQuestion
    | CodeQuestion
    | ExplainQuestion,
    Field(discriminator="kind"),
]


Asked = dict[Slug, list[Text]]
"""Questions in learners' words, by the anchor of the section of the upper level that answers them."""


class FrontMatter(Record):
    """The head of a lesson or case file. Its body is in `Page`."""

    format: Literal[1]
    id: Slug
    title: Text
    track: str
    level: Level
    minutes: Annotated[int, Field(ge=5, le=240)]
    prerequisites: list[UnitId] = []
    covers: dict[str, str] = {}
    introduces: list[str] = []
    asked: Asked = {}
    objectives: Annotated[list[str], Field(min_length=1)]
    references: Annotated[list[Reference], Field(min_length=1)]
    questions: Annotated[list[Question], Field(min_length=2)]

    @model_validator(mode="after")
    def _question_ids_differ(self) -> FrontMatter:
        ids = [question.id for question in self.questions]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions share an id")
        return self


class LessonFrontMatter(FrontMatter):
    """mentions: terms of later lessons that this one names and explains in passing."""

    mentions: list[str] = []


class CaseFrontMatter(FrontMatter):
    kind: Literal["case_study"]


class Budget(Record):
    """What one grade of the reference may use; `memory_mb` and `seconds` bound learners too."""

    seconds: Annotated[float, Field(gt=0, le=3600)]
    memory_mb: Annotated[int, Field(ge=256)]
    gpu: Literal["none", "optional", "required"] = "none"
    proof_seconds: float | None = None
    proof_reason: str | None = None


class ProjectFile(Record):
    """`project.yaml`, of a project or of a case's lab."""

    format: Literal[1]
    id: Slug
    title: Text
    track: str
    level: Level
    minutes: Annotated[int, Field(ge=10, le=3000)]
    prerequisites: list[UnitId] = []
    covers: dict[str, str] = {}
    asked: Asked = {}
    lab: Slug = "base"
    budget: Budget
    files: list[str] = []


class Misconception(Record):
    """A belief that learners really hold, and what moves them off it.

    belief: the wrong sentence, as a learner would say it.
    cue: phrases by which it is recognised in an answer.
    contrast: a case in which the belief predicts one thing and reality shows another.
    repair: a question whose answer undoes it; accepted_repairs: right answers to that.
    """

    id: Slug
    belief: Text
    cue: Annotated[list[str], Field(min_length=2)]
    contrast: Text
    repair: Text
    accepted_repairs: Annotated[list[str], Field(min_length=1)]
    units: Annotated[list[str], Field(min_length=1)]
