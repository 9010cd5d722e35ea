"""A kernel runs code as a notebook and a script do, and tells what happened."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from sandbox import frame
from sandbox.kernel import Kernel, open_kernel
from sandbox.limits import Limits
from sandbox.report import RunError
from tutor_error import TutorError

PNG = b"\x89PNG\r\n\x1a\n"
SCRIPT = b"""import sys
import helper

def broken():
    return helper.divide(1, 0)

if __name__ == "__main__":
    print(sys.argv, __file__)
    broken()
"""
CELLS = ["x = 6", "x * 7", "# only words", "1 / 0", "print('never')"]
NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# title"},
            *(
                {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source, "outputs": [],
                 "execution_count": None}
                for n, source in enumerate(CELLS)
            ),
        ],
    }
).encode()  # fmt: skip
FILES = {
    "train.py": SCRIPT,
    "helper.py": b"def divide(a, b):\n    return a / b\n",
    "wrong.py": b"x = 1\ndef f(:\n    pass\n",
    "stops.py": b"import sys\nprint('done')\nsys.exit(0)\n",
    "fails.py": b"import sys\nsys.exit(3)\n",
    "loops.py": b"import asyncio\nasync def main():\n    return 'ran'\nprint(asyncio.run(main()))\n",
    "note.ipynb": NOTEBOOK,
    "bad.ipynb": b"{}",
    "deep/data.txt": b"deep",
}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with open_kernel(FILES, limits=Limits(seconds=20)) as opened:
        yield opened


def test_streams_and_the_last_value_are_collected(kernel: Kernel) -> None:
    done = kernel.execute("import sys; print('out'); print('err', file=sys.stderr); 2 + 3")
    assert (done.outcome, done.stdout, done.stderr) == ("ok", "out\n5\n", "err\n")
    assert done.error is None
    assert not done.truncated


def test_output_arrives_while_the_code_still_runs(kernel: Kernel) -> None:
    # The code waits until it is cancelled, which happens only when its output was seen.
    cancel = threading.Event()
    done = kernel.execute(
        "print('first', flush=True)\nimport time\nwhile True: time.sleep(0.01)",
        on_stream=lambda name, text: cancel.set() if (name, text) == ("stdout", "first\n") else None,
        cancel=cancel,
    )
    assert (done.outcome, done.stdout) == ("error", "first\n")
    assert done.error is not None
    assert done.error.name == "Cancelled"
    assert kernel.is_alive()


def test_output_of_child_processes_comes_before_the_end(kernel: Kernel) -> None:
    for _ in range(5):
        assert kernel.execute("import os; _ = os.system('echo from the shell')").stdout == "from the shell\n"


def test_error_names_the_line_and_the_state_survives(kernel: Kernel) -> None:
    done = kernel.execute("kept = 1\ndef f():\n    raise KeyError('missing')\nf()")
    assert (done.outcome, done.error) == ("error", RunError("KeyError", "'missing'", 3))
    assert kernel.execute("kept").stdout == "1\n"


def test_syntax_error_names_the_line_and_no_invented_file(kernel: Kernel) -> None:
    done = kernel.execute("x = 1\ny = = 2\n")
    assert done.error == RunError("SyntaxError", "invalid syntax", 2)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def f():\n    f()\nf()", ("RecursionError", 2)),
        ("\nraise ExceptionGroup('several', [ValueError(1)])", ("ExceptionGroup", 2)),
        ("class A:\n    def __repr__(self):\n        raise TypeError('no')\nA()", ("TypeError", 3)),
        ("class E(Exception):\n    def __str__(self): return 1\nraise E()", ("E", 3)),
        ("if 1:\nx = 2", ("IndentationError", 2)),
        ("raise ValueError('x' * 10**7)", ("ValueError", 1)),
        ("input('name? ')", ("StdinNotImplementedError", 1)),
    ],
    ids=["recursion", "group", "repr", "message", "indentation", "huge", "input"],
)
def test_unusual_errors_are_told_as_well(kernel: Kernel, code: str, error: tuple[str, int]) -> None:
    done = kernel.execute(code)
    assert done.outcome == "error"
    assert done.error is not None
    assert (done.error.name, done.error.line) == error
    assert len(done.error.message) < 5000


@pytest.mark.parametrize(
    ("code", "stdout"),
    [
        (r"print('\ud800', end='|')", "?|"),
        ("import os; os.write(1, b'\\xc3'); os.write(1, b'\\xa9'); _ = os.write(1, b'\\xff')", "é\ufffd"),
        ("for _ in range(3): get_ipython().kernel._publish_status('idle', 'shell')\nprint('late')", "late\n"),
        ("get_ipython().kernel.iopub_socket.send_multipart([b'junk'] * 9)\nprint('after')", "after\n"),
        ("from IPython.display import display\ndisplay({'image/png': 'no base64!'}, raw=True)", ""),
    ],
    ids=["lone surrogate", "bytes", "false idle", "junk", "false figure"],
)
def test_odd_and_forged_output_does_no_harm(kernel: Kernel, code: str, stdout: str) -> None:
    done = kernel.execute(code)
    assert (done.stdout, done.figures, done.error) == (stdout, (), None)


def test_script_runs_as_main_and_its_error_is_placed_in_it(kernel: Kernel) -> None:
    done = kernel.run_file("train.py")
    assert done.stdout.startswith("['train.py']")
    assert done.stdout.endswith("/train.py\n")
    assert done.error == RunError("ZeroDivisionError", "division by zero", 5)


def test_script_with_a_syntax_error_is_placed_in_it(kernel: Kernel) -> None:
    done = kernel.run_file("wrong.py")
    assert done.error is not None
    assert (done.error.name, done.error.line) == ("SyntaxError", 2)
    assert "wrong.py" not in done.error.message


def test_script_that_exits_with_zero_is_ok_and_with_three_is_not(kernel: Kernel) -> None:
    stopped = kernel.run_file("stops.py")
    assert (stopped.outcome, stopped.stdout) == ("ok", "done\n")
    failed = kernel.run_file("fails.py")
    assert failed.error == RunError("SystemExit", "3", 2)


def test_script_may_run_its_own_event_loop(kernel: Kernel) -> None:
    done = kernel.run_file("loops.py")
    assert (done.outcome, done.stdout) == ("ok", "ran\n")
    assert kernel.execute("import asyncio; await asyncio.sleep(0); 'after'").stdout == "'after'\n"


def test_notebook_runs_cell_by_cell_until_the_error(kernel: Kernel) -> None:
    done = kernel.run_file("note.ipynb")
    assert done.stdout == "42\n"
    assert done.error == RunError("ZeroDivisionError", "cell 4: division by zero", 1)


def test_broken_notebook_is_an_error_for_the_user(kernel: Kernel) -> None:
    with pytest.raises(TutorError) as caught:
        kernel.run_file("bad.ipynb")
    assert caught.value.code == "unreadable-submission"


def test_files_in_folders_are_there(kernel: Kernel) -> None:
    assert kernel.execute("open('deep/data.txt').read()").stdout == "'deep'\n"


def test_figures_shown_and_left_open_are_collected_as_png(kernel: Kernel) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\nplt.figure(); plt.plot([2, 1]);"
    done = kernel.execute(code)
    assert len(done.figures) == 2
    assert all(figure.startswith(PNG) for figure in done.figures)
    assert done.figures[0] != done.figures[1]
    assert done.stdout == ""


def test_metrics_are_tracked_and_bounded(kernel: Kernel) -> None:
    code = "from mltutor_kit import track\nimport numpy as np\n"
    code += "track(1, loss=np.float32(0.5), name='a')\ntrack(2, loss=0.25)\ntrack(3, huge='x' * 100_000)"
    done = kernel.execute(code)
    assert done.metrics == ({"step": 1, "loss": 0.5, "name": "a"}, {"step": 2, "loss": 0.25})
    assert done.truncated


def test_import_path_holds_the_kit_and_not_our_packages(kernel: Kernel) -> None:
    for name in ("knowledge", "sandbox.grading", "tutor_error.TutorError"):
        module, _, rest = name.partition(".")
        done = kernel.execute(f"import {module}\n{module}.{rest}" if rest else f"import {module}")
        assert done.error is not None, name
        assert done.error.name in ("ModuleNotFoundError", "AttributeError")


def test_kept_files_are_regular_capped_and_inside_the_workspace() -> None:
    names = ("model.bin", "deep/a.txt", "link", "linked/passwd", "pipe", "huge.bin", "missing", "../x")
    code = """import os
