"""The Jupyter kernel that a learner's code runs in: its streams, its shell, its errors.

It owns one rule: what a learner sees is the output of their code and, of an exception, the line
in their own file; a flood of output waits for its reader instead of piling up.
"""

from __future__ import annotations

import asyncio
import codecs
import fcntl
import itertools
import os
import select
import struct
import sys
import termios
import threading
import warnings
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import ipykernel.ipkernel
from ipykernel.compiler import XCachingCompiler, get_file_name
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from traitlets import Type
from traitlets.config import Config

ERROR_MIME = "application/vnd.mltutor.error+json"
MESSAGE = 4000  # characters
PIECE = 64 * 1024


class LearnerStream(OutStream):
    """Output in pieces, each handed over before the next: a flood waits instead of piling up."""

    pending = 0
    is_reading = False
    has_unsent = False

    def write(self, string: Any) -> int:
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string).__name__}")
        for start in range(0, len(string), PIECE):
            # A lone surrogate has no bytes, and would lose the whole message.
            piece = string[start : start + PIECE].encode("utf-8", "replace").decode("utf-8")
            self.has_unsent = True
            super().write(piece)
            self.pending += len(piece)
            if self.pending >= PIECE:
                self.flush()
        return len(string)

    def flush(self) -> None:
        self.pending = 0
        # To flush is to wait for another thread, and each execution does it four times.
        if self.has_unsent:
            self.has_unsent = False
            super().flush()

    def drain(self) -> None:
        """Wait, at most half a second, until what was written to the descriptor has been passed on."""
        tick = threading.Event()
        for _ in range(50):
            answer = fcntl.ioctl(cast(int, self._fid), termios.FIONREAD, bytes(4))
            if struct.unpack("i", answer)[0] == 0 and not self.is_reading:
                return
            tick.wait(0.01)

    def _watch_pipe_fd(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        pipe = cast(int, self._fid)
        while self._should_watch:
            select.select([pipe], [], [])
            self.is_reading = True
            self.write(decode(os.read(pipe, PIECE)))
            self.is_reading = False


class LearnerShell(ZMQInteractiveShell):
    """A shell that runs a script under its own name and tells where an error is."""

    running: str = ""
    skipped = 0

    def run_script(self, name: str) -> None:
        """Run a Python file of the workspace as `__main__`, in the shell's namespace."""
        path = str(Path.cwd() / name)
        self.running, self.skipped = path, 0
        sys.argv = [name]
        self.user_ns["__file__"] = path
        loop = asyncio.get_running_loop()
        # A script may call asyncio.run; the kernel's own loop is hidden while it runs.
        asyncio._set_running_loop(None)
        try:
            exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), self.user_ns)
        except SystemExit as error:
            if error.code not in (None, 0):
                raise
        finally:
            asyncio._set_running_loop(loop)

    def watch_cells(self) -> None:
        self.events.register("pre_run_cell", self.note_cell)
        self.events.register("post_execute", drain_streams)

    def note_cell(self, info: Any) -> None:
        self.running = get_file_name(info.raw_cell)
        # IPython leaves out the empty lines at the top, and counts from the first other one.
        self.skipped = sum(1 for _ in itertools.takewhile(_is_empty, info.raw_cell.splitlines()))

    async def run_cell_async(self, *args: Any, **kwargs: Any) -> Any:
        result = await super().run_cell_async(*args, **kwargs)
        # The error has been told. The reply would write it once more, whatever its size.
        for name in ("error_before_exec", "error_in_exec"):
            if getattr(result, name) is not None:
                setattr(result, name, RuntimeError("told apart"))
        return result

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """Tell the error in place of its traceback, which IPython would take seconds to lay out."""
        error = exc_tuple[1] if exc_tuple else sys.exc_info()[1]
        self._last_traceback = []
        if error is not None:
            self.display_pub.publish(data={ERROR_MIME: self.describe(error)})

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        self.showtraceback()

    def showindentationerror(self) -> None:
        self.showtraceback()

    def _format_exception_for_storage(self, *_: Any, **__: Any) -> dict[str, Any]:
        # Nobody reads the tracebacks that IPython stores, and writing one runs the error's own code.
        return {}

    def describe(self, error: BaseException) -> dict[str, Any]:
        try:
            message = error.msg if isinstance(error, SyntaxError) else str(error)
        except Exception as second:
            message = f"its message cannot be written: {type(second).__name__}"
        return {"name": type(error).__name__, "message": message[:MESSAGE], "line": self.find_line(error)}

    def find_line(self, error: BaseException) -> int | None:
        """The line, in the file or cell being run, that the exception went through last."""
        if isinstance(error, SyntaxError) and error.filename == self.running:
            return error.lineno + self.skipped if error.lineno else None
        line, trace = None, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.running:
                line = trace.tb_lineno + self.skipped
            trace = trace.tb_next
        return line


