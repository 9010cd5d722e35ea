"""S1-S14, and what a fork could try against the process that it was forked from."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox.kernel import open_kernel
from sandbox.limits import Limits
from sandbox.pool import shared_pool
from sandbox.run import run_code, run_file
from tests.attacks.arena import said

TRY = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(action):
    try: return action() or "done"
    except OSError as error: return errno.errorcode.get(error.errno, "error")
def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]
"""


def attempt(code: str) -> str:
    """The last expression of `code` as the sandbox prints it."""
    return said(TRY + code)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow",
        "/root/.ssh",
        "/home",
        "/proc/1/root/etc/shadow",
        "/var",
        "/sys",
        "/run",
        "/boot",
        "/mnt",
    ],
)
def test_s01_secrets_of_the_machine_are_not_there(path: str) -> None:
    answer = attempt(
        f"print(tried(lambda: open({path!r}).read() if os.path.isfile({path!r}) else os.listdir({path!r})))"
    )
    assert answer in ("ENOENT", "EACCES", "['learner']", "[]")


def test_s01_the_environment_shows_no_configuration_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-attack-4711")
    assert "sk-attack" not in said("import os; print(dict(os.environ), open('/proc/self/environ').read())")


@pytest.mark.parametrize(
    "place",
    ["sys.prefix", "numpy.__path__[0]", "os.path.dirname(os.__file__)", "'/opt/mltutor'", "'/usr/lib'"],
)
def test_s02_nothing_can_be_planted_where_the_next_kernel_imports(place: str) -> None:
    code = f"import numpy, sys\nprint(tried(lambda: open({place} + '/usercustomize.py', 'w')))"
    assert attempt(code) in ("EROFS", "EACCES", "EPERM")


def test_s02_a_planted_module_of_one_kernel_is_unknown_to_the_next() -> None:
    said(
        "import pathlib, sys; pathlib.Path('json.py').write_text('planted = 1')\nsys.modules['os'].planted = 1"
    )
    assert said("import json, os; print(hasattr(json, 'planted'), hasattr(os, 'planted'))") == "False False"


def test_s03_siblings_share_no_place() -> None:
    places = ("/tmp/mark", "/dev/shm/mark", "/home/learner/mark", "/home/learner/work/mark")
    with open_kernel() as one, open_kernel() as two:
        wrote = one.execute(f"for place in {places!r}: open(place, 'w').write('x')\nprint('written')")
        assert wrote.stdout == "written\n"
        # Where Python or the tutor is installed below /tmp, the way to it is there, and nothing beside it.
        seen = two.execute(
            "import os, sys\n"
            "ways = {p.split('/')[2] for p in (sys.prefix, sys.base_prefix, *sys.path) if p[:5] == '/tmp/'}\n"
            f"print([p for p in {places!r} if os.path.exists(p)], sorted(set(os.listdir('/tmp')) - ways))"
        )
        assert seen.stdout == "[] []\n"
        listed = two.execute("import os; print(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()))")
        assert listed.stdout == "[1, 2]\n"


def test_s04_what_one_kernel_kept_in_memory_is_not_in_the_next() -> None:
    said("secret = ''.join(['left', 'over', '_9c1f']) * 1000; print(len(secret))")
    code = """
import re
pattern, found = re.compile(b"leftover_[0-9a-f]{4}"), []
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        start, end = (int(number, 16) for number in line.split()[0].split("-"))
        if line.split()[1].startswith("rw"):
            try: memory.seek(start); found += pattern.findall(memory.read(end - start))
            except (OSError, ValueError): pass
print(found)
"""
    assert said(code) == "[]"


def test_s05_descriptors_lead_to_the_kernels_own_sockets_alone() -> None:
    code = """
import os
kinds = set()
for name in os.listdir('/proc/self/fd'):
    try: kinds.add(os.readlink('/proc/self/fd/' + name).split(':')[0].split('[')[0])
    except OSError: pass
print(sorted(kinds))
"""
    allowed = {"/dev/null", "anon_inode", "pipe", "socket", "/proc/2/fd", "/dev/urandom"}
    assert set(eval(said(code), {"__builtins__": {}})) <= allowed  # noqa: S307


