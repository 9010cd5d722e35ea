"""The host's end of the protocol, beside a peer that speaks it and vanishes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

from sandbox.wire import CONTROL, IOPUB, SHELL, Wire

MESSAGES = 150
KEY = "a key"


class Peer:
    """The three sockets of a kernel, in this process."""

    def __init__(self, folder: Path) -> None:
        self.context: Any = zmq.Context()
        self.session = Session(key=KEY.encode())
        self.sockets: dict[int, Any] = {}
        for number, kind in ((SHELL, zmq.ROUTER), (IOPUB, zmq.PUB), (CONTROL, zmq.ROUTER)):
            socket = self.sockets[number] = self.context.socket(kind)
            socket.linger = 5000
            socket.bind(f"ipc://{folder}/k-{number}")

    def publish(self, count: int) -> None:
        for number in range(count):
            self.session.send(self.sockets[IOPUB], "stream", {"name": "stdout", "text": str(number)})

    def vanish(self) -> None:
        """Close all sockets once what was sent is on its way."""
        self.context.destroy()


def test_what_was_sent_before_the_end_is_read_whole() -> None:
    """ZeroMQ drops it, or aborts in the middle of a message, where a connection that ends is given up."""
    with tempfile.TemporaryDirectory() as name:
        peer = Peer(Path(name))
        wire = Wire(f"{name}/k", KEY, 1_000_000)
        try:
            seen: list[str] = []
            while not seen:  # until the subscription has reached the publisher
                peer.publish(1)
                seen = [message.type for message in wire.receive(0.1)]
            wire.receive(0.2)
            peer.publish(MESSAGES)
            peer.vanish()
            texts: list[str] = []
            while more := wire.receive(1.0, most=7):
                texts += [str(message.content["text"]) for message in more]
            assert texts[-MESSAGES:] == [str(number) for number in range(MESSAGES)]
        finally:
            wire.close()
