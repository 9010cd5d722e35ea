"""The host's side of the submission: one request in, one reply out, whatever happens there.

One rule: a request always ends, with the agent's reply or with a sentence that says what
became of the learner's process. After anything but a clean reply the process is replaced,
so that one check cannot spoil the next.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.frame import BrokenFrame, Frame, receive_frame, send_frame
from sandbox.harvest import OnStream
from sandbox.kernel import Execution, Kernel, open_kernel
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.submission import Submission

_LEAST_REPLY, _MOST_REPLY = 2.0, 10.0  # seconds for a frame to arrive
_REPLY_KINDS = frozenset({"value", "handle", "missing", "refused", "raised"})
_REPLY_KEYS = {"kind": str, "handle": int, "type": str, "name": str, "close": list, "error": dict}
_ERROR_KEYS = {"name": str, "message": str, "file": str, "line": int, "bases": list}


@dataclass
class Traces:
    """What the learner's code left behind beside its values."""

    stdout: str = ""
    figures: list[bytes] = field(default_factory=list[bytes])
    metrics: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    seconds: float = 0.0

    def add(self, done: Execution) -> None:
        self.stdout += done.stdout
        self.figures += done.figures
        self.metrics += done.metrics
        self.seconds += done.seconds


class Courier:
    """Asks the submission; opens its process when first needed and again after a death."""

    def __init__(
        self,
        submission: Submission,
        public: Mapping[str, bytes],
        limits: Limits,
        *,
        lab: Lab = BASE,
        gpus: tuple[int, ...] | None = None,
        cancel: threading.Event | None = None,
        allow_unisolated: bool = False,
    ) -> None:
        self._submission, self._limits, self._cancel = submission, limits, cancel
        self._files = {**submission.files, **public}
        self._lab, self._gpus, self._allow_unisolated = lab, gpus, allow_unisolated
        self._kernel: Kernel | None = None
        self._number = 0
        self._load_failure: str | None = None
        self.loading = Traces()
        self.check = Traces()
        self.peak_memory_mb = 0.0
        self.on_stream: OnStream | None = None

    @property
    def cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_set()

    def ask(self, request: dict[str, Any], payload: bytes) -> Frame:
        """The agent's reply, or a header {"kind": "dead", "message": ...}."""
        if self._load_failure is not None:
            return _dead(f"{self._submission.main} does not load: see the first failed check")
        if self._kernel is None:
            failure = self._open()
            if failure is not None:
                self._load_failure = failure
                return _dead(failure)
        left = self._limits.seconds - self.check.seconds
        if left <= 0:
            return _dead(f"the check took more than {self._limits.seconds:g} s")
        what = f"`{request.get('name') or request.get('op')}`"
        return self._send(request, payload, left, self.check, what)

    def close(self) -> None:
        if self._kernel is not None:
            self.peak_memory_mb = max(self.peak_memory_mb, self._kernel.peak_memory_mb())
            self._kernel.close()
            self._kernel = None

    def _open(self) -> str | None:
        """A kernel with the submission loaded; what went wrong with loading, or None."""
        self._kernel = open_kernel(
            self._files,
            limits=self._limits,
            channel=True,
            lab=self._lab,
            gpus=self._gpus,
            allow_unisolated=self._allow_unisolated,
        )
        main = self._submission.main
        self.loading = Traces()
        self._kernel.execute(
            f"import mltutor_agent\n__grade__ = mltutor_agent.Server({main!r})\n", 30.0, None, self._cancel
        )
        reply = self._send(
            {"op": "load"}, b"", self._limits.seconds, self.loading, f"{main}, while it loads,"
        )
        if reply.header["kind"] == "value":
            return None
        self.close()
        return _load_failure(main, reply.header)

    def _send(
        self, request: dict[str, Any], payload: bytes, seconds: float, traces: Traces, what: str
    ) -> Frame:
        assert self._kernel is not None and self._kernel.channel is not None
        self._number += 1
        began = time.monotonic()
        exchange = _Exchange(self._kernel.channel, {**request, "n": self._number}, payload)
        done = self._kernel.execute("__grade__.answer()", seconds, self.on_stream, self._cancel, silent=True)
        traces.add(done)
        is_done = done.outcome == "ok"
        left = seconds - (time.monotonic() - began)
        reply = exchange.finish(min(max(left, _LEAST_REPLY), _MOST_REPLY) if is_done else 0.0)
        if is_done:  # a kernel may say so long before its reply is there; the clock runs until then
            traces.seconds += max(0.0, time.monotonic() - began - done.seconds)
        if is_done and reply is not None and reply.header.get("n") == self._number:
            return Frame(_known(reply.header), reply.payload)
        self.close()
        return _dead(f"{what} {self._cause(done)}")

    def _cause(self, done: Execution) -> str:
        causes = {
            "timeout": f"took more than {self._limits.seconds:g} s",
            "memory": f"used more than {self._limits.memory_mb} MB of memory",
            "processes": f"started more than {self._limits.processes} processes",
            "disk": f"wrote more than {self._limits.disk_mb} MB of files",
            "output": f"printed without end (at most {self._limits.output_bytes:,} bytes)",
            "crashed": f"ended its process ({done.error.message if done.error else 'no reason given'})",
        }
        return causes.get(done.outcome, "broke the exchange with the grader")


class _Exchange:
    """One frame out and one in, beside the execution that answers it."""

    def __init__(self, channel: socket.socket, header: dict[str, Any], payload: bytes) -> None:
        self._channel, self._header, self._payload = channel, header, payload
        self._reply: Frame | None = None
        self._thread = threading.Thread(target=self._run, name="mltutor-exchange", daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> Frame | None:
        """The reply; None when there is none, or no frame, within `seconds` of the execution's end."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            with contextlib.suppress(OSError):  # already closed by the other side
                self._channel.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        return self._reply

    def _run(self) -> None:
        try:
            send_frame(self._channel, self._header, self._payload)
            self._reply = receive_frame(self._channel)
        except (BrokenFrame, OSError):
            self._reply = None


def _dead(message: str) -> Frame:
    return Frame({"kind": "dead", "message": message})


def _known(header: dict[str, Any]) -> dict[str, Any]:
    """A reply reduced to the keys and types of the protocol."""
    kept = {key: header[key] for key, kind in _REPLY_KEYS.items() if type(header.get(key)) is kind}
    if kept.get("kind") not in _REPLY_KINDS:
        return {"kind": "dead", "message": "the submission broke the exchange with the grader"}
    for key in ("type", "name"):
        kept[key] = str(kept.get(key, ""))[:100]
    kept["close"] = [item[:80] for item in kept.get("close", [])[:3] if type(item) is str]
    told = kept.get("error", {})
    error = {key: told[key] for key, kind in _ERROR_KEYS.items() if type(told.get(key)) is kind}
    error["message"] = error.get("message", "")[:2000]
    error["name"] = error.get("name", "an exception")[:80]
    error["bases"] = [base for base in error.get("bases", [])[:10] if type(base) is str]
    return {**kept, "error": error}


def _load_failure(main: str, header: dict[str, Any]) -> str:
    if header["kind"] == "dead":
        return str(header["message"])
    error = header["error"]
    line = f" on line {error['line']} of {error.get('file', main)}" if error.get("line") else ""
    if error["name"] == "SystemExit":
        return f"{main} ends itself while it loads (SystemExit{line}); a graded file only defines names"
    told = f"{error['name']}: {error['message']}" if error["message"] else error["name"]
    return f"{main} does not load: {told}{line}"