def _is_empty(line: str) -> bool:
    return not line.strip()


def drain_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, LearnerStream):
            stream.drain()


class LearnerKernel(IPythonKernel):
    shell_class = Type(LearnerShell)
    debugger_class = Type(object)  # nobody attaches a debugger here, and it takes a tenth of a second
    # A wait for output to get through: the host waits for it itself, until the kernel says that it is idle.
    _execute_sleep = 0.0  # pyright: ignore[reportAssignmentType, reportIncompatibleVariableOverride]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        shell = cast(Any, self.shell)  # it may have been drafted before its kernel
        shell.parent = shell.kernel = self

    def _publish_status(self, status: str, *args: Any, **options: Any) -> None:
        """That it is busy nobody asks, and to say so costs a tenth of a short execution."""
        if status != "busy":
            super()._publish_status(status, *args, **options)

    def raw_input(self, prompt: Any = "") -> str:
        raise StdinNotImplementedError("nobody can answer input() here; write the value into the code")


class LearnerKernelApp(IPKernelApp):
    def init_iopub(self, context: Any) -> None:
        # Messages wait here, in the kernel's own memory, and are never dropped for a slow host.
        context.sndhwm = 0
        super().init_iopub(context)

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none; to read it costs as much as all the sockets."""

    def init_config_files(self) -> None:
        """There are none either, nor start-up files: a kernel's home is empty."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        pass

    def init_code(self) -> None:
        shell = cast(Any, self.shell)
        shell.user_ns_hidden.update(shell.user_ns)


def draft_app() -> LearnerKernelApp:
    """A kernel, its shell included, without sockets, threads or key: one for all forks of a zygote."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    app = LearnerKernelApp.instance(
        config=config, kernel_class=LearnerKernel, outstream_class="mltutor_shell.LearnerStream",
        transport="ipc", log_level=50,
        shell_port=1, iopub_port=2, stdin_port=3, control_port=4, hb_port=5,
    )  # fmt: skip
    LearnerShell.instance(config=config, compiler_class=XCachingCompiler)
    # IPython explains how to leave a terminal whenever a program ends itself.
    warnings.filterwarnings("ignore", message="To exit: use", category=UserWarning)
    return app


def make_app(sockets: str, key: str) -> LearnerKernelApp:
    """A kernel whose sockets are bound; `app.start()` serves. Its standard descriptors lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    app = draft_app()  # the one that was drafted, if one was
    app.ip = sockets
    app.session.key = key.encode("ascii")
    ipkernel = cast(Any, ipykernel.ipkernel)
    _leave_debugger_out(ipkernel)
    app.initialize([])
    ipkernel.sys = sys
    cast(LearnerShell, app.shell).watch_cells()
    return app


def _leave_debugger_out(ipkernel: Any) -> None:
    """Let ipykernel look for debugpy and find none, nor the files of all modules to step over."""
    absent = cast(Any, ModuleType("ipykernel.debugger"))
    absent._is_debugpy_available = False
    sys.modules[absent.__name__] = absent
    ipkernel.sys = SimpleNamespace(modules={})
