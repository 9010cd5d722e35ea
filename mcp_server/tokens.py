"""Who may enter by HTTP: a file with a line for each token, `LEARNER TOKEN` or `LEARNER sha256:HEX`.

The rule owned here: a token is compared as its hash, with every line and in constant time, and a
file that others may read, or that cannot be read as a whole, lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from teaching.database import check_learner
from tutor_error import TutorError

SHORTEST = 32
_HASHED = "sha256:"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[\x21-\x7e]+")
_OTHERS = 0o077


@dataclass(frozen=True)
class Entry:
    """A line: whose token it is, and the token's SHA-256."""

    learner: str
    digest: bytes


def read_tokens(path: Path) -> tuple[Entry, ...]:
    """The entries of a token file.

    Raises TutorError `no-token-file`, `open-token-file` when others may read it, `bad-token-file`
    with the line. No error shows a token.
    """
    try:
        with path.open(encoding="utf-8") as file:
            _check_private(path, os.fstat(file.fileno()))
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise TutorError(
            "no-token-file",
            f"{path} cannot be read ({why}).",
            f"Make it with `mltutor mcp --new-token LEARNER --token-file {path}`.",
        ) from None
    entries = [
        _entry(line, f"{path}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    owners: dict[bytes, str] = {}
    for entry in entries:
        if owners.setdefault(entry.digest, entry.learner) != entry.learner:
            raise TutorError(
                "bad-token-file",
                f"{path}: `{entry.learner}` and `{owners[entry.digest]}` have the same token.",
                "Give each learner a token of their own.",
            )
    return tuple(entries)


def new_token(path: Path, learner: str) -> str:
    """Add a fresh token for `learner` to a file, which is made if need be; the file keeps its hash alone.

    Raises TutorError as `read_tokens`, and `bad-learner`.
    """
    check_learner(learner)
    if learner.startswith("#"):
        raise TutorError("bad-learner", "A line that begins with # is a comment.", "Choose another name.")
    fresh = not path.exists()
    if not fresh:
        read_tokens(path)
    token = secrets.token_urlsafe(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            # The line before may lack its end, which an editor left out.
            gap = "" if fresh or path.read_bytes().endswith(b"\n") or not path.stat().st_size else "\n"
            file.write(f"{gap}{learner} {_HASHED}{hashlib.sha256(token.encode()).hexdigest()}\n")
    except OSError as error:
        raise TutorError(
            "no-token-file", f"{path} cannot be written ({error.strerror}).", "Name another file."
        ) from None
    return token


class TokenFile:
    """The tokens of a file, read again when it changes. A file that went bad lets nobody in.

    log: told why, once for each change of the file.
    """

    def __init__(self, path: Path, log: Callable[[TutorError], object]) -> None:
        self._path, self._log = path, log
        self._entries = read_tokens(path)
        self._state = self._look()

    def learner_of(self, token: str) -> str | None:
        """Whose token it is; None for one that is unknown."""
        if (state := self._look()) != self._state:
            self._state = state
            try:
                self._entries = read_tokens(self._path)
            except TutorError as error:
                self._entries = ()
                self._log(error)
        presented = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        found = None
        for entry in self._entries:
            if hmac.compare_digest(entry.digest, presented):
                found = entry.learner
        return found

    def _look(self) -> tuple[int, ...] | None:
        try:
            now = self._path.stat()
        except OSError:
            return None
        return (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_mode)


def _entry(line: str, where: str) -> Entry:
    learner, _, token = line.strip().rpartition(" ")
    learner, token = learner.strip(), token.strip()
    try:
        check_learner(learner)
    except TutorError:
        raise TutorError(
            "bad-token-file", f"{where} is not `LEARNER TOKEN`.", "Write a name, a space and a token."
        ) from None
    if token.startswith(_HASHED):
        digest = token.removeprefix(_HASHED)
        if not _DIGEST.fullmatch(digest):
            raise TutorError(
                "bad-token-file",
                f"{where}: {_HASHED} is not followed by 64 hexadecimal digits in small letters.",
                "`printf %s TOKEN | sha256sum` prints them.",
            )
        return Entry(learner, bytes.fromhex(digest))
    if len(token) < SHORTEST or not _PLAIN.fullmatch(token):
        raise TutorError(
            "bad-token-file",
            f"{where}: the token of `{learner}` is shorter than {SHORTEST} characters, or not all are ASCII.",
            "Make a good one with `mltutor mcp --new-token LEARNER --token-file FILE`.",
        )
    return Entry(learner, hashlib.sha256(token.encode()).digest())


def _check_private(path: Path, state: os.stat_result) -> None:
    if state.st_mode & _OTHERS:
        raise TutorError("open-token-file", f"Others may read {path}.", f"Type `chmod 600 {path}`.")
    if state.st_uid not in (os.geteuid(), 0):
        raise TutorError(
            "open-token-file", f"{path} belongs to another user.", f"Type `chown {os.geteuid()} {path}`."
        )