def test_s06_no_descriptor_speaks_to_the_zygote() -> None:
    """Requests for a fork, sent on every socket that the kernel holds, bring no fork."""
    zygote = shared_pool().zygote
    assert zygote is not None
    code = """
import json, os, socket
request = json.dumps({"op": "fork", "role": "judge", "key": "", "disk_mb": 1, "files": 9, "kept": [],
                      "hidden": [], "devices": "", "may_wait": False}).encode()
sent = 0
ours, theirs = socket.socketpair()
for number in range(3, 300):
    try: held = socket.socket(fileno=os.dup(number))
    except OSError: continue
    if held.family == socket.AF_UNIX and held.type == socket.SOCK_SEQPACKET:
        sent += 1
        socket.send_fds(held, [request], [theirs.fileno()])
print(sent)
"""
    with open_kernel() as kernel:
        assert kernel.execute(code).stdout == "0\n"
        assert len(zygote.forks()) == 1


@pytest.mark.parametrize(
    "attack",
    [
        "tried(lambda: socket.create_connection(('1.1.1.1', 80), 2))",
        "tried(lambda: socket.create_connection(('169.254.169.254', 80), 2))",
        "tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53)))",
        "tried(lambda: socket.create_connection(('2606:4700:4700::1111', 80), 2))",
        "tried(lambda: socket.socket(40, socket.SOCK_STREAM))",
        "tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
        "tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))",
        "tried(lambda: socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock'))",
    ],
)
def test_s07_no_network_of_any_kind(attack: str) -> None:
    assert attempt(f"print({attack})") not in ("done", "2", "1")


def test_s07_a_server_of_the_host_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0mltutor-attack")
        abstract.listen()
        port = server.getsockname()[1]
        code = f"print(tried(lambda: socket.create_connection(('127.0.0.1', {port}), 2)))"
        assert attempt(code) == "ECONNREFUSED"
        code = "print(tried(lambda: socket.socket(socket.AF_UNIX).connect('\\0mltutor-attack')))"
        assert attempt(code) == "ECONNREFUSED"


@pytest.mark.parametrize(
    "attack",
    [
        "libc.unshare(0x10000000)",  # user
        "libc.unshare(0x00020000)",  # mount
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc.umount2(b'/opt/engine', 2)",
        "libc.umount2(b'/tmp', 2)",
        "libc.pivot_root(b'/tmp', b'/tmp')",
        "libc.chroot(b'/tmp')",
        "libc.setns(os.pidfd_open(1), 0x20000000)",
        "libc.sethostname(b'x', 1)",
        "libc.setuid(0)",
        "libc.clone(0, 0, 0x10000011, 0)",
    ],
)
def test_s08_namespaces_mounts_and_identities_stay_as_they_are(attack: str) -> None:
    assert attempt(f"print({attack})") == "-1"


def test_s08_user_namespaces_cannot_be_allowed_again() -> None:
    path = "/proc/sys/user/max_user_namespaces"
    assert said(f"print(open({path!r}).read())") == "0"
    assert attempt(f"print(tried(lambda: open({path!r}, 'w').write('9')))") == "EACCES"


@pytest.mark.parametrize(
    "attack",
    [
        "libc.ptrace(16, 1, 0, 0)",
        "libc.process_vm_readv(1, None, 0, None, 0, 0)",
        "libc.syscall(438, os.pidfd_open(1), 3, 0)",  # pidfd_getfd
    ],
)
def test_s09_the_init_of_the_kernel_cannot_be_entered(attack: str) -> None:
    assert attempt(f"print({attack})") == "-1"


def test_s09_the_init_of_the_kernel_does_not_heed_its_children() -> None:
    with open_kernel() as kernel:
        kernel.execute("import os\nfor number in (9, 15, 19): os.kill(1, number)")
        assert kernel.execute("print(os.path.exists('/proc/1'))").stdout == "True\n"


@pytest.mark.parametrize("part", ["environ", "maps", "mem", "fd/3", "root/opt", "cwd"])
def test_s09_the_memory_of_the_init_cannot_be_read(part: str) -> None:
    code = f"print(tried(lambda: os.listdir('/proc/1/{part}') if '{part}' in ('root/opt', 'cwd') else open('/proc/1/{part}', 'rb').read(9)))"
    assert attempt(code) in ("EACCES", "EPERM", "ENOENT", "ENXIO")


@pytest.mark.parametrize("target", ["-1", "0"])
def test_s09_signals_reach_no_other_sandbox(target: str) -> None:
    with open_kernel() as sibling:
        run_code(f"import os; os.kill({target}, 9)")
        assert sibling.execute("print('alive')").stdout == "alive\n"
    zygote = shared_pool().zygote
    assert zygote is not None and zygote.is_alive()


SYSCALLS = {
    "io_uring_setup": 425, "bpf": 321, "add_key": 248, "keyctl": 250, "request_key": 249, "userfaultfd": 323,
    "perf_event_open": 298, "open_by_handle_at": 304, "init_module": 175, "kexec_load": 246, "shmget": 29,
    "x32 getpid": 0x40000000 + 39, "fsopen": 430, "move_mount": 429, "swapon": 167, "reboot": 169, "syslog": 103,
}  # fmt: skip


