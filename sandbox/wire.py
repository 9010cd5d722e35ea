"""The host's end of the Jupyter protocol: three sockets, requests out, messages in.

It owns one rule: what arrives is bounded and may be anything. A message with a part over the size
limit drops the connection, one that does not end is stopped by the relay, one that cannot be read
is left out, and no call here waits for ever.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.relay import Relay

Channel = Literal["shell", "iopub", "control"]
# The numbers that `kit/mltutor_boot.py` appends to the names of its sockets.
SHELL, IOPUB, CONTROL = 1, 2, 4
NUMBERS: dict[Channel, int] = {"shell": SHELL, "iopub": IOPUB, "control": CONTROL}
SEND_MS = 500
NO_SECOND_TRY_MS = 7 * 24 * 3_600_000
ROOM = 8  # times the size of a message may be on the way
STUCK_SECONDS = 0.5
_READ: tuple[Channel, ...] = ("iopub", "shell")


@dataclass(frozen=True)
class Message:
    """type and parent (the id of the request that it belongs to) are of the sender's making."""

    channel: Channel
    type: str
    parent: str
    content: dict[str, Any]


class Wire:
    """The sockets of one kernel. `sockets` is the path that their names begin with."""

    def __init__(self, sockets: str, key: str, message_bytes: int) -> None:
        # ZeroMQ and jupyter_client cost a quarter of a second, which only a run should pay.
        import zmq
        from jupyter_client.client import KernelClient

        self._context = zmq.Context()
        self._context.setsockopt(zmq.MAXMSGSIZE, message_bytes)
        self._context.setsockopt(zmq.RCVHWM, 200)
        self._context.setsockopt(zmq.LINGER, 0)
        # No second try: the door is open once. It is put off rather than forbidden, since ZeroMQ ends what it
        # gives up at once: what lies unread is lost, and half a message read aborts this process.
        self._context.setsockopt(zmq.RECONNECT_IVL, NO_SECOND_TRY_MS)
        self._context.setsockopt(zmq.SNDTIMEO, SEND_MS)
        client = KernelClient(context=self._context)
        client.session.key = key.encode("ascii")
        client.transport = "ipc"
        client.iopub_port, client.shell_port, client.control_port = IOPUB, SHELL, CONTROL
        self._client: Any = client
        self._session: Any = client.session
        self._relay = Relay(sockets, ROOM * message_bytes)
        self._sockets: dict[Channel, Any] = {}
        self._connect(*NUMBERS)
        self._poll = zmq.zmq_poll
        self._nothing_now: type[Exception] = zmq.Again

    def send(self, channel: Channel, kind: str, content: dict[str, Any]) -> str:
        """Send a request; its id, by which the messages that belong to it are known."""
        message = self._session.msg(kind, content)
        with contextlib.suppress(self._nothing_now):  # nobody reads it: the deadline will tell
            self._session.send(self._sockets[channel], message)
        return message["header"]["msg_id"]

    def receive(self, seconds: float, most: int = 100) -> list[Message]:
        """Up to `most` messages, waiting `seconds` for the first; empty when none came."""
        waiting = [(self._sockets[channel], 1) for channel in _READ]
        ready = dict(self._poll(waiting, int(max(0.0, seconds) * 1000)))
        messages: list[Message] = []
        for channel in _READ:
            socket = self._sockets[channel]
            while socket in ready and len(messages) < most:
                try:
                    frames = socket.recv_multipart(flags=1)
                except self._nothing_now:
                    break
                self._relay.read(NUMBERS[channel], frames)
                message = self._read(channel, frames)
                if message is not None:
                    messages.append(message)
        return messages

    def listen_again(self) -> None:
        """Connect to the output anew: ZeroMQ gives up on a peer that sent too large a message."""
        self._sockets["iopub"].close(linger=0)
        self._connect("iopub")

    @property
    def is_choked(self) -> bool:
        """Whether a message filled all the room that one has, and goes on."""
        return any(self._relay.stuck_for(NUMBERS[channel]) > STUCK_SECONDS for channel in _READ)

    def close(self) -> None:
        self._context.destroy(linger=0)
        self._relay.close()

    def _connect(self, *channels: Channel) -> None:
        with self._relay.doors([NUMBERS[channel] for channel in channels]) as self._client.ip:
            for channel in channels:
                self._sockets[channel] = getattr(self._client, f"connect_{channel}")()
                self._sockets[channel].linger = 0

    def _read(self, channel: Channel, frames: list[bytes]) -> Message | None:
        try:
            _, parts = self._session.feed_identities(frames, copy=True)
            message = self._session.deserialize(parts, content=True, copy=True)
            kind, content = message["header"]["msg_type"], message["content"]
            parent = message["parent_header"].get("msg_id", "")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError):
            return None
        if not isinstance(kind, str) or not isinstance(content, dict) or not isinstance(parent, str):
            return None
        return Message(channel, kind, parent, content)
