"""Which addresses a server answers to: the Host header and the Origin of a web page.

The rule owned here: a page of another site cannot reach the server through the user's browser,
whatever name it has its own address resolve to (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tutor_error import TutorError

_HERE = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that is bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Hosts:
    """Names with the port that must follow, None for any; origins, and whether pages of this machine may."""

    names: frozenset[tuple[str, int | None]]
    origins: frozenset[str]
    is_local: bool

    def has(self, host: str) -> bool:
        """Whether a Host header names this server."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name, port = found.group(1), int(found.group(2)) if found.group(2) else None
        return (name, None) in self.names or (name, port) in self.names

    def welcomes(self, origin: str) -> bool:
        """Whether pages of an Origin may call."""
        if origin.lower() in self.origins:
            return True
        if not self.is_local:
            return False
        found = re.fullmatch(r"https?://(.+)", origin.lower())
        host = _HOST.fullmatch(found.group(1)) if found is not None else None
        return host is not None and host.group(1) in _HERE


def known_hosts(bound: str, allowed: tuple[str, ...], origins: tuple[str, ...]) -> Hosts:
    """The addresses of a server that is bound to `bound`. TutorError `bad-host`, `bad-origin`."""
    names = {_host(text) for text in allowed}
    local = is_loopback(bound)
    if local:
        names |= {(name, None) for name in _HERE}
    return Hosts(frozenset(names), frozenset(_origin(text) for text in origins), local)


def _host(text: str) -> tuple[str, int | None]:
    found = _HOST.fullmatch(text.lower())
    if found is None:
        raise TutorError(
            "bad-host",
            f"`{text}` is no host name.",
            "Write a name, with or without a port: tutor.example.org.",
        )
    return found.group(1), int(found.group(2)) if found.group(2) else None


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
        raise TutorError(
            "bad-origin", f"`{text}` is no origin.", "Write scheme and host alone: https://app.example.org."
        )
    return text.lower()
