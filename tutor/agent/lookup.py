"""The tools that a model may ask for, and its calls made sure of before they are made.

The rule owned here: tools that read what is public, and code in the sandbox; never one that
writes evidence, reads a file of the learner's or tells what they have shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from knowledge.catalog import Catalog
from tutor.agent.retrieval import text_as_read
from tutor.agent.state import Deps
from tutor.speaker.quoting import as_data
from tutor.speaker.reply import ToolCall
from tutor.speaker.speaker import Passage
from tutor.toolbox import ToolSpec
from tutor_error import nearest

LOOKUPS = ("search_curriculum", "read_unit", "list_units", "plan_study")
RUN = "run_code"
_RUN_ARGUMENTS = ("code", "seconds")
"""Not `path`, which reads a file of the learner's, nor `session`, which may be theirs."""
_MOST_SECONDS = 30.0
_LONGEST_ARGUMENTS = 6_000
_LONGEST_OUTCOME = 6_000
_LEAST_OUTCOME = 400
_HEADING = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
    "array": (list,), "object": (dict,), "null": (type(None),),
}  # fmt: skip


class BadCall(Exception):
    """A call that is not made; its text tells the model why."""


@dataclass(frozen=True)
class CheckedCall:
    id: str
    tool: str
    arguments: dict[str, Any]


async def isolation_tier(deps: Deps) -> tuple[str, bool]:
    """How code is isolated here, and whether a model's code needs the learner's leave for it."""
    status = await deps.toolbox.call("sandbox_status", {})
    runs = status["tier"] != "none" or status["consent"]
    return (status["tier"] if runs else "", status["tier"] != "namespaces")


async def offered_tools(deps: Deps) -> tuple[ToolSpec, ...]:
    """The tools of this turn; code only where it runs, and where leave can be asked if it is needed."""
    specs = {spec.name: spec for spec in await deps.toolbox.tools()}
    offered = [specs[name] for name in LOOKUPS if name in specs and specs[name].reads]
    tier, needs_leave = await isolation_tier(deps)
    if RUN in specs and tier and (deps.keeps or not needs_leave):
        offered.append(_narrowed(specs[RUN]))
    return tuple(offered)


def as_wire(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Tools in the form of the Chat Completions API."""
    return [
        {
            "type": "function",
            "function": {"name": spec.name, "description": spec.description, "parameters": spec.schema},
        }
        for spec in specs
    ]


def check_call(call: ToolCall, offered: Sequence[ToolSpec]) -> CheckedCall:
    """The call with its arguments as values. BadCall for an unknown tool, or arguments that do not fit."""
    names = [spec.name for spec in offered]
    spec = next((spec for spec in offered if spec.name == call.name), None)
    if spec is None:
        near = nearest(call.name, names, 1)
        raise BadCall(f"There is no tool {call.name[:60]!r}. Use {near[0] if near else ', '.join(names)}.")
    if len(call.arguments) > _LONGEST_ARGUMENTS:
        raise BadCall(f"The arguments are longer than {_LONGEST_ARGUMENTS} characters. Shorten them.")
    arguments = _read_arguments(call.arguments, spec)
    if call.name == RUN:
        arguments["seconds"] = min(float(arguments.get("seconds") or _MOST_SECONDS), _MOST_SECONDS)
    return CheckedCall(call.id, call.name, arguments)


def _read_arguments(text: str, spec: ToolSpec) -> dict[str, Any]:
    try:
        given: Any = json.loads(text or "{}")
    except ValueError:
        raise BadCall(f"The arguments of {spec.name} are no JSON: {text[:80]!r}.") from None
    if not isinstance(given, dict):
        raise BadCall(f"The arguments of {spec.name} must be a JSON object.")
    arguments = cast("dict[str, Any]", given)
    known: dict[str, Any] = spec.schema.get("properties", {})
    for name, value in arguments.items():
        if name not in known:
            raise BadCall(f"{spec.name} has no argument {name[:60]!r}. It takes {', '.join(known)}.")
        if not _fits(value, known[name]):
            raise BadCall(f"The argument {name!r} of {spec.name} has the wrong type.")
    missing = [name for name in spec.schema.get("required", ()) if arguments.get(name) is None]
    if missing:
        raise BadCall(f"{spec.name} needs {', '.join(missing)}.")
    return arguments


def _fits(value: object, schema: dict[str, Any]) -> bool:
    """The JSON type is one that the schema names; the server checks ranges and formats."""
    choices = schema.get("anyOf") or [schema]
    types = [one["type"] for one in choices if isinstance(one.get("type"), str)]
    if not types or value is None:
        return True
    if isinstance(value, bool):
        return "boolean" in types
    return any(isinstance(value, _JSON_TYPES.get(name, (object,))) for name in types)


def describe_outcome(tool: str, outcome: dict[str, Any], room: int, catalog: Catalog) -> str:
    """An outcome for the model, in at most `room` characters or so: what it must know, as material."""
    if tool == RUN:
        kept = ("outcome", "seconds", "stdout", "stderr", "error", "truncated")
        outcome = {key: outcome[key] for key in kept if outcome.get(key)}
    elif tool == "search_curriculum":
        hits = [hit | {"text": text_as_read(catalog, hit["unit"], hit["text"])} for hit in outcome["hits"]]
        outcome = {"hits": [{key: hit[key] for key in ("unit", "section", "text")} for hit in hits]}
    elif tool == "read_unit":
        outcome = outcome | {"markdown": text_as_read(catalog, outcome["id"], outcome["markdown"])}
    text = json.dumps(outcome, ensure_ascii=False)
    limit = outcome_limit(room)
    return as_data(text if len(text) <= limit else f"{text[:limit]} […]", "output")


def outcome_limit(room: int) -> int:
    """Characters that an outcome may take of the `room` left, so that later ones find some, too."""
    return max(min(room // 3, _LONGEST_OUTCOME), _LEAST_OUTCOME)


def passages_in(tool: str, outcome: dict[str, Any]) -> list[Passage]:
    """What an outcome adds to the passages that may be cited."""
    if tool == "search_curriculum":
        return [Passage(hit["unit"], hit["section"], hit["text"], hit["score"]) for hit in outcome["hits"]]
    if tool != "read_unit":
        return []
    text = str(outcome["markdown"])
    title, separator, rest = text.partition("\n")
    if separator and " › " in title:
        return [Passage(outcome["id"], title.split(" › ", 1)[1].strip(), rest.strip())]
    parts = _HEADING.split(text)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return [Passage(outcome["id"], name, body.strip()) for name, body in sections]


def _narrowed(spec: ToolSpec) -> ToolSpec:
    known: dict[str, Any] = spec.schema.get("properties", {})
    properties = {name: known[name] for name in _RUN_ARGUMENTS if name in known}
    description = "Run Python in a sandbox without network, with a scientific stack. Print what matters."
    schema = {"type": "object", "properties": properties, "required": ["code"]}
    return ToolSpec(spec.name, description, schema, spec.reads)
