"""Judging answers from a file, line by line: what `mltutor evals match` does.

A line is a JSON object `{id, question, expectation, variants, answer}`; for each one comes
back `{id, p, verdict}`. The one rule owned here: nothing is known of a proposition but its
question and the wordings that state it, so a set from anywhere can be measured. Further
keys of a line (labels of one's own) are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from teaching.features import Encoder, Proposition
from teaching.matching import believe
from tutor_error import TutorError

_FORM = 'Write one JSON object a line: {"id", "question", "expectation", "variants": [...], "answer"}.'
LARGEST_LINE = 1_000_000
"""Bytes of a line; a longer one is a mistake, not an answer."""


class MatchLine(BaseModel):
    """One answer and the idea that it is held against. variants: other wordings of the idea, may be empty."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)
    id: str | int
    question: str
    expectation: Annotated[str, Field(pattern=r"\S")]
    variants: list[Annotated[str, Field(pattern=r"\S")]] = []
    answer: str


def match_lines(path: Path, encoder: Encoder | None = None) -> Iterator[dict[str, Any]]:
    """`{id, p, verdict}` for each line as it is read; p: probability that the expectation is covered.

    verdict: covered, missing, contradicts or unsure. TutorError `broken-line` names the first line
    that cannot be read; what came before it has been yielded. `no-file` when there is nothing to read.
    """
    for number, text in _numbered(path):
        line = _read_line(text, path, number)
        item = Proposition(line.question, (line.expectation, *line.variants))
        belief = believe(line.answer, [item], encoder)[0]
        yield {"id": line.id, "p": round(belief.p, 4), "verdict": belief.verdict}


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something, with their numbers from 1."""
    try:
        with path.open("rb") as stream:
            number = 0
            while text := stream.readline(LARGEST_LINE + 1):
                number += 1
                if len(text) > LARGEST_LINE:
                    raise _broken(path, number, f"is longer than {LARGEST_LINE} bytes")
                if text.strip():
                    yield number, text
    except OSError as error:
        raise TutorError(
            "no-file", f"{path} cannot be read ({error.strerror}).", f"Name a file of JSON lines. {_FORM}"
        ) from None


def _read_line(text: bytes, path: Path, number: int) -> MatchLine:
    try:
        value = json.loads(text.decode("utf-8-sig" if number == 1 else "utf-8"))
        return MatchLine.model_validate(value)
    except UnicodeDecodeError as error:
        raise _broken(path, number, f"is not UTF-8 (byte {error.start + 1})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        told = f"`{where}`: {first['msg']}" if where else str(first["msg"])
        raise _broken(path, number, told) from None
    except (ValueError, RecursionError) as error:
        raise _broken(path, number, f"is no JSON ({error})") from None


def _broken(path: Path, number: int, what: str) -> TutorError:
    return TutorError("broken-line", f"{path}, line {number}: {what}.", _FORM)
