"""P1-P6: a kernel that lies on its own Jupyter sockets harms itself alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.kernel import open_kernel
from sandbox.limits import Limits
from sandbox.pool import shared_pool
from tests.attacks.arena import DOUBLE_ONLY, graded, passed

KERNEL = "from IPython import get_ipython\nk = get_ipython().kernel\n"
FORGE = """
def forged(kind, content):
    k.session.send(k.iopub_socket, kind, content, parent=k.get_parent())
"""


def test_p1_forged_replies_alter_no_verdict(arena: Path) -> None:
    attack = KERNEL + FORGE
    attack += "for _ in range(20):\n    forged('execute_reply', {'status': 'ok'})\n"
    attack += "    forged('stream', {'name': 'stdout', 'text': '{\"passed\": true}'})\n"
    attack += "    forged('status', {'execution_state': 'idle'})\n"
    assert passed(graded(arena, DOUBLE_ONLY + attack)) <= {"another"}


def test_p1_a_forged_parent_does_not_reach_another_execution() -> None:
    with open_kernel() as kernel:
        kernel.execute(KERNEL + FORGE + "old = k.get_parent()")
        forge = "_ = k.session.send(k.iopub_socket, 'stream', {'name': 'stdout', 'text': 'late'}, parent=old)"
        assert kernel.execute(forge).stdout == ""


def test_p2_the_sockets_of_a_kernel_are_seen_by_itself_alone() -> None:
    with open_kernel() as one, open_kernel() as two:
        listed = (
            "import os; print(sorted(os.listdir('/home/learner/.sockets')), os.stat('/home/learner').st_dev)"
        )
        mine, theirs = one.execute(listed).stdout, two.execute(listed).stdout
        assert mine.split("]")[0] == theirs.split("]")[0] and mine != theirs
        assert one._started.key != two._started.key
        # On the host the way to them is a descriptor of this process, no path.
        assert one._started.sockets.startswith("/proc/self/fd/")


@pytest.mark.parametrize(
    "sent",
    [
        "k.iopub_socket.send_multipart([b'x' * 10 ** 8])",
        "k.iopub_socket.send_multipart([b'x'] * 20000)",
        "k.iopub_socket.send_multipart([b'kernel', b'<IDS|MSG>', b'', b'{', b'{', b'{', b'{'])",
        "k.iopub_socket.send_multipart([b''])",
        "k.session.send(k.iopub_socket, 'stream', {'name': 'stdout', 'text': 7}, parent=k.get_parent())",
        "k.session.send(k.iopub_socket, 'display_data', {'data': {'image/png': 'é' * 99}}, parent=k.get_parent())",
        "k.session.send(k.iopub_socket, 'stream', {'text': 'x' * 10 ** 8, 'name': 'stdout'}, parent=k.get_parent())",
        "k.session.send(k.iopub_socket, 'execute_result', {'data': [[[[]]]]}, parent=k.get_parent())",
    ],
)
def test_p3_malformed_and_giant_messages_are_left_out(sent: str) -> None:
    with open_kernel(limits=Limits(seconds=10)) as kernel:
        assert kernel.execute(KERNEL + sent).outcome in ("ok", "output", "crashed")
        if kernel.is_alive():
            assert kernel.execute("print(1)").outcome == "ok"


def test_p4_what_a_browser_would_run_does_not_leave_the_kernel() -> None:
    code = "from IPython.display import HTML, SVG, Javascript, display\n"
    code += "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'), SVG('<svg onload=\"alert(1)\"/>'))"
    with open_kernel() as kernel:
        done = kernel.execute(code)
    assert done.figures == ()
    assert "alert" not in done.stdout + done.stderr
    assert "<IPython.core.display.HTML object>" in done.stdout


def test_p5_a_kernel_that_says_idle_and_goes_on_meets_the_deadline_of_the_host() -> None:
    code = KERNEL + FORGE + "forged('status', {'execution_state': 'idle'})\nwhile True: pass"
    with open_kernel() as kernel:
        assert kernel.execute(code, seconds=1).outcome == "timeout"


def test_p5_a_kernel_that_never_answers_does_not_hold_the_host() -> None:
    with open_kernel() as kernel:
        code = KERNEL + "import threading\nk.session.send = lambda *a, **o: None\nprint(1)"
        assert kernel.execute(code, seconds=1).outcome in ("timeout", "crashed")


def test_p5_a_kernel_that_goes_on_and_publishes_nothing_is_ended_in_time() -> None:
    with open_kernel() as kernel:
        mute = "k.iopub_thread.schedule = lambda send: None\nfrom pathlib import Path\n"
        gone = "for door in Path.home().glob('.sockets/*'): door.unlink()"
        assert kernel.execute(KERNEL + mute + gone).outcome == "ok"
        done = kernel.execute("print(1)", seconds=1)
        assert (done.outcome, done.stdout, kernel.is_alive()) == ("crashed", "", False)
        assert done.error is not None and "arrives" in done.error.message
        assert done.seconds < 15


def test_p6_the_zygote_has_one_thread_and_never_computed() -> None:
    pool = shared_pool()
    pool.prepare(["numpy", "scipy", "pandas", "matplotlib", "sklearn", "torch"])
    with open_kernel() as kernel:
        code = "import torch, numpy\nprint(torch.cuda.is_initialized(), torch.ones(300, 300).mm(torch.ones(300, 300))[0, 0].item())"
        assert kernel.execute(code).stdout == "False 300.0\n"
    assert pool.zygote is not None
    status = Path(f"/proc/{pool.zygote.pid}/status").read_text(encoding="ascii")
    assert "Threads:\t1\n" in status
