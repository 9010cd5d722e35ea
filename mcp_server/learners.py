"""Whose request this is, and what belongs to that learner alone.

The rule owned here: on a server of several learners, work without a learner is refused, never done
for a default one. The learner is that of the request's token, and goes along into every thread
that is given the request's context.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mcp_server.node import Node

if TYPE_CHECKING:
    from mcp_server.background import Runs

_LONGEST = 200
_current: ContextVar[str | None] = ContextVar("learner", default=None)


@dataclass
class Learner:
    """One learner's own things in this server.

    root: where files may be named by path; None for a learner on this machine, who may name any.
    last_checks: the newest report of `check_project` by project, where a hint begins; no evidence.
    """

    name: str
    workspaces: Path
    figures: Path
    runs: Runs
    root: Path | None = None
    last_checks: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


class Learners:
    """The learners that this server has met. Its methods may be called from any thread.

    only: the one learner of all requests; None where the tokens say whose they are.
    """

    def __init__(self, home: Path, only: str | None, node: Node, log: Callable[[Exception], Path]) -> None:
        self._home, self._only, self._node, self._log = home, only, node, log
        self._met: dict[str, Learner] = {}
        self._lock = threading.Lock()

    def current(self) -> Learner:
        """The learner of the request that is served here. RuntimeError where there is none."""
        name = self._only if self._only is not None else _current.get()
        if name is None:
            raise RuntimeError("a learner was asked for outside of any learner's request")
        with self._lock:
            if name not in self._met:
                self._met[name] = self._meet(name)
            return self._met[name]

    def close(self) -> None:
        """Stop all detached runs."""
        with self._lock:
            met, self._met = list(self._met.values()), {}
        for learner in met:
            learner.runs.stop()
        for learner in met:
            learner.runs.close()

    def _meet(self, name: str) -> Learner:
        # Imported late, as the sandbox that a run starts.
        from mcp_server.background import Runs

        workspaces, figures = self._home / "workspaces", self._home / "figures"
        root = None
        if self._only is None:
            # No unit's id begins so: a learner's folder is never a workspace of the learner at home.
            folder = f"@{_folder_name(name)}"
            workspaces, figures = workspaces / folder, figures / folder
            root = workspaces
        return Learner(name, workspaces, figures, Runs(self._log, self._node), root)


def _folder_name(learner: str) -> str:
    quoted = quote(learner, safe="")
    return quoted if len(quoted) <= _LONGEST else hashlib.sha256(learner.encode()).hexdigest()


@contextmanager
def as_learner(name: str) -> Generator[None]:
    """What is done within is `name`'s, also in threads that get a copy of this context."""
    token = _current.set(name)
    try:
        yield
    finally:
        _current.reset(token)


def current_name() -> str | None:
    """The learner whose token came with the request; None where requests carry none."""
    return _current.get()
