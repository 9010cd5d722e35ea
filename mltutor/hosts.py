"""What each MCP host, such as an IDE, wants to read to start the tutor's server or to connect to it.

The rule owned here: an entry works today, on this machine and without a network, since it names the
command that printed it by its whole path; a host does not know our shell's PATH.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tutor_error import TutorError, did_you_mean

NAME = "mltutor"
VARIABLE = "MLTUTOR_TOKEN"
"""Environment variable from which hosts that can do so take the token."""
PUBLISHED = ("uvx", "mltutor")
"""The command once mltutor is published."""
Entry = dict[str, Any]


@dataclass(frozen=True)
class Host:
    """One host. place: the file or the screen that takes the entry.

    start: the entry of a server that the host starts. connect: of a server at an address, with the text
    of its Authorization header or None; None for a host whose file takes no address.
    """

    title: str
    place: str
    start: Callable[[Sequence[str]], Entry]
    connect: Callable[[str, str | None], Entry] | None
    token: str = f"Bearer {{{VARIABLE}}}"
    tells: str = ""


@dataclass(frozen=True)
class Printed:
    """An entry as JSON text, and what to do with it."""

    text: str
    notes: tuple[str, ...]


def running_command(argv: Sequence[str] | None = None, executable: str | None = None) -> list[str]:
    """The command that runs now, absolute: the installed script, or Python with `-m mltutor`.

    argv: as sys.argv; executable: Python's path.
    """
    script = Path((sys.argv if argv is None else argv)[0])
    if script.stem.lower() != NAME:
        return [executable or sys.executable, "-m", NAME]
    found = shutil.which(str(script)) or shutil.which(script.name) or str(script)
    return [str(Path(found).absolute())]


def started_with(
    command: Sequence[str], home: str | None, learner: str | None, roots: Sequence[Path] = ()
) -> list[str]:
    """`command` as a host should run it: over stdio, for the home, learner and roots that were chosen."""
    chosen = ["--home", _whole(home)] if home else []
    chosen += ["--learner", learner] if learner else []
    return [*command, *chosen, "mcp", *(part for root in roots for part in ("--root", _whole(root)))]


def host_named(name: str) -> Host:
    """TutorError `unknown-host`, with the nearest name."""
    if name not in HOSTS:
        remedy = did_you_mean(name, HOSTS) or f"Known: {', '.join(HOSTS)}."
        raise TutorError("unknown-host", f"No configuration is known for `{name}`.", remedy)
    return HOSTS[name]


def entry_to_start(name: str, command: Sequence[str]) -> Printed:
    """The entry for a server that host `name` starts as `command` and talks to over stdio."""
    host = host_named(name)
    notes = [f"Put this into {host.place}."]
    if name == "claude-code":
        notes.append(f"Or type: claude mcp add {NAME} -- {in_shell(command)}")
    return Printed(_as_text(host.start(command)), tuple(notes))


def entry_to_connect(name: str, url: str, secured: bool | None = None) -> Printed:
    """The entry for a server that runs at `url`.

    secured: it asks for a token; None for what holds of its address, since only a server of this
    machine may do without.

    TutorError `bad-url`; `no-http` for a host whose file takes no address.
    """
    host = host_named(name)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise TutorError(
            "bad-url", f"`{url}` is no address of a server.", "Add --url http://127.0.0.1:8765/mcp."
        )
    if host.connect is None:
        raise TutorError(
            "no-http",
            f"{host.title} takes no address in {host.place}; it starts servers itself.",
            f"Type `mltutor mcp --print-config {name}`, without --transport http.",
        )
    secured = not is_here(url) if secured is None else secured
    notes = [f"Put this into {host.place}."]
    if secured and host.tells:
        notes.append(host.tells)
    return Printed(_as_text(host.connect(url, host.token if secured else None)), tuple(notes))


def in_shell(command: Sequence[str], windows: bool | None = None) -> str:
    """`command` as one line for the shell of this system, quoted where it must be."""
    if os.name == "nt" if windows is None else windows:
        return subprocess.list2cmdline(command)
    return shlex.join(command)


def is_here(url: str) -> bool:
    """Whether `url` is of this machine, where a server may do without tokens."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _whole(path: str | Path) -> str:
    return str(Path(path).expanduser().absolute())


def _as_text(entry: Entry) -> str:
    return json.dumps(entry, indent=2, ensure_ascii=False)


def _command(command: Sequence[str]) -> Entry:
    return {"command": command[0], "args": list(command[1:])}


def _address(url: str, authorization: str | None) -> Entry:
    headers: Entry = {"headers": {"Authorization": authorization}} if authorization else {}
    return {"url": url, **headers}


def _under(key: str, entry: Entry) -> Entry:
    return {key: {NAME: entry}}


def _vscode_address(url: str, authorization: str | None) -> Entry:
    entry = _under("servers", {"type": "http", **_address(url, authorization)})
    asked = {"type": "promptString", "id": "mltutor-token", "description": "mltutor token", "password": True}
    return entry | ({"inputs": [asked]} if authorization else {})


def _claude_desktop_place() -> str:
    name = "claude_desktop_config.json"
    if sys.platform == "darwin":
        return f"~/Library/Application Support/Claude/{name}"
    return f"%APPDATA%\\Claude\\{name}" if os.name == "nt" else f"~/.config/Claude/{name}"


_EXPORTED = f"The host reads the token from the environment: export {VARIABLE}=... before it starts."
_PASTED = f"Replace {{{VARIABLE}}} by the token; that file then holds a secret."
HOSTS: dict[str, Host] = {
    "claude-code": Host(
        "Claude Code",
        ".mcp.json of the project",
        lambda command: _under("mcpServers", {"type": "stdio", **_command(command)}),
        lambda url, token: _under("mcpServers", {"type": "http", **_address(url, token)}),
        f"Bearer ${{{VARIABLE}}}",
        _EXPORTED,
    ),
    "claude-desktop": Host(
        "Claude Desktop",
        _claude_desktop_place(),
        lambda command: _under("mcpServers", _command(command)),
        None,
    ),
    "vscode": Host(
        "VS Code",
        ".vscode/mcp.json",
        lambda command: _under("servers", {"type": "stdio", **_command(command)}),
        _vscode_address,
        "Bearer ${input:mltutor-token}",
        "VS Code asks for the token when the server is first used, and keeps it.",
    ),
    "cursor": Host(
        "Cursor",
        ".cursor/mcp.json of the project, or ~/.cursor/mcp.json",
        lambda command: _under("mcpServers", _command(command)),
        lambda url, token: _under("mcpServers", _address(url, token)),
        f"Bearer ${{env:{VARIABLE}}}",
        _EXPORTED,
    ),
    "zed": Host(
        "Zed",
        "settings.json (zed: open settings)",
        lambda command: _under("context_servers", {**_command(command), "env": {}}),
        lambda url, token: _under("context_servers", _address(url, token)),
        tells=_PASTED,
    ),
    "jetbrains": Host(
        "JetBrains AI Assistant",
        "Settings | Tools | AI Assistant | Model Context Protocol (MCP) | Add | As JSON",
        lambda command: _under("mcpServers", _command(command)),
        lambda url, token: _under("mcpServers", {"type": "streamable-http", **_address(url, token)}),
        tells=_PASTED,
    ),
}
