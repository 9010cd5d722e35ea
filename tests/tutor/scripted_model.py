"""A real HTTP server on this machine that answers chat completions by a script, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-never-shown"
_HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}


@dataclass(frozen=True)
class CutConnection:
    """Promises more than it sends, then hangs up."""

    chunks: list[bytes]


class Silence:
    """Says nothing until the server closes."""


class ScriptedModel(ThreadingHTTPServer):
    """Answers each completion with the next line of its script, and keeps what it was sent.

    A line is a status, chunks of a stream, bytes (a web page), a document (no stream), CutConnection
    or Silence. `always` answers when the script is at its end.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.script: list[Any] = []
        self.always: Any = 500
        self.requests: list[dict[str, Any]] = []
        self.closing = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Answers(BaseHTTPRequestHandler):
    server: ScriptedModel

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append({"key": self.headers["Authorization"], **json.loads(sent)})
        line = self.server.script.pop(0) if self.server.script else self.server.always
        match line:
            case int():
                body = json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()
                self._send(line, "application/json", body)
            case bytes():
                self._send(200, "text/html", line)
            case dict():
                self._send(200, "application/json", json.dumps(line).encode())
            case CutConnection():
                self._send(200, "text/event-stream", b"".join(line.chunks), missing=50)
            case Silence():
                self.server.closing.wait(20)
            case _:
                self._send(200, "text/event-stream", b"".join(line))

    def _send(self, status: int, kind: str, body: bytes, missing: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


def chunks(
    deltas: Sequence[dict[str, Any]], finish: str | None, usage: dict[str, Any] | None = None
) -> list[bytes]:
    told: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    told += [{"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}] if finish else []
    told += [{"choices": [], "usage": usage}] if usage else []
    lines = [f"data: {json.dumps({**_HEAD, **one})}\n\n" for one in told]
    return [line.encode() for line in (*lines, "data: [DONE]\n\n")]


def stream(*words: str, finish: str | None = "stop", usage: dict[str, Any] | None = None) -> list[bytes]:
    return chunks([{"content": word} for word in words], finish, usage)


def calls(*asked: tuple[str, str]) -> list[bytes]:
    """A round in which the model asks for tools: (name, arguments as text)."""
    pieces = [
        {"index": i, "id": f"c{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for i, (name, arguments) in enumerate(asked)
    ]
    return chunks([{"tool_calls": [piece]} for piece in pieces], "tool_calls")


@contextmanager
def serving() -> Iterator[ScriptedModel]:
    server = ScriptedModel()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
