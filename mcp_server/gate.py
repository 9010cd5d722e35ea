"""What every HTTP request passes before the protocol sees it.

The rule owned here: a request is refused by its head before its body is read, a body is read within
bounds of size and time, and whoever leaves in mid-call is noticed.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_server.calls import DEPARTURE, Departure
from mcp_server.hosts import Hosts
from mcp_server.rate import RateLimit
from mcp_server.tokens import TokenFile

PATH = "/mcp"
HEALTH = "/healthz"
MOST_BODY = 4 * 1024 * 1024
BODY_SECONDS = 30.0
_DRAIN_SECONDS = 10.0
_SINGLE = (b"host", b"origin", b"authorization", b"content-length", b"mcp-session-id")
_LOOSE = ("Validation error", "Parse error")
_LISTEN = "subscriptions/listen"
_FAILURES_A_SECOND, _FAILURES_AT_ONCE = 1.0, 20.0
Headers = dict[bytes, list[bytes]]


@dataclass(frozen=True)
class Refusal:
    """An answer that says no. retry: the seconds after which it may be tried again."""

    status: HTTPStatus
    told: str
    retry: float | None = None


TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request's body may have {MOST_BODY / 1024 / 1024:g} MiB."
)


@dataclass
class Gate:
    """The outermost ASGI application. tokens: None where no token is asked for.

    rate: of each token, or of each address where there are no tokens. strangers: of each address
    that brings no valid token, so that nobody's guessing holds up a learner at the same address.
    """

    app: ASGIApp
    hosts: Hosts
    tokens: TokenFile | None
    rate: RateLimit
    strangers: RateLimit = field(default_factory=lambda: RateLimit(_FAILURES_A_SECOND, _FAILURES_AT_ONCE))
    stopping: bool = False
    _open: dict[anyio.CancelScope, bool] = field(default_factory=dict[anyio.CancelScope, bool])
    """Requests that are worked on; true for a stream on which a client listens without an end."""
    _none_left: anyio.Event = field(default_factory=anyio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            status = HTTPStatus.SERVICE_UNAVAILABLE if self.stopping else HTTPStatus.OK
            await _say(send, status, {"status": "stopping" if self.stopping else "ok"})
        elif (refusal := self._refuse(scope)) is not None:
            await _refuse(refusal, receive, send)
        else:
            await self._pass(scope, receive, send)

    async def hang_up(self, patience: float) -> None:
        """End the streams, let answers be read for up to `patience` seconds, and end what is left."""
        for scope, is_stream in list(self._open.items()):
            if is_stream:
                scope.cancel()
        if self._open:
            with anyio.move_on_after(patience):
                await self._none_left.wait()
        for scope in list(self._open):
            scope.cancel()

    def _refuse(self, scope: Scope) -> Refusal | None:
        """What is wrong with a request's head, if anything."""
        headers = _headers(scope)
        if self.stopping:
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The server is being stopped.", 5)
        if any(len(headers.get(name, ())) > 1 for name in _SINGLE):
            return Refusal(HTTPStatus.BAD_REQUEST, "A header that may come once came twice.")
        if not self.hosts.has(_first(headers, b"host")):
            return Refusal(HTTPStatus.MISDIRECTED_REQUEST, "This server does not answer to that host.")
        if b"origin" in headers and not self.hosts.welcomes(_first(headers, b"origin")):
            return Refusal(HTTPStatus.FORBIDDEN, "Pages of that origin may not call this server.")
        if (wait := self._wait_of(scope, headers)) > 0:
            return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", wait)
        length = _first(headers, b"content-length")
        if length.isdigit() and int(length) > MOST_BODY:
            return TOO_LARGE
        return None

    def _wait_of(self, scope: Scope, headers: Headers) -> float:
        address = scope["client"][0] if scope.get("client") else ""
        if self.tokens is None:
            return self.rate.wait_of(address)
        token = self._valid_token(headers) if scope["path"] == PATH else None
        return self.strangers.wait_of(address) if token is None else self.rate.wait_of(token)

    def _valid_token(self, headers: Headers) -> str | None:
        kind, _, token = _first(headers, b"authorization").partition(" ")
        known = (
            self.tokens is not None and kind.lower() == "bearer" and self.tokens.learner_of(token) is not None
        )
        return token if known else None

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        departure = scope[DEPARTURE] = Departure()
        is_answered = False
        # A body is read for those alone who may send one; the others are refused without it.
        reads = scope["method"] == "POST" and (self.tokens is None or self._valid_token(_headers(scope)))
        body = await self._read(receive) if reads else None
        if isinstance(body, Refusal):
            await _refuse(body, receive, send)
            return

        async def watched_receive() -> Message:
            nonlocal body
            if body is not None:
                message, body = {"type": "http.request", "body": body, "more_body": False}, None
                return message
            message = await receive()
            if message["type"] == "http.disconnect" and not is_answered:
                departure.leave()
            return message

        plainly = _Plainly(send)

        async def watched_send(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                is_answered = True
            await plainly(message)

        with anyio.CancelScope() as open_scope:
            self._open[open_scope] = _is_stream(scope)
            try:
                await self.app(scope, watched_receive, watched_send)
            finally:
                del self._open[open_scope]
                if self.stopping and not self._open:
                    self._none_left.set()

    async def _read(self, receive: Receive) -> bytes | Refusal:
        """A request's whole body, within bounds."""
        body = bytearray()
        with anyio.move_on_after(BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > MOST_BODY:
                    return TOO_LARGE
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return bytes(body)
        return Refusal(HTTPStatus.REQUEST_TIMEOUT, "The body of the request did not come in time.")


class _Plainly:
    """`send` that leaves out of a bad request's answer what its parser says beyond the first words."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.BAD_REQUEST:
            self._held = message
            return
        if self._held is not None:
            start, self._held = self._held, None
            message = {**message, "body": _first_words(message.get("body", b""))}
            length = str(len(message["body"])).encode()
            kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            await self._send({**start, "headers": [*kept, (b"content-length", length)]})
        await self._send(message)


def _first_words(body: bytes) -> bytes:
    try:
        told = json.loads(body)
        message = str(told["error"]["message"])
    except (ValueError, TypeError, KeyError):
        return body
    for words in _LOOSE:
        if message.startswith(words):
            told["error"]["message"] = words
    return json.dumps(told).encode()


def _is_stream(scope: Scope) -> bool:
    return scope["method"] == "GET" or _first(_headers(scope), b"mcp-method") == _LISTEN


def _headers(scope: Scope) -> Headers:
    found: Headers = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _first(headers: Headers, name: bytes) -> str:
    return headers.get(name, [b""])[0].decode("latin-1")


async def _refuse(refusal: Refusal, receive: Receive, send: Send) -> None:
    """Say no, and read what still comes for a while: a client that is cut off never reads the answer."""
    extra = [(b"connection", b"close")]
    if refusal.retry is not None:
        extra.append((b"retry-after", str(math.ceil(refusal.retry)).encode()))
    body = {"error": {"code": refusal.status.phrase.lower().replace(" ", "-"), "message": refusal.told}}
    await _say(send, refusal.status, body, extra, is_last=False)
    with anyio.move_on_after(_DRAIN_SECONDS):
        while refusal.status != HTTPStatus.REQUEST_TIMEOUT:
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(
    send: Send,
    status: HTTPStatus,
    told: object,
    extra: list[tuple[bytes, bytes]] | None = None,
    *,
    is_last: bool = True,
) -> None:
    content = json.dumps(told).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        *(extra or ()),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": not is_last})
