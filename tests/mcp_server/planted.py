"""A copy of content with a marker in every text that judges or helps, found from the schemas.

Each field of each record is sorted here: what learners may read, what is only structure, and what is an
oracle. A field that is not sorted cannot be planted, and fails the test that reads this table.
"""

from __future__ import annotations

import re
import shutil
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from knowledge.catalog import PACKAGED, load_catalog
from knowledge.unit import (
    CaseFrontMatter,
    ChoiceQuestion,
    ClozeQuestion,
    CodeQuestion,
    ExplainQuestion,
    FormulaQuestion,
    LessonFrontMatter,
    Misconception,
    NumericQuestion,
    OrderQuestion,
    PredictQuestion,
    ProjectFile,
)

ROOTS: tuple[type[BaseModel], ...] = (LessonFrontMatter, CaseFrontMatter, ProjectFile, Misconception)
QUESTIONS: dict[str, type[BaseModel]] = {
    "choice": ChoiceQuestion, "numeric": NumericQuestion, "formula": FormulaQuestion, "cloze": ClozeQuestion,
    "order": OrderQuestion, "predict": PredictQuestion, "code": CodeQuestion, "explain": ExplainQuestion,
}  # fmt: skip
SHOWN = "shown to learners, or structure without a text"
INSIDE = "a record of its own"
ORACLE = "judges or helps"
NUMBER, FORMULA = "an oracle that is a number", "an oracle that is a formula"

FIELDS: dict[str, dict[str, str]] = {
    "FrontMatter": {
        **dict.fromkeys(
            ("format", "id", "title", "track", "level", "minutes", "prerequisites", "covers", "introduces",
             "asked", "objectives", "references"), SHOWN),
        "questions": INSIDE,
    },
    "LessonFrontMatter": {"mentions": SHOWN},
    "CaseFrontMatter": {"kind": SHOWN},
    "AnyQuestion": {"id": SHOWN, "ask": SHOWN, "hints": ORACLE},
    "ChoiceQuestion": {"kind": SHOWN, "options": INSIDE, "why": ORACLE},
    "Option": {"text": SHOWN, "correct": SHOWN, "misconception": SHOWN},
    "NumericQuestion": {"kind": SHOWN, "answer": NUMBER, "tolerance": SHOWN, "unit": SHOWN, "compute": ORACLE,
                        "wrong": INSIDE, "why": ORACLE},
    "WrongValue": {"value": NUMBER, "misconception": SHOWN},
    "FormulaQuestion": {"kind": SHOWN, "answer": FORMULA, "symbols": SHOWN, "accepts": FORMULA,
                        "up_to": SHOWN, "wrong": INSIDE, "why": ORACLE},
    "FormulaSymbol": dict.fromkeys(("says", "domain", "each", "also"), SHOWN),
    "WrongFormula": {"formula": FORMULA, "misconception": SHOWN},
    "ClozeQuestion": {"kind": SHOWN, "cloze": INSIDE, "why": ORACLE},
    "Cloze": {"text": SHOWN, "answers": ORACLE},
    "OrderQuestion": {"kind": SHOWN, "items": SHOWN, "why": ORACLE},
    "PredictQuestion": {"kind": SHOWN, "code": SHOWN, "answer": ORACLE, "tolerance": SHOWN, "why": ORACLE},
    "CodeQuestion": {"kind": SHOWN},
    "ExplainQuestion": {"kind": SHOWN, "ideal": ORACLE, "expectations": INSIDE, "misconceptions": SHOWN},
    "Expectation": {"id": SHOWN, **dict.fromkeys(
        ("says", "variants", "partial", "hints", "cloze", "assertion"), ORACLE)},
    "Reference": dict.fromkeys(("authors", "title", "year", "doi", "arxiv", "isbn", "url"), SHOWN),
    "ProjectFile": {
        **dict.fromkeys(("format", "id", "title", "track", "level", "minutes", "prerequisites", "covers",
                         "asked", "lab", "files"), SHOWN),
        "budget": INSIDE,
    },
    "Budget": {**dict.fromkeys(("seconds", "memory_mb", "gpu", "proof_seconds"), SHOWN),
               "proof_reason": ORACLE},
    "Misconception": {"id": SHOWN, "units": SHOWN, **dict.fromkeys(
        ("belief", "cue", "contrast", "repair", "accepted_repairs"), ORACLE)},
}  # fmt: skip
"""By the class that declares the field."""

SHOWN_FILES = {"brief.md", "starter.py", "starter.ipynb", "project.yaml"}
ORACLE_FILES = {
    "checks.py",
    "data.py",
    "reference.py",
    "reference.ipynb",
    "baseline.py",
    "oracle.py",
    "harness.py",
}
ORACLE_FOLDERS = {"wrong", "alternatives"}
_MARK = re.compile(r"zq(\d{5})[a-h]|(?<!\d)77(\d{5})7(?!\d)")


@dataclass
class Planted:
    """root: the copied content. places: by marker, the place that it was planted in, such as
    `perceptron/q1.hints.0`. texts: what stood there before."""

    root: Path
    places: dict[int, str] = field(default_factory=dict[int, str])
    texts: list[str] = field(default_factory=list[str])

    def mark(self, place: str, text: str = "") -> int:
        number = len(self.places) + 1
        self.places[number] = place
        self.texts += [text] if text else []
        return number

    def found_in(self, text: str) -> set[str]:
        """The places whose marker, or any token of it, stands in a text."""
        numbers = {int(one or other) for one, other in _MARK.findall(text)}
        return {self.places[number] for number in numbers if number in self.places}


def words(number: int) -> str:
    """Eight tokens that stand nowhere else."""
    return " ".join(f"zq{number:05}{letter}" for letter in "abcdefgh")