open('model.bin', 'wb').write(b'weights')
os.mkdir('deep'); open('deep/a.txt', 'w').write('a')
os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'linked'); os.mkfifo('pipe')
open('../x', 'w').write('outside')
with open('huge.bin', 'wb') as f: f.truncate(40 * 2**20)"""
    with open_kernel(keep=names) as kernel:
        assert kernel.execute(code).kept == {"model.bin": b"weights", "deep/a.txt": b"a"}
        died = kernel.execute("import os; os._exit(1)")
        assert died.outcome == "crashed"
        assert died.kept["model.bin"] == b"weights"


def test_channel_and_codec_reach_the_kernel() -> None:
    code = "import os, socket, mltutor_agent\nfrom sandbox.frame import receive_frame, send_frame\n"
    code += "s = socket.socket(fileno=int(os.environ['MLTUTOR_CHANNEL']))\n"
    code += "send_frame(s, receive_frame(s).header | {'back': True})"
    with open_kernel(channel=True) as kernel:
        assert isinstance(kernel.channel, socket.socket)
        kernel.channel.settimeout(10)
        frame.send_frame(kernel.channel, {"n": 1})
        done = kernel.execute(code)
        assert done.error is None
        assert frame.receive_frame(kernel.channel).header == {"n": 1, "back": True}


def test_workspace_path_that_leaves_it_is_refused() -> None:
    with pytest.raises(ValueError, match="inside a workspace"):
        open_kernel({"../evil.py": b""})


def test_files_that_do_not_fit_are_one_clear_error() -> None:
    with pytest.raises(TutorError) as caught:
        open_kernel({"big.bin": b"x" * 3_000_000}, limits=Limits(disk_mb=1))
    assert caught.value.code == "kernel-failed"
    assert "No space left" in caught.value.message
