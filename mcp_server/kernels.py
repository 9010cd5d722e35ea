"""A learner's part of the kernels that all learners of a server share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp_server.context import ServerContext
    from sandbox.budget import OnWait
    from sandbox.harvest import OnStream
    from sandbox.report import RunReport
    from sandbox.sessions import Sessions


class OwnSessions:
    """The sessions of the learner who asks for them here; another learner's have no name in it."""

    def __init__(self, shared: Sessions, context: ServerContext) -> None:
        self._shared, self._node = shared, context.node
        self._mine, self._place = context.mine, context.place

    def run(
        self,
        session: str,
        code: str,
        seconds: float | None = None,
        *,
        on_stream: OnStream | None = None,
        cancel: threading.Event | None = None,
        on_wait: OnWait | None = None,
    ) -> RunReport:
        """Run `code` in a session, once there is a place for it (`Sessions.run`).

        session: a name, or `name@NODE`. Raises TutorError `other-node`, `busy`, `cancelled`.
        """
        return self._shared.run(
            self._node.session(session),
            code,
            seconds,
            owner=self._mine.name,
            figures_dir=self._mine.figures / "sessions",
            place=self._place("call", cancel, on_wait),
            on_stream=on_stream,
            cancel=cancel,
        )

    def names(self) -> list[str]:
        """As they are told, the least recently used first."""
        return [self._node.told_session(name) for name in self._shared.names(self._mine.name)]


def tell_waiting(report: Callable[[float, float | None, str], None]) -> OnWait:
    """Waiting for a kernel as progress, below what the work itself reports."""
    turns = 0

    def told(ahead: int) -> None:
        nonlocal turns
        turns += 1
        first = f"{ahead} come first" if ahead else "the next free one is yours"
        report(0.5 - 0.5 / turns, None, f"Waiting for a kernel: {first}.")

    return told
