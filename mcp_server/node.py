"""The name of a server among several that serve the same learners.

The rule owned here: what lives in one server's memory, a run or a session, says in its id where it
lives, so that another server can name the one to ask.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from tutor_error import TutorError

_NAME = re.compile(r"[a-z0-9]{1,20}")
_RUN = re.compile(r"run-(?:([a-z0-9]{1,20})-)?[0-9a-f]{8}")


@dataclass(frozen=True)
class Node:
    """One server. name: empty where it is the only one; ids then are plain."""

    name: str = ""

    def __post_init__(self) -> None:
        if self.name and not _NAME.fullmatch(self.name):
            raise TutorError(
                "bad-node",
                f"`{self.name[:40]}` cannot be the name of a server.",
                "Use 1 to 20 small letters and digits, such as `--node a1`.",
            )

    def new_run(self) -> str:
        """An id for a run of this server: `run-NODE-hex`, or `run-hex`."""
        parts = ("run", self.name, secrets.token_hex(4))
        return "-".join(part for part in parts if part)

    def check_run(self, run_id: str) -> None:
        """TutorError `other-node` for a run that lives on another server."""
        found = _RUN.fullmatch(run_id)
        where = found.group(1) if found is not None else None
        if where is not None and where != self.name:
            raise _other(f"The run `{run_id}`", where)

    def session(self, told: str) -> str:
        """The bare name of a session, from `name` or `name@NODE`. TutorError `other-node`."""
        name, _, where = told.rpartition("@")
        if not self.name or not name or not _NAME.fullmatch(where):
            return told
        if where != self.name:
            raise _other(f"The session `{told}`", where)
        return name

    def told_session(self, name: str) -> str:
        """A session's name as clients are told it, which says where it lives."""
        return f"{name}@{self.name}" if self.name else name


def _other(what: str, where: str) -> TutorError:
    return TutorError(
        "other-node",
        f"{what} lives on the server `{where}`, and another one got this call.",
        f"Send it to `{where}`, or start anew here.",
    )
