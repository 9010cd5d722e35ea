"""The learner's work as a check sees it: names to call and read, objects to hold on to.

One rule: a check gets plain values or a verdict. Whatever goes wrong on the other side (a
missing name, an exception, a value that cannot cross, a dead process) becomes a
CheckFailed with a sentence for the learner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.decoder import decode
from sandbox.exchange import ExchangeError, HandleRef, encode
from sandbox.expect import CheckFailed
from sandbox.summary import redact


@dataclass(frozen=True)
class Answer:
    """What came back for one request: kind is the agent's, or "dead" with a message."""

    kind: str
    payload: bytes = b""
    header: dict[str, Any] = field(default_factory=dict[str, Any])


class BrokenSolution(Exception):
    """A reference or wrong solution that does not answer: an author's mistake."""


class Transport(Protocol):
    """The way to one agent: over the host to the learner, or into this process."""

    main: str

    def ask(self, request: dict[str, Any], payload: bytes) -> Answer: ...

    def stdout(self) -> str: ...

    def figures(self) -> list[bytes]: ...


@dataclass(frozen=True)
class Observation:
    """One value that a check received: what was asked, and what came back, as bytes."""

    asked: tuple[Any, ...]
    arguments: bytes
    value: bytes


@dataclass(frozen=True)
class Raised:
    """An exception that a check asked for."""

    name: str
    message: str


class Handle:
    """An object that stays inside the submission, such as a fitted model."""

    def __init__(self, submission: Submission, number: int, what: str, kind: str) -> None:
        self._submission, self._number, self._what, self.type_name = submission, number, what, kind

    def call(self, method: str, /, *args: object, **kwargs: object) -> Any:
        """The value of `method(...)` on the object."""
        return self._submission.ask_value("call", method, args, kwargs, self)

    def get(self, attribute: str) -> Any:
        return self._submission.ask_value("get", attribute, (), {}, self)

    def value(self) -> Any:
        """The object itself, when it is plain data."""
        return self._submission.ask_value("get", "", (), {}, self)

    def weights(self) -> dict[str, Any]:
        """A model's parameters by name, as tensors or arrays: what its `state_dict()` gives."""
        return self._submission.ask_value("weights", "state_dict", (), {}, self)

    def handle(self, method: str, /, *args: object, **kwargs: object) -> Handle:
        """The result of `method(...)`, kept inside."""
        return self._submission.ask_handle("call", method, args, kwargs, self)

    @property
    def reference(self) -> HandleRef:
        return HandleRef(self._number)

    @property
    def what(self) -> str:
        return self._what


