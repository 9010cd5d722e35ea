"""A Chroma server: one request, one JSON value, in bounded time and size.

The one rule owned here: whatever a server does, a call ends in time, with a value or with
`ServerTrouble`. Chroma's own HTTP client waits for ever, reads answers of any length and follows
the proxies of the environment, so its few requests (API version 2) are made here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from knowledge.vectors import BrokenVectors
from tutor_error import TutorError

if TYPE_CHECKING:
    from http.client import HTTPConnection

TOKEN = "MLTUTOR_CHROMA_TOKEN"
"""The variable that may hold a token. It is no setting: it is never written to a file or shown."""
SEARCH_SECONDS = 2.0
BUILD_SECONDS = 60.0
_LONGEST_ANSWER = 32 * 1024 * 1024
_API = "/api/v2"
_COLLECTIONS = f"{_API}/tenants/default_tenant/databases/default_database/collections"
_Value = TypeVar("_Value")


class ServerTrouble(BrokenVectors):
    """The server is away, slow, refuses, or answers nonsense: building again would not help.

    remedy: what to type next.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class NotThere(ServerTrouble):
    """The server answered, and has no such collection."""


def checked_address(url: str) -> str:
    """The address without a slash at its end. ValueError when it is no `http://host:port`."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError(f"an address must not carry a name or a password; use the variable {TOKEN}")
    port = parts.port  # raises ValueError for a port that is none
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not plain:
        raise ValueError(f"`{url}` is no address of a server such as http://127.0.0.1:8000")
    return url.rstrip("/")


def open_server(url: str | None) -> ChromaServer | None:
    """The server that the setting `chroma_url` names, with the token of the environment; None without one.

    Nothing is sent yet. TutorError `bad-setting` for what is no address.
    """
    if not url:
        return None
    try:
        return ChromaServer(checked_address(url), os.environ.get(TOKEN, "").strip() or None)
    except ValueError as error:
        raise TutorError(
            "bad-setting", f"chroma_url: {error}.", "mltutor config chroma_url http://127.0.0.1:8000"
        ) from None


class ChromaServer:
    """Requests to one server. Thread-safe; a call ends with a value, NotThere or ServerTrouble."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """token: one printable line. ValueError otherwise."""
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError(f"the variable {TOKEN} holds more than ASCII letters, digits and signs")
        self.url = url
        self._token = token
        self._idle: list[HTTPConnection] = []

    def get(self, path: str, seconds: float | None = None) -> Any:
        """seconds: until ServerTrouble, here and below; None for what a search may cost."""
        return self._call("GET", path, None, seconds)

    def post(self, path: str, body: object, seconds: float | None = None) -> Any:
        return self._call("POST", path, body, seconds)

    def put(self, path: str, body: object, seconds: float | None = None) -> Any:
        return self._call("PUT", path, body, seconds)

    def delete(self, path: str, seconds: float | None = None) -> Any:
        return self._call("DELETE", path, None, seconds)

    def trouble(self, what: str) -> ServerTrouble:
        """What to raise when the server did `what`, with the way out."""
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        start = f"chroma run --host {parts.hostname} --port {port}"
        return ServerTrouble(
            f"The Chroma server at {self.url} {what}.",
            f"Start it (`{start}`), or keep vectors on this machine again: "
            "`mltutor config chroma_url --unset` (or unset MLTUTOR_CHROMA_URL).",
        )

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _call(self, method: str, path: str, body: object, limit: float | None) -> Any:
        # Imported late: only who searches by a server pays for it.
        from http.client import HTTPException

        seconds = SEARCH_SECONDS if limit is None else limit
        try:
            status, text = within(seconds, lambda: self._exchange(method, path, body, seconds))
        except TimeoutError:
            raise self.trouble(f"gave no whole answer in {seconds:g} s") from None
        except OSError as error:
            raise self.trouble(f"cannot be reached ({error.strerror or error})") from None
        except HTTPException as error:
            raise self.trouble(f"does not speak HTTP ({type(error).__name__})") from None
        return self._read(status, text)

    def _exchange(self, method: str, path: str, body: object, seconds: float) -> tuple[int, bytes]:
        """One request over a kept connection, and once more over a fresh one where that had been closed."""
        from http.client import HTTPException

        sent = None if body is None else json.dumps(body).encode()
        while True:
            is_kept, connection = self._connection(seconds)
            try:
                connection.request(method, path, sent, self._headers())
                answer = connection.getresponse()
                text = answer.read(_LONGEST_ANSWER + 1)
            except (OSError, HTTPException) as error:
                connection.close()
                if is_kept and not isinstance(error, TimeoutError):
                    continue
                raise
            if answer.will_close or not answer.isclosed():
                connection.close()
            else:
                self._idle.append(connection)
            return answer.status, text

    def _connection(self, seconds: float) -> tuple[bool, HTTPConnection]:
        from http.client import HTTPConnection, HTTPSConnection

        try:
            kept = self._idle.pop()
        except IndexError:
            parts = urlsplit(self.url)
            make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            return False, make(parts.hostname or "", parts.port, timeout=seconds)
        kept.timeout = seconds
        if kept.sock is not None:
            kept.sock.settimeout(seconds)
        return True, kept

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token is not None:
            headers |= {"Authorization": f"Bearer {self._token}", "X-Chroma-Token": self._token}
        return headers

    def _read(self, status: int, text: bytes) -> Any:
        if len(text) > _LONGEST_ANSWER:
            raise self.trouble(f"sent more than {_LONGEST_ANSWER // 2**20} MiB")
        if status in (401, 403):
            refused = "the token" if self._token else "to work without a token"
            raise ServerTrouble(
                f"The Chroma server at {self.url} refuses {refused}.",
                f"Put the right one into the variable {TOKEN}.",
            )
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise self.trouble(f"answered with status {status} and no JSON; is it Chroma?") from None
        if 200 <= status < 300:
            return value
        told = value if isinstance(value, dict) else {}
        if status == 404 and told.get("error") == "NotFoundError":
            missing = self.trouble(f"answered: {str(told.get('message', 'not found'))[:200]}")
            raise NotThere(missing.message, "mltutor index build")
        raise self.trouble(f"answered with status {status}: {str(told.get('message', told))[:200]}")


def collection_path(name: str = "", action: str = "") -> str:
    """The path of all collections, of one by name or number, or of something done to it."""
    return "/".join([_COLLECTIONS, *(quote(part, safe="") for part in (name, action) if part)])


def heartbeat(server: ChromaServer) -> None:
    """Raises ServerTrouble when the server is not one of Chroma's, or not there."""
    found = server.get(f"{_API}/heartbeat")
    if not isinstance(found, dict) or "nanosecond heartbeat" not in found:
        raise server.trouble("is no server of Chroma's")


def within(seconds: float, call: Callable[[], _Value]) -> _Value:
    """The call's value or its exception; TimeoutError after `seconds` whatever it waits for.

    A thread of its own, because the look-up of a name heeds no timeout, nor does an answer that
    comes byte by byte.
    """
    future: Future[_Value] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=work, daemon=True, name="chroma-request").start()
    return future.result(timeout=seconds)
