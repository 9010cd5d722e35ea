"""Tokens and what they cost: counted a completion, told a turn, summed in a file of the home.

The rule owned here: what the server did not tell is estimated and said to be so, and a price
is only what the learner set.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from tutor.settings import Settings

FILE = "usage.json"
_BYTES_A_TOKEN = 4
_MILLION = 1_000_000


@dataclass(frozen=True)
class Usage:
    """Tokens of `requests` completions. cached: the part of `prompt` that the server had kept.

    estimated: how many of the requests the server told nothing of, so that theirs are a guess.
    """

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def estimate_tokens(text: str) -> int:
    """A token is about four bytes of UTF-8 in the tokenizers of today's models."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)


def told_usage(usage: Any) -> Usage | None:
    """What a server told of one completion (`usage` of the Chat Completions API); None without numbers."""
    prompt = getattr(usage, "prompt_tokens", None)
    completion = getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int) or not prompt:
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    return Usage(1, prompt, min(cached, prompt) if isinstance(cached, int) else 0, completion)


def cost_of(usage: Usage, settings: Settings) -> float | None:
    """In the currency of the prices; None while a price is not set. Cached tokens cost their own price."""
    if settings.price_input is None or settings.price_output is None:
        return None
    kept = settings.price_input if settings.price_cached is None else settings.price_cached
    fresh = usage.prompt - usage.cached
    whole = fresh * settings.price_input + usage.cached * kept + usage.completion * settings.price_output
    return whole / _MILLION


class Meter:
    """Counts a speaker's completions. `take_turn` gives what came since it was last asked.

    A count that cannot be written ends no turn: `problem` tells of it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = Usage()
        self.problem = ""

    def add(self, usage: Usage) -> None:
        # Imported late: only a turn that spoke through a model counts.
        from filelock import Timeout

        self._turn += usage
        try:
            _add_to_file(self._settings, usage)
            self.problem = ""
        except (OSError, Timeout) as error:
            path = self._settings.home / FILE
            self.problem = f"Tokens are not counted: {path} cannot be written ({error})."

    def take_turn(self) -> Usage:
        turn, self._turn = self._turn, Usage()
        return turn


def read_usage(home: Path, learner: str) -> dict[str, dict[str, Any]]:
    """The sums of a learner by `model at host`: the fields of Usage, `cost` and `currency`."""
    return _read(home / FILE).get(learner, {})


def describe_sums(sums: Mapping[str, Any]) -> str:
    """One model's sums as a line for the learner."""
    counted = (
        f"{sums['requests']:,} requests, {sums['prompt']:,} tokens sent ({sums['cached']:,} of them cached), "
        f"{sums['completion']:,} received"
    )
    guessed = sums["estimated"]
    told = f"; {guessed:,} of the requests are estimated, since the server told no count" if guessed else ""
    cost = sums.get("cost")
    if cost is None:
        return f"{counted}{told}. For costs, set `price_input` and `price_output` (a million tokens)."
    return f"{counted}{told}. Cost: {cost:.4f} {sums['currency']}."


def _add_to_file(settings: Settings, usage: Usage) -> None:
    from filelock import FileLock

    path = settings.home / FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(f"{path}.lock", timeout=5):
        sums = _read(path)
        mine = sums.setdefault(settings.learner, {})
        name = f"{settings.model} at {settings.host}"
        before = mine.get(name, {})
        known = Usage(**{f.name: int(before.get(f.name, 0)) for f in fields(Usage)})
        cost = cost_of(usage, settings)
        mine[name] = {
            **asdict(known + usage),
            "cost": before.get("cost") if cost is None else (before.get("cost") or 0.0) + cost,
            "currency": settings.currency,
        }
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(sums, file, indent=1)
        fresh.replace(path)


def _read(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """The file's sums. One that is no such file is put aside, so that counting goes on and it is kept."""
    if not path.is_file():
        return {}
    found = _parse(path.read_text(encoding="utf-8", errors="replace"))
    if _is_sums(found):
        return cast("dict[str, dict[str, dict[str, Any]]]", found)
    path.replace(path.with_name("usage.broken.json"))
    return {}


def _parse(text: str) -> object:
    """The JSON value of a text; None for what is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_sums(found: object) -> bool:
    if not isinstance(found, Mapping):
        return False
    learners = cast("Mapping[str, object]", found).values()
    return all(
        isinstance(models, Mapping)
        and all(isinstance(sums, Mapping) for sums in cast("Mapping[str, object]", models).values())
        for models in learners
    )
