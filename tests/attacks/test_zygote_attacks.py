"""What kernels forked from one process could share: descriptors, devices, memory, chance, quotas."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.fork import Fork
from sandbox.kernel import Kernel, open_kernel
from sandbox.lab import BASE
from sandbox.limits import Limits
from sandbox.pool import PACKAGES, Pool, default_place, shared_pool
from sandbox.process import family_of
from sandbox.zygote import Zygote, new_key
from tests.attacks.arena import said

KCMP = {"x86_64": 312, "aarch64": 272}[platform.machine()]
OTHER_PLACE = Limits(disk_mb=99)  # no spare is of this size, so that the fork is made at once
STRANGERS = """
import os, socket, struct
found = []
for number in map(int, os.listdir("/proc/self/fd")):
    try: held = socket.socket(fileno=os.dup(number))
    except OSError: continue
    if held.family == socket.AF_UNIX and held.type == socket.SOCK_STREAM and not held.getsockname():
        peer = struct.unpack("3i", held.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        if peer == 0: found.append(number)  # it ends in another PID namespace
print(found)
"""
FORGE_BIRTH = """
for number in found:
    opened = [os.pidfd_open(os.getpid()), os.open("/home/learner", 0), os.open("/home/learner/work", 0)]
    socket.send_fds(socket.socket(fileno=os.dup(number)), [b'{"born": true}\\n{"ready": true}\\n'], opened)
"""


class Spare:
    """A fork that was asked for and may wait, while the zygote still imports."""

    def __init__(self, zygote: Zygote) -> None:
        self.fork: Fork | None = None
        self._asked = threading.Event()
        zygote.load(PACKAGES, now=False)
        send = zygote._send

        def noted(message: dict[str, object], descriptors: tuple[int, ...] = ()) -> None:
            send(message, descriptors)
            if message.get("may_wait"):
                self._asked.set()

        zygote._send = noted  # type: ignore[method-assign,assignment]
        self._thread = threading.Thread(target=self._ask, args=(zygote,))
        self._thread.start()
        assert self._asked.wait(30)

    def _ask(self, zygote: Zygote) -> None:
        self.fork = zygote.fork("kernel", default_place(), new_key(), may_wait=True)

    def close(self) -> None:
        self._thread.join(60)
        if self.fork is not None:
            self.fork.close()


@pytest.fixture
def spare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spare]:
    """One in a pool of the test's own, which new kernels are taken from too."""
    pool = Pool()
    monkeypatch.setattr("sandbox.startup.shared_pool", lambda lab=BASE: pool)
    with open_kernel(limits=OTHER_PLACE) as first:
        assert works(first)
    assert pool.zygote is not None
    waiting = Spare(pool.zygote)
    yield waiting
    waiting.close()
    pool.close()


def works(kernel: Kernel) -> bool:
    return kernel.execute("print(6 * 7)").stdout == "42\n"


def test_s05_a_kernel_holds_no_socket_of_a_kernel_that_waits_to_be_forked(spare: Spare) -> None:
    with open_kernel(limits=OTHER_PLACE) as kernel:
        assert kernel.execute(STRANGERS).stdout == "[]\n"


def test_s06_a_kernel_cannot_pose_as_the_spare_of_the_next_learner(spare: Spare) -> None:
    with open_kernel(limits=OTHER_PLACE) as kernel:
        assert kernel.execute(STRANGERS + FORGE_BIRTH).error is None
        spare._thread.join(60)
        assert spare.fork is not None
        assert spare.fork.pid not in family_of(kernel._started.process.pid)


def test_s03_a_sibling_cannot_write_into_the_terminal_of_another() -> None:
    with open_kernel() as one, open_kernel() as two:
        opened = one.execute("import os, select\nmain, own = os.openpty()\nprint(os.ttyname(own))")
        name = opened.stdout.strip()
        write = "import os\ntry: os.write(os.open({!r}, os.O_RDWR | os.O_NOCTTY), b'typed\\n')\nexcept OSError: pass"
        two.execute(write.format(name))
        look = "print(select.select([main], [], [], 0)[0] == [])"
        assert one.execute(look).stdout == "True\n"


def test_r1_a_kernel_cannot_use_up_what_the_system_counts_for_the_user() -> None:
    take = (
        "import ctypes\nlibc = ctypes.CDLL(None)\nn = 0\nwhile libc.inotify_init1(0) >= 0: n += 1\nprint(n)"
    )
    with open_kernel() as one, open_kernel() as two:
        one.execute(take)
        assert two.execute("import ctypes\nprint(ctypes.CDLL(None).inotify_init1(0) >= 0)").stdout == "True\n"


def same_file(one: int, other: int, descriptor: int, of_other: int) -> bool:
    """Whether two descriptors of two processes are one open file (kcmp(2), KCMP_FILE)."""
    libc = ctypes.CDLL(None, use_errno=True)
    order = libc.syscall(KCMP, one, other, 0, descriptor, of_other)
    if order < 0:
        raise OSError(ctypes.get_errno(), "kcmp")
    return order == 0


def descriptors(pid: int) -> list[int]:
    return [int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()]


@pytest.mark.skipif(os.geteuid() != 0, reason="linux: only root may compare the files of two sandboxes")
def test_s05_no_open_file_is_shared_with_a_sibling_or_the_zygote() -> None:
    zygote = shared_pool().zygote
    with open_kernel() as one, open_kernel() as two:
        assert zygote is not None and works(one) and works(two)
        kernel, sibling = (family_of(each._started.process.pid)[-1] for each in (one, two))
        for other in (sibling, zygote.pid):
            pairs = [(own, its) for own in descriptors(kernel) for its in descriptors(other)]
            assert [pair for pair in pairs if same_file(kernel, other, *pair)] == []
        # The comparison does find one: a process and itself.
        assert same_file(kernel, kernel, 0, 0)


def test_s04_no_memory_is_shared_that_can_be_written() -> None:
    with open_kernel() as kernel:
        assert works(kernel)
        pid = family_of(kernel._started.process.pid)[-1]
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    assert maps and [line for line in maps if line.split()[1] in ("rw-s", "-w-s", "rwxs")] == []


def test_s04_the_key_of_a_sibling_is_not_in_memory() -> None:
    code = """
import re
pattern, found = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"), set()
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        start, end = (int(number, 16) for number in line.split()[0].split("-"))
        if line.split()[1].startswith("rw"):
            try: memory.seek(start); found |= set(pattern.findall(memory.read(end - start)))
            except (OSError, ValueError): pass
print(*(key.decode() for key in found))
"""
    with open_kernel() as one, open_kernel() as two, open_kernel() as three:
        seen = three.execute(code).stdout.split()
        assert three._started.key in seen  # the search does find a key
        assert one._started.key not in seen and two._started.key not in seen


def test_s04_no_two_kernels_draw_the_same_random_numbers() -> None:
    code = "import os, random, secrets, ssl, uuid, numpy as np, torch\n"
    code += (
        "print(random.random(), np.random.rand(), torch.rand(1).item(), np.random.default_rng().random(),\n"
    )
    code += "      ssl.RAND_bytes(8).hex(), uuid.uuid4(), secrets.token_hex(8), os.urandom(8).hex())"
    drawn = [said(code, seconds=60).split() for _ in range(3)]
    assert [len(set(column)) for column in zip(*drawn, strict=True)] == [3] * 8


SHARED_IDS = {
    "semaphore": ("libc.semget(4711, 1, 0o1666)", "libc.semget(4711, 1, 0)"),
    "POSIX queue": ("libc.mq_open(b'/q4711', 0o102, 0o666, None)", "libc.mq_open(b'/q4711', 2)"),
    "shared memory": ("open('/dev/shm/q4711', 'w').fileno()", "os.open('/dev/shm/q4711', 0)"),
    "abstract socket": ("s.bind('\\0q4711') or s.listen() or 1", "s.connect('\\0q4711') or 1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHARED_IDS)
def test_s03_what_is_found_by_a_name_or_number_is_found_by_its_maker_alone(kind: str) -> None:
    make, find = SHARED_IDS[kind]
    tries = "import ctypes, os, socket\nlibc = ctypes.CDLL(None)\ns = socket.socket(socket.AF_UNIX)\n"
    tries += "def tried(action):\n    try: return action() >= 0\n    except OSError: return False\n"
    with open_kernel() as one, open_kernel() as two:
        assert one.execute(f"{tries}print(tried(lambda: {make}))").stdout == "True\n"
        if kind != "shared memory":
            fresh = "kept, s = s, socket.socket(socket.AF_UNIX)\n"
            assert one.execute(f"{fresh}print(tried(lambda: {find}))").stdout == "True\n"
        assert two.execute(f"{tries}print(tried(lambda: {find}))").stdout == "False\n"


CHANGES = """
import atexit, builtins, json, locale, os, resource, signal, sys, warnings
builtins.print_was = print
json.loads = lambda *a: "changed"
sys.modules["fractions"] = json
sys.path.insert(0, "/tmp"); sys.flags_changed = True
os.environ["CHANGED"] = "1"; os.umask(0o777); os.nice(10); os.chdir("/tmp")
signal.signal(signal.SIGTERM, signal.SIG_IGN); atexit.register(print, "left")
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
"""
STATE = """
import builtins, fractions, json, os, resource, signal, sys
print(hasattr(builtins, "print_was"), json.loads("1"), fractions.__name__, "/tmp" in sys.path,
      "CHANGED" in os.environ, oct(os.umask(0o22)), os.nice(0), os.getcwd() == "/tmp",
      signal.getsignal(signal.SIGTERM) is signal.SIG_IGN, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_s02_what_a_kernel_did_to_its_process_is_unknown_to_the_next() -> None:
    before = said(STATE)
    assert said(CHANGES + STATE) != before
    assert said(STATE) == before


@pytest.mark.parametrize("name", ["uid_map", "gid_map", "setgroups"])
def test_s08_the_map_of_identities_cannot_be_written_again(name: str) -> None:
    told = b"allow" if name == "setgroups" else b"0 0 1"
    write = f"os.write(os.open('/proc/self/{name}', os.O_WRONLY), {told!r})"
    code = f"import errno, os\ntry: print({write})\nexcept OSError as e: print(errno.errorcode[e.errno])"
    assert said(code) in ("EPERM", "EACCES")


def test_s09_the_priorities_of_others_stay_as_they_are() -> None:
    code = "import os\nfor who in (0, os.getuid()): os.setpriority(os.PRIO_USER, who, 19)\nprint(os.nice(0))"
    zygote = shared_pool().zygote
    with open_kernel() as sibling, open_kernel() as attacker:
        assert zygote is not None and works(sibling)
        others = [zygote.pid, *family_of(sibling._started.process.pid)]
        before = [os.getpriority(os.PRIO_PROCESS, pid) for pid in others]
        assert attacker.execute(code).stdout == "19\n"
        assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in others] == before


def test_s09_a_stop_signal_to_all_and_to_the_group_stops_nobody_else() -> None:
    zygote = shared_pool().zygote
    with open_kernel() as sibling, open_kernel() as attacker:
        attacker.execute("import os\nfor to in (-1, 0):\n    os.kill(to, 19)", seconds=1)
        assert zygote is not None
        assert Path(f"/proc/{zygote.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "T"
        assert works(sibling)


def test_s14_a_crash_leaves_no_image_of_memory() -> None:
    code = "import os, resource\ntry: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))\n"
    code += "except (OSError, ValueError): pass\nprint(resource.getrlimit(resource.RLIMIT_CORE))\n"
    code += "if os.fork() == 0: os.abort()\nos.wait(); print(os.listdir('.'))"
    assert said(code) == "(0, 0)\n[]"


def test_r2_control_groups_cannot_be_reached() -> None:
    code = "import os\nprint([line.split()[1] for line in open('/proc/mounts') if 'cgroup' in line],\n"
    code += "      os.path.exists('/sys/fs/cgroup'))"
    assert said(code) == "[] False"


def test_s10_a_pair_of_sockets_is_barred_for_the_families_that_a_socket_is() -> None:
    code = "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    code += f"libc.socketpair({socket.AF_VSOCK}, 1, 0, (ctypes.c_int * 2)())\n"
    code += "print(errno.errorcode[ctypes.get_errno()])"
    assert said(code) == "EPERM"
