"""Attacks on the process that holds the other end: its memory, its parser, its trust in paths."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel import open_kernel
from sandbox.limits import Limits, Outcome
from sandbox.run import run_code
from tests.attacks.breach import open_breach

SIGNED = """
from IPython import get_ipython
k = get_ipython().kernel
def signed(kind, content, **header):
    "A message with any header and any bytes as its content, under the right signature."
    import json
    parts = [bytes(part) for part in k.session.serialize(k.session.msg(kind, {}, parent=k.get_parent()))]
    at = parts.index(b"<IDS|MSG>")
    parts[at + 2] = json.dumps(json.loads(parts[at + 2]) | header).encode()
    parts[at + 5] = content
    parts[at + 1] = k.session.sign(parts[at + 2 : at + 6])
    k.iopub_socket.send_multipart(parts)
def shown(mime, value):
    signed("display_data", b'{"data": {"application/vnd.mltutor.' + mime + b'+json": ' + value + b"}}")
"""
RECORDS = {
    "metrics": "shown(b'metrics', b'{\"step\": 1, \"x\": ' + b'[' * n + b']' * n + b'}')",
    "error": "shown(b'error', b'{\"name\": ' + b'[' * n + b']' * n + b', \"line\": 1}')",
}


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_p3_a_message_of_many_parts_does_not_fill_the_memory_of_the_host() -> None:
    code = "import zmq\nfrom IPython import get_ipython\npart = zmq.Frame(bytes(2_000_000), copy=False)\n"
    code += "out = get_ipython().kernel.iopub_thread.socket\n"
    code += "for _ in range(150): out.send(part, zmq.SNDMORE, copy=False)\nout.send(b'')\nimport time; time.sleep(60)"
    most = before = resident_mb()
    done = threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, resident_mb())

    watch = threading.Thread(target=look)
    watch.start()
    try:
        report = run_code(code, limits=Limits(seconds=10, memory_mb=300))
    finally:
        done.set()
        watch.join()
    assert most - before < 100
    assert report.outcome == "output" and report.seconds < 8, report


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user may pass, where a service of this machine listens."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_s11_a_link_for_the_folder_of_sockets_does_not_lead_the_host_to_a_service(open_place: Path) -> None:
    code = f"""
import gc, os, time, zmq
home = os.path.expanduser("~")
os.rename(home + "/.sockets", home + "/.moved"); os.symlink({str(open_place)!r}, home + "/.sockets")
for thing in gc.get_objects():
    if isinstance(thing, zmq.Socket) and not thing.closed:
        if thing.getsockopt_string(zmq.LAST_ENDPOINT).endswith("k-1"): thing.close(0)
time.sleep(60)
"""
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(str(open_place / "k-1"))
        service.listen()
        run_code(code, limits=Limits(seconds=3))
        assert select.select([service], [], [], 0)[0] == []


def test_p3_a_date_that_does_not_exist_is_left_out() -> None:
    code = f"{SIGNED}signed('stream', b'{{}}', date='9999-12-31T24:00:00Z')\nprint('on')"
    assert run_code(code, limits=Limits(seconds=10)).stdout == "on\n"


@pytest.mark.parametrize("kind", RECORDS)
def test_p3_a_record_of_any_depth_does_not_stop_the_host(kind: str) -> None:
    code = f"{SIGNED}for n in range(300, 1200, 7): {RECORDS[kind]}\nprint('on')"
    assert run_code(code, limits=Limits(seconds=20)).stdout.endswith("on\n")


def test_p3_a_forged_error_cannot_break_the_document_of_the_command(tmp_path: Path) -> None:
    forged = 'shown(b\'error\', rb\'{"name": "E", "message": "\\ud800", "line": true}\')'
    program = tmp_path / "forged.py"
    program.write_text(SIGNED + forged, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mltutor", "run", str(program), "--json", "--seconds", "5"],
        capture_output=True, timeout=60, check=False,
        env={**os.environ, "MLTUTOR_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["outcome"] == "error" and report["error"]["name"] == "E"
    assert type(report["error"]["line"]) in (int, type(None))


@pytest.mark.parametrize("port", [1, 2, 4])
def test_p5_a_socket_that_speaks_another_protocol_does_not_hold_the_host(port: int) -> None:
    code = f"""
import gc, os, socket, threading, zmq
path = os.path.expanduser("~/.sockets/k-{port}")
os.rename(path, path + ".moved")
server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(50)
def babble():
    while True:
        try: server.accept()[0].sendall(b"HTTP/1.1 200 OK\\r\\n" * 20)
        except OSError: pass
threading.Thread(target=babble, daemon=True).start()
for thing in gc.get_objects():
    if isinstance(thing, zmq.Socket) and not thing.closed:
        if thing.getsockopt_string(zmq.LAST_ENDPOINT).endswith("k-{port}"): thing.close(0)
while True: pass
"""
    done: list[Outcome] = []
    worker = threading.Thread(
        target=lambda: done.append(run_code(code, limits=Limits(seconds=2)).outcome), daemon=True
    )
    worker.start()
    worker.join(30)
    assert done == ["timeout"]


def test_r1_names_that_look_like_process_tables_hide_nobody() -> None:
    code = """
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"x) S 1 1 1 (", 0, 0, 0)
for _ in range(40):
    if os.fork() == 0: time.sleep(60); os._exit(0)
time.sleep(60)
"""
    assert run_code(code, limits=Limits(seconds=10, processes=16)).outcome == "processes"


UNCOUNTED = {
    "shared_map_out_of_the_page_table": """
import mmap
size = 400 * 2 ** 20
m = mmap.mmap(-1, size)
for at in range(0, size, 2 ** 20):
    m[at : at + 2 ** 20] = b"x" * 2 ** 20
    m.madvise(mmap.MADV_DONTNEED, at, 2 ** 20)
held = m[5:6] + m[-1:]
""",
    "socket_buffers": """
import socket
pairs = []
for _ in range(440):
    for end in socket.socketpair():
        end.setblocking(False); pairs.append(end)
        try:
            while True: end.send(b"x" * 65536)
        except OSError: pass
""",
}


@open_breach("where no control group holds, memory that no page table shows is not counted")
@pytest.mark.parametrize("kind", UNCOUNTED)
def test_r2_memory_is_bounded_where_there_are_no_control_groups(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.supervisor.open_group", lambda: None)
    done = run_code(f"{UNCOUNTED[kind]}\nprint('held')", limits=Limits(seconds=20, memory_mb=128, disk_mb=16))
    assert "held" not in done.stdout


def test_s11_files_of_every_kind_are_read_from_the_workspace_without_harm() -> None:
    code = """
import os, socket
open("good", "w").write("x"); os.link("good", "hard"); os.symlink("good", "soft")
os.mkdir("folder"); socket.socket(socket.AF_UNIX).bind("listening")
open("sparse", "wb").truncate(200 * 2 ** 20); open("closed", "w").close(); os.chmod("closed", 0)
os.symlink("/proc/self/environ", "environ"); os.symlink("loop", "loop"); open("nine" * 50, "w").write("x")
"""
    names = (
        "good",
        "hard",
        "soft",
        "folder",
        "listening",
        "sparse",
        "environ",
        "loop",
        "/etc/passwd",
        "",
        ".",
    )
    with open_kernel(keep=names) as kernel:
        done = kernel.execute(code)
    assert done.error is None
    assert done.kept == {"good": b"x", "hard": b"x"}  # two names of the learner's own file
