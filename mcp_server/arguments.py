"""What the tools' arguments are: their types, their bounds, and the words that tell a model what to give.

The rule owned here: every text from a client has a greatest length, and holds neither a null character
nor half of one, so that nothing behind a tool has to ask.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from knowledge.unit import TRACKS

KINDS = ("lesson", "project", "case_study")
MOST_FILES, MOST_TEXT = 200, 5_000_000


def check_plain(text: str) -> str:
    """The text itself; ValueError when it could not be stored or printed."""
    if "\0" in text:
        raise ValueError("it holds a null character; leave that out")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds half a character (a lone surrogate); send whole Unicode text")
    return text


Plain = AfterValidator(check_plain)
Word = Annotated[str, Field(min_length=1, max_length=200), Plain]

Query = Annotated[
    str,
    Field(min_length=1, max_length=2000, description="What to find, in the learner's own words."),
    Plain,
]
Limit = Annotated[int, Field(ge=1, le=20, description="How many passages at most.")]
UnitId = Annotated[Word, Field(description="Id of a unit, such as `perceptron`; list_units tells them.")]
QuestionUnit = Annotated[
    Word, Field(description="Id of a lesson or case study whose questions are asked, such as `perceptron`.")
]
ProjectId = Annotated[
    Word,
    Field(
        description="Id of a project, or of a case study for its lab, such as `iris-knn-classifier`; "
        "list_units with kind `project` tells them."
    ),
]
HintedUnit = Annotated[
    Word, Field(description="Id of a project (or a case study's lab), or of a lesson whose question is hard.")
]
KindName = Annotated[
    Word, Field(description="Only units of this kind.", json_schema_extra={"enum": list(KINDS)})
]
FoundKind = Annotated[
    Word,
    Field(
        description="Only passages of this kind; `material` is what the learner added (units named own/...).",
        json_schema_extra={"enum": [*KINDS, "material"]},
    ),
]
Track = Annotated[
    Word, Field(description="Only units of this track.", json_schema_extra={"enum": list(TRACKS)})
]
SectionTitle = Annotated[
    Word, Field(description="Title of one section, such as `In code`; the whole unit without it.")
]
ProgrammeId = Annotated[
    Word, Field(description="Id of a study programme, such as `dl-roadmap` or `applied-dl-course`.")
]
Minutes = Annotated[int, Field(ge=5, le=720, description="Minutes of study a day.")]
Scope = Annotated[Word, Field(description="A programme's id or a track; without it, all that is written.")]
PlacementSession = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="A name for this placement, chosen by you and the same throughout.",
    ),
    Plain,
]
CheckName = Annotated[
    Word,
    Field(
        description="Id of a check, as a report names it, or of a question; without it the first that failed."
    ),
]
AttemptId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="An id that you choose before the first try, new for every try. The same id again "
        "returns the stored verdict and judges nothing.",
    ),
    Plain,
]
Agreed = Annotated[
    bool,
    Field(
        description="The learner said yes to what it costs. A client that can ask them is not told by this."
    ),
]
StoredAttempt = Annotated[
    str,
    Field(min_length=1, max_length=100, description="The attempt id of a grade that grade_project gave."),
    Plain,
]
QuestionId = Annotated[
    Word,
    Field(
        description="The question's id as ask_question gave it: `unit/question`, or `unit/question/part` for "
        "a smaller step of an explained one."
    ),
]
Answer = Annotated[
    str,
    Field(
        max_length=50_000,
        description="What the learner wrote, unchanged and nothing added: words, a number, an option's "
        "number, or for a code question the file's text.",
    ),
    Plain,
]
Confidence = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="How sure the learner said they are: .95 sure, .75 think so, .4 a guess. Leave it out "
        "unless they said it.",
    ),
]
Code = Annotated[str, Field(max_length=200_000, description="Python source to run."), Plain]
Seconds = Annotated[
    float, Field(gt=0, le=600, allow_inf_nan=False, description="The run is stopped after so many seconds.")
]
Wait = Annotated[
    float,
    Field(ge=0, le=60, allow_inf_nan=False, description="Seconds to wait for the run's end before telling."),
]
KernelSession = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="A name of your choice; variables stay from call to call under the same name.",
    ),
    Plain,
]
RunId = Annotated[Word, Field(description="Id of a run, as start_run gave it.")]
Prediction = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="What the learner expects on the last line that the run prints: a number or a few words.",
    ),
    Plain,
]
_Path = Annotated[str, Field(min_length=1, max_length=4096), Plain]
CodePath = Annotated[
    _Path, Field(description="A .py or .ipynb file on this machine, below a folder that the server may read.")
]
WorkPath = Annotated[
    _Path,
    Field(
        description="The learner's file or workspace folder on this machine, below a folder that the server "
        "may read. Give this or `files`."
    ),
]
FolderPath = Annotated[
    _Path,
    Field(description="Where the workspace is made, below a folder that the server may write; chosen for you "
          "without it."),
]  # fmt: skip
Files = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=300), Plain],
        Annotated[str, Field(max_length=MOST_TEXT), Plain],
    ],
    Field(
        max_length=MOST_FILES,
        description="The learner's code: file names and their text, such as {'solution.py': '...'}. Give "
        "this or `path`.",
    ),
]
