"""Frames over a stream socket: a short JSON header, then bytes that nobody here looks into.

One rule: sizes are checked before a byte of the body is read, so a peer that lies can
neither fill memory nor be waited for beyond the socket's timeout. Standard library
only: the same file is loaded into the learner's process.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any, cast

MAX_HEADER = 64 * 1024
MAX_JUDGE_HEADER = 2**20  # between host and judge, who describe whole projects
MAX_PAYLOAD = 64 * 2**20 + 4096
_PREFIX = struct.Struct("!4sIQ")
_MAGIC = b"MLT1"


class BrokenFrame(ConnectionError):
    """What arrived is no frame, is over a limit, or the other end closed the channel."""


@dataclass(frozen=True)
class Frame:
    header: dict[str, Any]
    payload: bytes = b""


def send_frame(
    channel: socket.socket, header: dict[str, Any], payload: bytes = b"", *, max_header: int = MAX_HEADER
) -> None:
    body = json.dumps(header).encode("ascii")
    if len(body) > max_header or len(payload) > MAX_PAYLOAD:
        raise BrokenFrame(f"a frame of {len(body)} + {len(payload)} bytes is over the limit")
    channel.sendall(_PREFIX.pack(_MAGIC, len(body), len(payload)) + body)
    if payload:
        channel.sendall(payload)


def receive_frame(
    channel: socket.socket, *, max_header: int = MAX_HEADER, max_payload: int = MAX_PAYLOAD
) -> Frame:
    magic, header_size, payload_size = _PREFIX.unpack(_receive(channel, _PREFIX.size))
    if magic != _MAGIC:
        raise BrokenFrame("what arrived on the channel is no frame")
    if header_size > max_header or payload_size > max_payload:
        raise BrokenFrame(f"a frame of {header_size} + {payload_size} bytes is over the limit")
    return Frame(_parse(_receive(channel, header_size)), _receive(channel, payload_size))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        header = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("the header of a frame is not JSON") from error
    if type(header) is not dict:
        raise BrokenFrame("the header of a frame is not a JSON object")
    return cast("dict[str, Any]", header)


def _receive(channel: socket.socket, size: int) -> bytes:
    body = bytearray(size)
    view = memoryview(body)
    filled = 0
    while filled < size:
        count = channel.recv_into(view[filled:])
        if count == 0:
            raise BrokenFrame("the other end closed the channel")
        filled += count
    return bytes(body)
