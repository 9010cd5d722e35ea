"""The server over streamable HTTP: at `/mcp`, on this machine alone unless tokens say who may enter.

The rule owned here: bound to an address that others reach, it asks for tokens and knows the names
that it is called by; and its end is orderly, with calls told and kernels ended.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from mcp_server.auth import auth_of
from mcp_server.context import ServerContext
from mcp_server.gate import MOST_BODY, PATH, Gate
from mcp_server.hosts import is_loopback, known_hosts
from mcp_server.rate import RateLimit
from mcp_server.server import build_server
from mcp_server.tokens import TokenFile
from tutor_error import TutorError

A_SECOND, AT_ONCE = 50.0, 500.0
_MOST_SESSIONS = 1000
_MOST_CONNECTIONS = 2000
_SHORT_TOOLS = 100
"""Threads for the tools that only read; a `get_run` that waits takes one for its time."""
_PATIENCE = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class HttpOptions:
    """How the server is reached. public_url: where clients see `/mcp`, behind a proxy.

    a_second: requests of each token, 0 for any number; None for the default, which limits nobody on
    this machine without tokens.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token_file: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    public_url: str | None = None
    a_second: float | None = None

    def check(self) -> None:
        """TutorError `no-tokens`, `no-hosts` for an address that others reach without them."""
        if is_loopback(self.host):
            return
        if self.token_file is None:
            raise TutorError(
                "no-tokens",
                f"{self.host} is reached by others, and nothing would ask who they are.",
                "Make a token with `mltutor mcp --new-token LEARNER --token-file tokens.txt`, and add "
                "`--token-file tokens.txt`; or serve this machine alone with `--host 127.0.0.1`.",
            )
        if not self.allow_hosts:
            raise TutorError(
                "no-hosts",
                f"Bound to {self.host}, the server must know by which names it is called.",
                "Add `--allow-host NAME` for each, such as `--allow-host tutor.example.org`.",
            )


class HttpServer:
    """A server that is bound and can be served once. `url` is where its clients connect."""

    def __init__(self, context: ServerContext, options: HttpOptions) -> None:
        options.check()
        self._context, self._options = context, options
        self._tokens = TokenFile(options.token_file, context.log) if options.token_file is not None else None
        self._hosts = known_hosts(options.host, options.allow_hosts, options.allow_origins)
        self._socket = _bind(options.host, options.port)
        self.url = f"http://{_authority(options.host, self._socket.getsockname()[1])}{PATH}"
        self.ready = threading.Event()
        self._stopped: anyio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, *, on_signals: bool = False) -> None:
        """Serve until `stop`, or a SIGTERM or SIGINT with `on_signals`; then end in order.

        Closes the context's kernels and files. on_signals: in the main thread alone.
        """
        gate = self._build_gate()
        server = _server_of(gate)
        self._stopped, self._loop = anyio.Event(), asyncio.get_running_loop()
        to_thread.current_default_thread_limiter().total_tokens = _SHORT_TOOLS
        try:
            async with anyio.create_task_group() as tasks:
                if on_signals:
                    tasks.start_soon(self._listen_to_signals, server)
                tasks.start_soon(self._end_when_stopped, gate, server)
                self.ready.set()
                await server.serve(sockets=[self._socket])
                tasks.cancel_scope.cancel()
        finally:
            self._socket.close()
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._context.close)

    def stop(self) -> None:
        """End in order. From any thread; nothing is left to do for a server that has ended."""
        assert self._stopped is not None and self._loop is not None, "the server is not being served"
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)

    def _build_gate(self) -> Gate:
        options = self._options
        auth = None if self._tokens is None else auth_of(self._tokens, options.public_url or self.url)
        # One of several servers may get each request of a client: none of them keeps its session.
        app = build_server(self._context, auth).streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=bool(self._context.node.name),
            max_request_body_size=MOST_BODY,
            max_sessions=_MOST_SESSIONS,
            transport_security=_checked_by_the_gate(),
        )
        a_second = options.a_second
        if a_second is None:
            a_second = A_SECOND if self._tokens is not None else 0.0
        return Gate(app, self._hosts, self._tokens, RateLimit(a_second, max(AT_ONCE, 2 * a_second)))

    async def _listen_to_signals(self, server: Any) -> None:
        assert self._stopped is not None
        with anyio.open_signal_receiver(*_SIGNALS) as received:
            async for _ in received:
                if self._stopped.is_set():  # asked twice: somebody is in a hurry
                    server.force_exit = True
                self._stopped.set()

    async def _end_when_stopped(self, gate: Gate, server: Any) -> None:
        assert self._stopped is not None
        await self._stopped.wait()
        gate.stopping = True
        await self._context.calls.stop(_PATIENCE)
        await gate.hang_up(_PATIENCE)
        server.should_exit = True


def serve_http(context: ServerContext, options: HttpOptions, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. announce: told the address once clients may connect."""
    server = HttpServer(context, options)
    announce(server.url)

    async def serve() -> None:
        await server.serve(on_signals=True)

    anyio.run(serve)


def _server_of(gate: Gate) -> Any:
    # Imported late: it is needed for HTTP alone.
    import uvicorn

    from mcp_server.patience import PatientProtocol

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Generator[None]:
            """Ours are listened to above; uvicorn would end the process by the signal again."""
            yield

    return Server(
        uvicorn.Config(
            gate,
            http=PatientProtocol,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=int(_PATIENCE),
        )
    )


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket. TutorError `bad-host`, `port-in-use`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise TutorError("bad-host", f"`{host}` is no address.", "Use --host 127.0.0.1.") from None
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except (OSError, OverflowError) as error:
        bound.close()
        why = error.strerror if isinstance(error, OSError) else "it is no port"
        raise TutorError(
            "port-in-use", f"{_authority(host, port)} cannot be bound ({why}).", "--port 0 takes a free one."
        ) from None
    return bound


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def _checked_by_the_gate() -> Any:
    from mcp.server.transport_security import TransportSecuritySettings

    return TransportSecuritySettings(enable_dns_rebinding_protection=False)
