"""A run on disk: what was measured, on which versions, one line a sample.

The one rule owned here: the record is JSON lines and nothing else is needed to report a
run or to compare two. A file holds one block a suite: a header line, then its samples.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tutor_error import TutorError

FORMAT = 1


@dataclass(frozen=True)
class Sample:
    """One thing tried. `scores` are numbers where more is better, by the suite's own names."""

    id: str
    input: Any
    output: Any
    scores: dict[str, float]
    transcript: list[Any] = field(default_factory=list[Any])
    seconds: float = 0.0


@dataclass(frozen=True)
class Header:
    """skipped: why the suite could not run here; empty when it ran."""

    suite: str
    versions: dict[str, str]
    seed: int
    content_hash: str
    started: str
    skipped: str = ""
    format: int = FORMAT


@dataclass(frozen=True)
class SuiteRun:
    header: Header
    samples: tuple[Sample, ...]


def write_header(stream: TextIO, header: Header) -> None:
    _write_line(stream, asdict(header))


def write_sample(stream: TextIO, sample: Sample) -> None:
    _write_line(stream, asdict(sample))


def read_run(path: Path) -> list[SuiteRun]:
    """The suites of a run file. TutorError `unreadable-run` names the line that is wrong."""
    blocks: list[tuple[Header, list[Sample]]] = []
    for number, line in _lines(path):
        try:
            entry = json.loads(line)
            if "suite" in entry:
                blocks.append((Header(**entry), []))
            else:
                blocks[-1][1].append(Sample(**entry))
        except (json.JSONDecodeError, TypeError, IndexError) as error:
            raise _unreadable(path, f"line {number}: {error}") from error
    if not blocks:
        raise _unreadable(path, "it holds no header line")
    unknown = next((header for header, _ in blocks if header.format != FORMAT), None)
    if unknown:
        raise _unreadable(path, f"format {unknown.format} is not known")
    return [SuiteRun(header, tuple(samples)) for header, samples in blocks]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    return ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _write_line(stream: TextIO, entry: dict[str, Any]) -> None:
    # NaN is no JSON; a score that could not be computed has no place in a record.
    stream.write(json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n")
    stream.flush()


def _unreadable(path: Path, why: str) -> TutorError:
    return TutorError(
        "unreadable-run", f"{path} is no record of an evaluation: {why}.", "`mltutor evals run` writes one."
    )