class Submission:
    """The learner's file, or a reference or wrong solution asked in the same way."""

    def __init__(
        self, transport: Transport, *, tensors: bool = False, hidden: bool = False, trusted: bool = False
    ) -> None:
        self._transport, self._tensors = transport, tensors
        self._hidden, self._trusted = hidden, trusted
        self._failed = False
        self.observations: list[Observation] = []
        self.begin_seed: int | None = None

    def call(self, name: str, /, *args: object, **kwargs: object) -> Any:
        """The value of the learner's `name(*args, **kwargs)`; a Handle may be an argument."""
        return self.ask_value("call", name, args, kwargs, None)

    def get(self, name: str) -> Any:
        """The value of a name of the learner's file."""
        return self.ask_value("get", name, (), {}, None)

    def handle(self, name: str, /, *args: object, **kwargs: object) -> Handle:
        """The result of `name(...)`, kept inside: a class's instance, a fitted model."""
        return self.ask_handle("call", name, args, kwargs, None)

    def lend(self, source: str, name: str) -> Handle:
        """A function for the learner's code to call: `name` as `source` defines it."""
        return self.ask_handle("lend", name, (), {}, None, source=source)

    def keep(self, value: object) -> Handle:
        """A value put into the submission, to pass more than once or to see whether it changes."""
        return self.ask_handle("keep", "a value", (value,), {}, None)

    def defines(self, name: str) -> bool:
        return self._decode(self._ask({"op": "defines", "name": name}, encode(((), {})), name))

    def raises(self, name: str, /, *args: object, error: str = "Exception", **kwargs: object) -> Raised:
        """The exception that `name(...)` raises; a failed check when it raises none, or another."""
        answer = self._send({"op": "call", "name": name}, self._arguments(args, kwargs))
        told = answer.header.get("error", {})
        if answer.kind == "value":
            raise CheckFailed(f"`{name}` should refuse this input", "no exception", error)
        if answer.kind != "raised":
            raise self._failure(answer, name)
        if error not in told.get("bases", []):
            raise CheckFailed(f"`{name}` raises another exception than asked for", told["name"], error)
        return Raised(told["name"], told["message"])

    @property
    def stdout(self) -> str:
        """What loading the file and the calls of this check printed."""
        return self._transport.stdout()

    @property
    def figures(self) -> list[bytes]:
        """PNG files of the figures that loading and the calls of this check drew."""
        return self._transport.figures()

    @property
    def main(self) -> str:
        return self._transport.main

    def last_value(self) -> Observation | None:
        """The last value that came back, unless a later request failed."""
        return self.observations[-1] if self.observations and not self._failed else None

    def ask_value(
        self, operation: str, name: str, args: tuple[object, ...], kwargs: dict[str, Any], of: Handle | None
    ) -> Any:
        payload = self._arguments(args, kwargs)
        answer = self._ask(self._request(operation, name, of), payload, _place(name, of))
        number = of.reference.number if of else None
        value = self._decode(answer)
        self.observations.append(Observation((operation, name, number), payload, answer.payload))
        return value

    def ask_handle(
        self, operation: str, name: str, args: tuple[object, ...], kwargs: dict[str, Any],
        of: Handle | None, **extra: str,
    ) -> Handle:  # fmt: skip
        request = {**self._request(operation, name, of), "keep": True, **extra}
        answer = self._ask(request, self._arguments(args, kwargs), _place(name, of))
        number, kind = answer.header.get("handle"), answer.header.get("type", "")
        if type(number) is not int or type(kind) is not str:
            raise CheckFailed(f"`{self.main}` broke the exchange with the grader")
        return Handle(self, number, name, kind)

    def _request(self, operation: str, name: str, of: Handle | None) -> dict[str, Any]:
        return {"op": operation, "name": name, "handle": of.reference.number if of else None}

    def _arguments(self, args: tuple[object, ...], kwargs: dict[str, Any]) -> bytes:
        given = tuple(_without_handles(arg) for arg in args)
        return encode((given, {key: _without_handles(arg) for key, arg in kwargs.items()}))

    def _ask(self, request: dict[str, Any], payload: bytes, name: str) -> Answer:
        answer = self._send(request, payload)
        self._failed = answer.kind not in ("value", "handle")
        if self._failed:
            failure = self._failure(answer, name, called=request["op"] == "call")
            raise BrokenSolution(f"{self.main}: {failure}") if self._trusted else failure
        return answer

    def _send(self, request: dict[str, Any], payload: bytes) -> Answer:
        """The first request of a check also begins it on the other side."""
        begin, self.begin_seed = self.begin_seed, None
        return self._transport.ask({**request, "begin": begin}, payload)

    def _decode(self, answer: Answer) -> Any:
        try:
            return decode(answer.payload, tensors=self._tensors)
        except ExchangeError as error:
            raise CheckFailed(f"`{self.main}` broke the exchange with the grader", str(error)) from error

    def _failure(self, answer: Answer, name: str, called: bool = True) -> CheckFailed:
        told = answer.header.get("error") or {}
        if answer.kind == "missing":
            close = answer.header.get("close") or []
            hint = f" There is `{close[0]}`." if close else ""
            wanted = f"`{name}(...)`" if called else f"`{name}`"
            message = f"`{name}` is not defined in {self.main}; the brief asks for {wanted}.{hint}"
            return CheckFailed(message, "nothing of that name", wanted)
        if answer.kind == "refused":
            return CheckFailed(f"`{name}` gives {told.get('message', 'a value that cannot cross')}")
        if answer.kind == "raised":
            return self._failure_of_exception(told, name)
        return CheckFailed(str(answer.header.get("message") or f"`{self.main}` broke the exchange"))

    def _failure_of_exception(self, told: dict[str, Any], name: str) -> CheckFailed:
        message = str(told.get("message", ""))
        text = redact(message) if self._hidden else message[:400]
        place = f" on line {told['line']} of {told['file']}" if told.get("line") else ""
        error = f"{told.get('name', 'an exception')}" + (f": {text}" if text else "")
        if told.get("name") == "NotImplementedError":
            return CheckFailed(f"`{name}` is not written yet{place}", error, "a value")
        return CheckFailed(f"`{name}` raises {error}{place}", error, "a value")


def _place(name: str, of: Handle | None) -> str:
    return f"{of.what}.{name}" if of and name else (of.what if of else name)


def _without_handles(value: Any) -> Any:
    if isinstance(value, Handle):
        return value.reference
    walk: Callable[[Any], Any] = _without_handles
    if type(value) is list or type(value) is tuple:
        return type(value)(walk(item) for item in value)
    if type(value) is dict:
        return {key: walk(item) for key, item in value.items()}
    return value