def plant(target: Path, units: tuple[str, ...]) -> Planted:
    """The curriculum with these units alone written, each oracle text marked."""
    planted = Planted(target)
    target.mkdir()
    for name in ("inventory.csv", "units.csv", "stages.yaml"):
        shutil.copy(PACKAGED / name, target / name)
    shutil.copytree(PACKAGED / "programmes", target / "programmes")
    beliefs = _read_yaml((PACKAGED / "misconceptions.yaml").read_text(encoding="utf-8"))
    for belief in beliefs:
        _plant_record(planted, Misconception, belief, f"misconception:{belief['id']}")
    _write_yaml(target / "misconceptions.yaml", beliefs)
    catalog = load_catalog()
    for unit_id in units:
        kind, path = catalog.unit(unit_id).kind, catalog.path_of(unit_id)
        copy = target / path.relative_to(PACKAGED)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if kind == "project":
            _plant_folder(planted, path, copy, unit_id)
            continue
        record = CaseFrontMatter if kind == "case_study" else LessonFrontMatter
        _plant_page(planted, record, path, copy, unit_id)
        if path.with_suffix("").is_dir():
            for inner in sorted(path.with_suffix("").iterdir()):
                _plant_folder(planted, inner, copy.with_suffix("") / inner.name, f"{unit_id}/{inner.name}")
    return planted


def sorted_fields(record: type[BaseModel]) -> dict[str, str]:
    """How each field of a record is sorted. KeyError names one that is not."""
    sorts: dict[str, str] = {}
    for name in record.model_fields:
        owner = next(one for one in record.__mro__ if name in getattr(one, "__annotations__", {}))
        sorts[name] = FIELDS[owner.__name__][name]
    return sorts


def records_below(record: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """The record and all that stand in its fields."""
    seen = set() if seen is None else seen
    if record in seen:
        return seen
    seen.add(record)
    for info in record.model_fields.values():
        for inner in _records_in(info.annotation):
            records_below(inner, seen)
    return seen


def _records_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, list, dict, tuple, typing.Annotated):
        for part in typing.get_args(annotation):
            yield from _records_in(part)


def _plant_page(planted: Planted, record: type[BaseModel], path: Path, copy: Path, unit_id: str) -> None:
    head, _, body = path.read_text(encoding="utf-8")[4:].partition("\n---\n")
    front = _read_yaml(head)
    _plant_record(planted, record, front, unit_id)
    shown = _as_yaml(front)
    copy.write_text(f"---\n{shown}---\n{body}", encoding="utf-8")


def _plant_record(planted: Planted, record: type[BaseModel], value: dict[str, Any], place: str) -> None:
    sorts = sorted_fields(record)
    for name in value:
        sort = sorts[name]
        if sort == ORACLE:
            value[name] = _marked(planted, value[name], f"{place}.{name}")
        elif sort in (NUMBER, FORMULA):
            value[name] = _counted(planted, value[name], f"{place}.{name}", sort)
        elif sort == INSIDE:
            _plant_inner(planted, record, name, value[name], place)


def _plant_inner(planted: Planted, record: type[BaseModel], name: str, value: Any, place: str) -> None:
    inner = list(_records_in(record.model_fields[name].annotation))
    for index, one in enumerate(value if isinstance(value, list) else [value]):
        chosen = QUESTIONS[one["kind"]] if name == "questions" else inner[0]
        where = f"{place}/{one['id']}" if name == "questions" else f"{place}.{name}.{one.get('id', index)}"
        _plant_record(planted, chosen, one, where)


def _marked(planted: Planted, value: Any, place: str) -> Any:
    if isinstance(value, str):
        return f"{value} {words(planted.mark(place, value))}"
    if isinstance(value, list):
        return [_marked(planted, one, f"{place}.{index}") for index, one in enumerate(value)]
    if isinstance(value, dict):
        return {key: _marked(planted, one, f"{place}.{key}") for key, one in value.items()}
    return _counted(planted, value, place, NUMBER)


def _counted(planted: Planted, value: Any, place: str, sort: str) -> Any:
    if isinstance(value, list):
        return [_counted(planted, one, f"{place}.{index}", sort) for index, one in enumerate(value)]
    number = int(f"77{planted.mark(place):05}7")
    return float(number) if sort == NUMBER else f"{value} + {number}"


def _plant_folder(planted: Planted, folder: Path, copy: Path, place: str) -> None:
    """A project, a case's lab or a code question. ValueError for a file that nobody sorted."""
    for path in sorted(folder.rglob("*")):
        name, target = path.relative_to(folder), copy / path.relative_to(folder)
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if name.as_posix() in SHOWN_FILES:
            target.write_text(text, encoding="utf-8")
        elif name.as_posix() == "hints.yaml":
            hints = _read_yaml(text)
            _write_yaml(target, _marked(planted, hints, f"{place}.hints"))
        elif name.name in ORACLE_FILES or name.parts[0] in ORACLE_FOLDERS:
            mark = words(planted.mark(f"{place}.{name.as_posix()}"))
            target.write_text(f'{text}\n\n_PLANTED = "{mark}"  # {mark}\n', encoding="utf-8")
        else:
            raise ValueError(f"{folder.name}/{name} is neither shown to learners nor known as an oracle")
    if (copy / "project.yaml").is_file():
        text = _read_yaml((copy / "project.yaml").read_text(encoding="utf-8"))
        _plant_record(planted, ProjectFile, text, place)
        _write_yaml(copy / "project.yaml", text)


def _read_yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _as_yaml(value: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(value, Dumper=dumper, allow_unicode=True, sort_keys=False, width=10_000)


def _write_yaml(path: Path, value: Any) -> None:
    path.write_text(_as_yaml(value), encoding="utf-8")
