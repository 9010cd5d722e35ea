"""The submission's side of a grade: does one request at a time and sends back plain data.

Loaded into the learner's own process, where nothing can be trusted; so this module
holds no expectation, no seed of the judge and no verdict. Whatever learner code does
here can change only the values that it gives anyway. The judge uses the same class to
run the reference and the wrong solutions, so that all three are asked alike.
"""

from __future__ import annotations

import difflib
import json
import os
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, cast

if __package__ == "":  # in a learner's process the codec lies beside this file
    sys.path.insert(0, str(Path(__file__).parent / "exchange"))

from sandbox.decoder import decode
from sandbox.exchange import Refused, encode
from sandbox.frame import receive_frame, send_frame

Reply = tuple[dict[str, Any], bytes]
_MESSAGE_CHARACTERS = 2000


class _Missing(Exception):
    """A name that the learner's file does not define."""


class Agent:
    """Loads `main` of `folder` and answers requests about what it defines."""

    def __init__(self, folder: Path, main: str) -> None:
        self._folder = folder
        self._main = main
        self._module: ModuleType | None = None
        self._objects: dict[int, Any] = {}

    def perform(self, request: dict[str, Any], payload: bytes) -> Reply:
        """The reply to one request; an exception of the learner's code is a reply too."""
        try:
            if request.get("begin") is not None:
                self._begin(int(request["begin"]))
            return self._perform(request, payload)
        except KeyboardInterrupt:  # the host's stop, which it reports itself
            raise
        except Refused as error:
            return {"kind": "refused", "error": {"message": str(error)}}, b""
        except _Missing as error:
            close = difflib.get_close_matches(str(error), self._names(), n=1, cutoff=0.6)
            return {"kind": "missing", "name": str(error), "close": close}, b""
        except BaseException as error:
            return {"kind": "raised", "error": self._describe(error)}, b""

    def _perform(self, request: dict[str, Any], payload: bytes) -> Reply:
        operation, name = request["op"], request.get("name", "")
        if operation == "load":
            self._load()
            return {"kind": "value"}, encode(None)
        if operation == "defines":
            return {"kind": "value"}, encode(self._defines(name))
        args, kwargs = decode(payload, tensors=True, handle=self._objects.__getitem__)
        if operation == "call":
            value = self._find(request.get("handle"), name)(*args, **kwargs)
        elif operation == "get":
            value = self._find(request.get("handle"), name)
        elif operation == "weights":  # names and tensors alone: nothing of the model is pickled
            state = self._find(request.get("handle"), name)()
            value = {str(key): tensor for key, tensor in state.items()}
        elif operation == "lend":
            value = _define(request["source"], name)
        else:  # keep
            (value,) = args
        if not request.get("keep"):
            return {"kind": "value"}, encode(value)
        number = len(self._objects) + 1
        self._objects[number] = value
        return {"kind": "handle", "handle": number, "type": str(type(value).__name__)[:80]}, b""

    def _begin(self, seed: int) -> None:
        """Each check starts from the same random state and without the handles of another."""
        self._objects.clear()
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)

    def _find(self, handle: int | None, name: str) -> Any:
        found: Any = self._module if handle is None else self._objects[handle]
        for part in filter(None, name.split(".")):
            if not hasattr(found, part):
                raise _Missing(name)
            found = getattr(found, part)
        return found

    def _defines(self, name: str) -> bool:
        try:
            self._find(None, name)
        except _Missing:
            return False
        return True

    def _names(self) -> list[str]:
        return [name for name in vars(self._module) if not name.startswith("_")] if self._module else []

    def _load(self) -> None:
        path = self._folder / self._main
        stem = path.stem if path.stem.isidentifier() else "submission"
        if stem in sys.stdlib_module_names or stem in sys.modules:
            stem = f"submission_{stem}"
        module = ModuleType(stem)
        module.__file__ = str(path)
        sys.modules[stem] = self._module = module
        if str(path.parent) not in sys.path:
            sys.path.insert(0, str(path.parent))
        for filename, source in _sources(path):
            exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        file, line = self._place(error)
        bases = [base.__name__ for base in type(error).__mro__ if base is not object][:10]
        return {
            "name": str(type(error).__name__)[:80], "message": _text_of(error), "file": file,
            "line": line, "bases": bases,
        }  # fmt: skip

    def _place(self, error: BaseException) -> tuple[str | None, int | None]:
        """The file and line of the learner's own that are nearest to the error."""
        if isinstance(error, SyntaxError) and self._own(error.filename):
            return self._own(error.filename), error.lineno
        for frame, line in reversed(list(_frames(error.__traceback__))):
            if own := self._own(frame):
                return own, line
        return None, None

    def _own(self, filename: str | None) -> str | None:
        prefix = f"{self._folder}/"
        return filename.removeprefix(prefix) if filename and filename.startswith(prefix) else None


def _sources(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix != ".ipynb":
        yield str(path), text
        return
    code = [cell for cell in json.loads(text)["cells"] if cell.get("cell_type") == "code"]
    for number, cell in enumerate(code, start=1):
        source = cell.get("source", "")
        yield (
            f"{path}, cell {number}",
            _without_magics(source if isinstance(source, str) else "".join(source)),
        )


def _without_magics(source: str) -> str:
    shell: Any = None
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
    return source if shell is None else cast("str", shell.transform_cell(source))


def _define(source: str, name: str) -> Any:
    names: dict[str, Any] = {"__name__": "lent"}
    exec(compile(source, "<lent by the judge>", "exec", dont_inherit=True), names)
    return names[name]


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _text_of(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)[:_MESSAGE_CHARACTERS]
    try:
        return str(error)[:_MESSAGE_CHARACTERS]
    except Exception as broken:  # a learner's __str__ may raise whatever it likes
        return f"(its message could not be read: {type(broken).__name__})"


class Server:
    """An agent on the channel that the host left open in this process."""

    def __init__(self, main: str) -> None:
        self._channel = socket.socket(fileno=int(os.environ["MLTUTOR_CHANNEL"]))
        self._agent = Agent(Path.cwd(), main)

    def answer(self) -> None:
        frame = receive_frame(self._channel)
        reply, payload = self._agent.perform(frame.header, frame.payload)
        send_frame(self._channel, {**reply, "n": frame.header["n"]}, payload)