@pytest.mark.parametrize("name", SYSCALLS)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="arm64: the numbers are those of x86-64")
def test_s10_calls_that_serve_attacks_on_the_kernel_are_barred(name: str) -> None:
    assert attempt(f"print(call({SYSCALLS[name]}, 0, 0, 0, 0, 0))") in ("EPERM", "ENOSYS")


def test_s10_threads_that_the_kernel_started_earlier_are_filtered_too() -> None:
    code = """
import threading
from IPython import get_ipython
kernel, told, done = get_ipython().kernel, [], threading.Event()
def attack():
    told.append((libc.ptrace(16, 1, 0, 0), libc.unshare(0x00020000), threading.current_thread().name))
    done.set()
kernel.control_thread.io_loop.add_callback(attack)
done.wait(5)
print(told[0][:2], told[0][2] != threading.main_thread().name)
"""
    assert attempt(code) == "(-1, -1) True"


def test_s11_links_and_pipes_in_the_workspace_do_not_lead_the_host_astray(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read", encoding="utf-8")
    code = f"""
import os
os.symlink({str(secret)!r}, 'link')
os.symlink('/etc', 'folder')
os.mkfifo('pipe')
os.symlink('../../../../..', 'up')
"""
    names = ("link", "folder/passwd", "pipe", f"up{secret}", "../.sockets/k-1")
    with open_kernel(keep=names) as kernel:
        assert kernel.execute(code).kept == {}


def test_s12_terminal_escapes_are_not_printed_by_the_command(tmp_path: Path) -> None:
    program = tmp_path / "escape.py"
    program.write_text("print('\\x1b]0;owned\\x07\\x1b[2Jplain')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mltutor", "run", str(program)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "MLTUTOR_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert "plain" in done.stdout
    assert "\x1b" not in done.stdout and "\x07" not in done.stdout


def test_s13_a_notebook_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.ipynb"
    bomb.write_text('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mltutor", "run", str(bomb), "--json"],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "MLTUTOR_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "unreadable-submission"


def test_s14_setuid_programs_give_no_right() -> None:
    code = "import subprocess; print(subprocess.run(['su', '-c', 'id'], capture_output=True, input=b'').returncode)"
    assert said(code) != "0"
    assert "NoNewPrivs:\t1" in said("print(open('/proc/self/status').read())")


def test_hostile_interrupts_of_the_host_end_the_zygote_and_all_below() -> None:
    """The zygote in a session of its own is not met by what a terminal sends to the host."""
    zygote = shared_pool().zygote
    assert zygote is not None
    assert os.getsid(zygote.pid) != os.getsid(0)
    with open_kernel() as kernel:
        signal.raise_signal(signal.SIGCONT)
        assert kernel.execute("print(1)").stdout == "1\n"


def test_many_at_once_stay_apart() -> None:
    """Eight kernels in eight threads: each sees its own number alone."""
    seen: dict[int, str] = {}

    def work(number: int) -> None:
        with open_kernel(limits=Limits(memory_mb=256)) as kernel:
            kernel.execute(f"open('/tmp/n', 'w').write('{number}')")
            seen[number] = kernel.execute("print(open('/tmp/n').read())").stdout.strip()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == {number: str(number) for number in range(8)}


def test_the_engine_and_the_project_are_not_mounted_for_a_learner(tmp_path: Path) -> None:
    program = tmp_path / "look.py"
    program.write_text(
        "import os\nprint(os.listdir('/opt/engine'), os.listdir('/opt/judge'))", encoding="utf-8"
    )
    assert run_file(program).stdout == "[] []\n"


def test_a_module_of_any_name_is_the_learners_own(tmp_path: Path) -> None:
    for name in ("sandbox", "knowledge", "mltutor_fork", "mltutor_agent", "mltutor_boot"):
        (tmp_path / f"{name}.py").write_text(f"own = '{name}'\n", encoding="utf-8")
    main = "import sandbox, knowledge, mltutor_fork, mltutor_agent, mltutor_boot\n"
    main += "print(sandbox.own, knowledge.own, mltutor_fork.own, mltutor_agent.own, mltutor_boot.own)\n"
    (tmp_path / "main.py").write_text(main, encoding="utf-8")
    report = run_file(tmp_path / "main.py")
    assert report.stdout == "sandbox knowledge mltutor_fork mltutor_agent mltutor_boot\n", report
