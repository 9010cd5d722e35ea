"""Figures that code drew, as images in a result: how many, how large, and what is left out.

The rule owned here: a picture is PNG bytes that were written by our own sandbox, sent only as long as the
result stays small enough for every transport; its size is read and its pixels are not.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

MOST_PICTURES = 6
MOST_BYTES = 400_000
"""Of all pictures of one result; as base64 that is half of what an HTTP event may hold."""
_MAGIC = b"\x89PNG\r\n\x1a\n"


def fitting(paths: Sequence[Path]) -> list[bytes]:
    """The pictures that a result has room for, in order."""
    return [content for _, content in _chosen(paths)]


def told_pictures(paths: Sequence[Path]) -> str:
    """A line on each: its size in pixels, or where the ones lie that did not fit."""
    if not paths:
        return ""
    chosen = dict(_chosen(paths))
    lines: list[str] = []
    for number, path in enumerate(paths, 1):
        content = chosen.get(path)
        size = pixels(content) if content is not None else None
        if size is not None:
            lines.append(f"figure {number}: {size[0]} x {size[1]} pixels, shown below")
        else:
            lines.append(f"figure {number}: too large to send, {path.name}")
    return f"Figures: {'; '.join(lines)}."


def pixels(png: bytes) -> tuple[int, int] | None:
    """Width and height from the head of a PNG; None when it is none."""
    if len(png) < 24 or not png.startswith(_MAGIC) or png[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", png[16:24])
    return (width, height) if width and height else None


def _chosen(paths: Sequence[Path]) -> list[tuple[Path, bytes]]:
    found: list[tuple[Path, bytes]] = []
    room = MOST_BYTES
    for path in paths:
        if len(found) >= MOST_PICTURES or not path.is_file() or path.stat().st_size > room:
            continue
        content = path.read_bytes()
        if pixels(content) is not None:
            found.append((path, content))
            room -= len(content)
    return found
