"""Reading of authored files: YAML and front matter into strict records.

The one rule owned here: a file is read whole or refused with its name, the key that is
wrong, and the nearest key that would be right.
"""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from tutor_error import TutorError, did_you_mean

R = TypeVar("R", bound=BaseModel)

LARGEST_FILE = 2_000_000
DEEPEST, LONGEST_LINE, MOST_BRACKETS = 60, 2_000, 2_000


# libyaml reads ten times as fast; a build of PyYAML without it has the pure loader.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_SafeLoader):
    """YAML 1.1 without its traps: a key given twice is an error."""


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key `{key}` is given twice", key_node.start_mark
            )
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def broken(path: Path, message: str, remedy: str = "") -> TutorError:
    return TutorError("broken-content", f"{path}: {message}", remedy)


def read_text(path: Path) -> str:
    """The text of an authored file, UTF-8; TutorError `broken-content` otherwise."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise broken(
            path, f"cannot be read ({error.strerror})", "Check the name and its permissions."
        ) from None
    if len(content) > LARGEST_FILE:
        raise broken(path, f"is {len(content):,} bytes; at most {LARGEST_FILE:,} are read", "Split it.")
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise broken(path, f"is not UTF-8 at byte {error.start}", "Save it as UTF-8.") from None


def parse_yaml(text: str, path: Path, first_line: int = 1) -> Any:
    """The value of a YAML text; errors name the line in the file.

    An alias is refused, since a few of them can stand for more than memory holds, and so is a
    value nested deeper than any record of ours.
    """
    try:
        _refuse_bombs(text, path, first_line)
        # The loader is a SafeLoader: no tag constructs anything but plain values.
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + first_line}: " if mark else ""
        raise broken(
            path,
            f"{where}{error.problem or error.context or 'not valid YAML'}",
            "Quote a text that contains `: ` or starts with a special character.",
        ) from None
    except yaml.YAMLError as error:
        raise broken(path, f"not valid YAML ({error})") from None
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        # A date that is none, a number of thousands of digits, a list as a key.
        raise broken(path, f"holds a value that cannot be read ({error})", "Quote it.") from None


def _refuse_bombs(text: str, path: Path, first_line: int) -> None:
    may_alias = "&" in text and "*" in text
    # Depth costs a bracket, or a column of its line; few texts need to be looked at more closely.
    may_be_deep = text.count("[") + text.count("{") > MOST_BRACKETS or any(
        len(line) > LONGEST_LINE for line in text.split("\n")
    )
    if not (may_alias or may_be_deep):
        return
    depth = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        line = event.start_mark.line + first_line
        if isinstance(event, yaml.AliasEvent):
            raise broken(path, f"line {line}: `*{event.anchor}` is an alias", "Write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise broken(path, f"line {line}: it is nested more than {DEEPEST} deep", "Nest it less.")


def read_yaml(path: Path) -> Any:
    return parse_yaml(read_text(path), path)


def read_front_matter(path: Path) -> tuple[dict[str, Any], str]:
    """The mapping between the two `---` lines at the top of a file, and the body below."""
    text = read_text(path)
    if not text.startswith("---\n"):
        raise broken(path, "does not open with front matter", "Start the file with a line `---`.")
    head, mark, body = text[4:].partition("\n---\n")
    if not mark:
        raise broken(path, "its front matter has no end", "Close it with a line `---`.")
    front = parse_yaml(head, path, first_line=2)
    if not isinstance(front, dict):
        raise broken(path, "its front matter is no mapping", "Write `key: value` lines.")
    return cast(dict[str, Any], front), body


def parse(record: type[R], value: Any, path: Path) -> R:
    """`value` as a `record`; TutorError `broken-content` tells every wrong key at once."""
    if not isinstance(value, dict):
        raise broken(path, f"holds a {type(value).__name__}, not a mapping", "Write `key: value` lines.")
    try:
        return record.model_validate(value)
    except ValidationError as error:
        problems = [_tell(record, problem) for problem in error.errors()]
        remedies = [remedy for _, remedy in problems if remedy]
        raise broken(
            path, "; ".join(text for text, _ in problems), " ".join(dict.fromkeys(remedies))
        ) from None


def _tell(record: type[BaseModel], problem: Any) -> tuple[str, str]:
    location = [part for part in problem["loc"] if not _is_union_tag(part)]
    key = ".".join(str(part) for part in location) or "the file"
    kind = str(problem["type"])
    if kind == "extra_forbidden":
        return f"`{key}` is no known key", did_you_mean(
            str(location[-1]), _keys_at(record, problem["loc"][:-1])
        )
    if kind == "missing":
        return f"`{key}` is missing", f"Add `{location[-1]}:`."
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"`{key}`: {message}", ""


_TAGS = {"choice", "numeric", "formula", "cloze", "order", "predict", "code", "explain"}


def _is_union_tag(part: str | int) -> bool:
    return part in _TAGS


def _keys_at(record: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys known at a place inside a record, for the `did you mean`."""
    candidates: list[type[BaseModel]] = [record]
    for part in location:
        if isinstance(part, int):
            continue
        if _is_union_tag(part) and len(candidates) > 1:
            tagged = [
                c for c in candidates if "kind" in c.model_fields and part in repr(c.model_fields["kind"])
            ]
            candidates = tagged or candidates
            continue
        found = [c.model_fields[part].annotation for c in candidates if part in c.model_fields]
        candidates = [model for annotation in found for model in _models_in(annotation)] or candidates
    return sorted({key for candidate in candidates for key in candidate.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, list, dict, tuple, typing.Annotated):
        return [model for part in typing.get_args(annotation) for model in _models_in(part)]
    return []
