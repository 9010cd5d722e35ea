"""A reference or a wrong solution, asked inside the judge as the learner's file is asked outside.

One rule: it gets copies and gives plain data through the same codec, and its random
numbers do not disturb those of the check that asks.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from sandbox.kit.mltutor_agent import Agent
from sandbox.proxy import Answer, BrokenSolution


class LocalTransport:
    """An agent for `file` of `project` in this process."""

    def __init__(self, project: Path, file: str) -> None:
        self.main = file
        self._agent = Agent(project, file)
        self._printed = io.StringIO()
        self._drawn: list[bytes] = []
        self._loaded = False
        self._random: dict[str, Any] = {}

    def ask(self, request: dict[str, Any], payload: bytes) -> Answer:
        with self._own_randomness(), contextlib.redirect_stdout(self._printed):
            if not self._loaded:
                self._load()
            header, value = self._agent.perform(request, payload)
        self._drawn += _drawn_figures()
        return Answer(str(header["kind"]), value, header)

    def stdout(self) -> str:
        return self._printed.getvalue()

    def figures(self) -> list[bytes]:
        return list(self._drawn)

    def _load(self) -> None:
        self._loaded = True
        header, _ = self._agent.perform({"op": "load"}, b"")
        if header["kind"] != "value":
            error = header.get("error", {})
            raise BrokenSolution(f"{self.main} does not load: {error.get('name')}: {error.get('message')}")

    @contextlib.contextmanager
    def _own_randomness(self) -> Generator[None]:
        outside = _random_state()
        _restore_random_state(self._random)
        try:
            yield
        finally:
            self._random = _random_state()
            _restore_random_state(outside)


def _random_state() -> dict[str, Any]:
    state: dict[str, Any] = {"random": random.getstate()}
    if "numpy" in sys.modules:
        state["numpy"] = sys.modules["numpy"].random.get_state()
    if "torch" in sys.modules:
        state["torch"] = sys.modules["torch"].get_rng_state()
    return state


def _restore_random_state(state: dict[str, Any]) -> None:
    if "random" in state:
        random.setstate(state["random"])
    if "numpy" in state:
        sys.modules["numpy"].random.set_state(state["numpy"])
    if "torch" in state:
        sys.modules["torch"].set_rng_state(state["torch"])


def _drawn_figures() -> list[bytes]:
    """The open figures as PNG files; they are closed, as the learner's kernel closes them."""
    plt: Any = sys.modules.get("matplotlib.pyplot")
    if plt is None:
        return []
    drawn: list[bytes] = []
    for number in plt.get_fignums():
        file = io.BytesIO()
        plt.figure(number).savefig(file, format="png")
        drawn.append(file.getvalue())
    plt.close("all")
    return drawn
