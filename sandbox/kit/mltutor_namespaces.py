"""Namespaces of its own for a forked process: made at its birth, furnished, and locked behind it.

It owns one rule: what is born here can reach less than its parent, and nothing it is told later
can give any of it back. Every step that fails raises, so that nobody runs half confined.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

NOBODY = 65534
HOME, SCRATCH, ENGINE = "/home/learner", "/tmp", "/opt/engine"
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}
_SIGCHLD = 17
_NEW = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000  # USER NS PID NET IPC UTS
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
_CAPABILITY_VERSION = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_LIBC = ctypes.PyDLL(None, use_errno=True)  # it keeps the interpreter's lock, which a fork must hold


def born_apart() -> int:
    """Fork into new user, mount, PID, network, IPC and UTS namespaces; 0 in the child, which is PID 1.

    The process must have one thread: the handlers that a library registers for `fork` don't run.
    """
    pid = int(_LIBC.syscall(_SYS_CLONE[platform.machine()], _NEW | _SIGCHLD, 0, 0, 0, 0))
    if pid < 0:
        raise _failed("clone")
    return pid


def furnish(
    disk_mb: int, files: int, kept: Sequence[str] = (), hidden: Sequence[str] = (), is_judge: bool = False
) -> None:
    """Lay out the namespaces of the process that `born_apart` made.

    disk_mb, files: the size and the number of files of each place that can be written.
    kept: folders of the zygote below such a place that stay in sight. hidden: device files that
    it may not open. is_judge: leaves the judge's engine in sight.
    """
    # The mapping of numbers is one to one: nobody stays nobody, here and outside.
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NOBODY} {NOBODY} 1")
    _write("/proc/self/gid_map", f"{NOBODY} {NOBODY} 1")
    os.setsid()  # a signal to the group it was born in would reach its parent
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    size = f"size={max(1, disk_mb)}m,nr_inodes={files}"
    kept_open = {folder: os.open(folder, os.O_PATH) for folder in kept}
    for place, mode in ((HOME, "0755"), (SCRATCH, "1777"), ("/dev/shm", "1777")):
        _mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, f"{size},mode={mode}")
    for folder, descriptor in kept_open.items():
        Path(folder).mkdir(parents=True)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, _MS_BIND | _MS_REC)
        os.close(descriptor)
    for name in ("work", ".sockets"):
        Path(HOME, name).mkdir(mode=0o700)
    # Terminals of its own: those of the zygote are everybody's.
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    if not is_judge:
        _mount("tmpfs", ENGINE, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_RDONLY, "size=4k,mode=0500")
    for device in hidden:
        # A device file on a mount without devices cannot be opened, as under a device cgroup.
        _mount(device, device, None, _MS_BIND)
        _mount("none", device, None, _MS_REMOUNT | _MS_BIND | _MS_NODEV | _MS_NOSUID)
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    _write("/proc/sys/user/max_user_namespaces", "0")
    _write("/proc/sys/user/max_inotify_instances", "16")  # all kernels share those of the real user
    _bring_up_loopback()
    socket.sethostname("learner")


def lock_folder(folder: str) -> None:
    """Make what lies in the mount `folder` unchangeable."""
    _mount("none", folder, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def mount_folder(folder: str, disk_mb: int) -> None:
    """An empty folder in memory."""
    _mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={disk_mb}m,mode=0755")


def drop_capabilities() -> None:
    """Give up every capability for good, and the chance to gain one by running a program."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))
    for number in range(last + 1):
        # An ordinary user may not change the set, and has nothing in it that could be gained.
        if _LIBC.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0 and ctypes.get_errno() != errno.EPERM:
            raise _failed("dropping the capabilities")
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    if _LIBC.capset(header, bytes(24)) != 0 or _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _failed("dropping the capabilities")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    if any(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("CapEff", "CapPrm"))):
        raise OSError(errno.EPERM, "a capability is left")


def hide_memory() -> None:
    """Let no process of the same user look into this one."""
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    names = [text.encode() if text else None for text in (source, target, kind)]
    if _LIBC.mount(names[0], names[1], names[2], ctypes.c_ulong(flags), options.encode() or None) != 0:
        raise _failed(f"mounting {target}")


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")


def _failed(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what} failed: {os.strerror(number)}")
