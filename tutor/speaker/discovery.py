"""Model servers on this machine: asked for their models on the ports where they usually listen.

The rule owned here: all of it ends within SECONDS, asks nothing beyond this machine, and chooses
nothing; the learner does.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

SECONDS = 0.8
PORTS: tuple[tuple[int, str], ...] = (
    (11434, "Ollama"),
    (1234, "LM Studio"),
    (8080, "llama.cpp"),
    (8000, "vLLM or transformers serve"),
)
_OWNERS = {"llamacpp": "llama.cpp", "vllm": "vLLM", "library": "Ollama", "organization_owner": "LM Studio"}
"""What servers call themselves in `owned_by`, whatever port they were given."""
_HOST = "127.0.0.1"
_LARGEST = 1_000_000
_MOST_MODELS = 50


@dataclass(frozen=True)
class FoundEndpoint:
    """A server that answers. needs_key: it names no models without one. choose: a command for each model."""

    server: str
    url: str
    models: tuple[str, ...]
    needs_key: bool = False
    choose: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"models": list(self.models), "choose": list(self.choose)}


def find_endpoints(ports: Sequence[tuple[int, str]] = PORTS, seconds: float = SECONDS) -> list[FoundEndpoint]:
    """The servers that answer `GET /v1/models` in the form of OpenAI's API, in the order of `ports`."""

    async def ask_all() -> list[FoundEndpoint | None]:
        return await asyncio.gather(*(_ask(port, name, seconds) for port, name in ports))

    return [found for found in asyncio.run(ask_all()) if found is not None]


async def _ask(port: int, name: str, seconds: float) -> FoundEndpoint | None:
    try:
        async with asyncio.timeout(seconds):
            status, body = await _get(port)
    except (OSError, TimeoutError, ValueError):  # nobody there, or nobody who speaks HTTP in time
        return None
    url = f"http://{_HOST}:{port}/v1"
    if status in (401, 403):
        return FoundEndpoint(name, url, (), needs_key=True, choose=(_command(url, "MODEL"),))
    rows = _models_in(body) if status == 200 else None
    if rows is None:
        return None
    models = tuple(row["id"] for row in rows)[:_MOST_MODELS]
    owner = next((_OWNERS[row["owned_by"]] for row in rows if row.get("owned_by") in _OWNERS), name)
    return FoundEndpoint(owner, url, models, choose=tuple(_command(url, model) for model in models))


async def _get(port: int) -> tuple[int, bytes]:
    """Status and body of `GET /v1/models`. HTTP/1.0, so that the body ends with the connection."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    try:
        writer.write(f"GET /v1/models HTTP/1.0\r\nHost: {_HOST}:{port}\r\nAccept: */*\r\n\r\n".encode())
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = _length_in(head)
        body = await (reader.read(_LARGEST) if length is None else reader.readexactly(length))
        while length is None and len(body) < _LARGEST and (more := await reader.read(_LARGEST)):
            body += more
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ValueError("the answer is no whole HTTP response") from error
    finally:
        writer.close()
    version, status, *_ = head.split(None, 2)
    if not version.startswith(b"HTTP/"):
        raise ValueError("the answer is no HTTP response")
    return int(status), body


def _length_in(head: bytes) -> int | None:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return min(int(line.split(b":", 1)[1]), _LARGEST)
    return None


def _models_in(body: bytes) -> list[dict[str, Any]] | None:
    """The rows of a list of models; None for anything else, such as another program's answer."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("data"), list):  # pyright: ignore[reportUnknownMemberType]
        return None
    rows = cast("list[Any]", document["data"])
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        return None
    return rows


def _command(url: str, model: str) -> str:
    return f"mltutor config endpoint {url} && mltutor config model {shlex.quote(model)}"
