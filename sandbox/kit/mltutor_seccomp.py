"""Bars the system calls that a learner's code has no use for and an attack on the kernel has.

It owns one rule: namespaces hide what is on the machine, this filter narrows the way to the
kernel below them. A barred call fails with EPERM, one of another architecture ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

# x86-64 and arm64 numbers; what both share by number is given once.
_BARRED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "msgget": (68, 186),  # memory that belongs to no process, so that nobody counts it
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
_CLONE, _CLONE3, _SOCKET, _IOCTL = (56, 220), (435, 435), (41, 198), (16, 29)
_SOCKETPAIR = (53, 199)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEW{USER,PID,NET,IPC,UTS,NS,CGROUP,TIME}
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; a VM's AF_VSOCK has no namespace
_NO_NETWORK = (16,)  # sockets of a path or the network lead out of Landlock; a pair does not
_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into the terminal of someone else
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_PR_SET_NO_NEW_PRIVS, _SYS_SECCOMP, _SET_MODE_FILTER, _ALL_THREADS = 38, (317, 277), 1, 1


def install(*, network: bool = True) -> bool:
    """Filter the calls of all threads of this process and all that they start.

    network: sockets may be made; false where no namespace stands behind them. Returns false on a
    machine not known here.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = b"".join(_instructions(*machine, families=_FAMILIES if network else _NO_NETWORK))
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "new rights could not be barred")
    # Threads that a kernel has already started are filtered too, or code could be sent to them.
    if libc.syscall(_SYS_SECCOMP[machine[0]], _SET_MODE_FILTER, _ALL_THREADS, fprog) != 0:
        raise OSError(ctypes.get_errno(), "the system calls could not be filtered")
    return True


def _instructions(column: int, architecture: int, families: tuple[int, ...] = ()) -> list[bytes]:
    """The filter as classic BPF: eight bytes an instruction."""
    families = families or _FAMILIES
    barred = _FAIL | errno.EPERM
    program = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, architecture, 1, 0), _op(_RETURN, _KILL)]
    program += [_op(_LOAD, _NUMBER), _op(_AT_LEAST, _X32, 0, 1), _op(_RETURN, barred)]
    for numbers in _BARRED.values():
        program += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, barred)]
    # glibc falls back to clone, whose flags can be read here; those of clone3 lie behind a pointer.
    program += [_op(_EQUAL, _CLONE3[column], 0, 1), _op(_RETURN, _FAIL | errno.ENOSYS)]
    program += [_op(_EQUAL, _CLONE[column], 0, 4), _op(_LOAD, _ARGUMENTS)]
    program += [_op(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _op(_RETURN, barred), _op(_RETURN, _ALLOW)]
    program += [_op(_EQUAL, _SOCKET[column], 0, len(families) + 3), _op(_LOAD, _ARGUMENTS)]
    for left, family in zip(range(len(families), 0, -1), families, strict=True):
        program.append(_op(_EQUAL, family, left, 0))
    program += [_op(_RETURN, barred), _op(_RETURN, _ALLOW)]
    program += [_op(_EQUAL, _SOCKETPAIR[column], 0, 4), _op(_LOAD, _ARGUMENTS)]
    program += [_op(_EQUAL, 1, 0, 1), _op(_RETURN, _ALLOW), _op(_RETURN, barred)]
    program += [_op(_EQUAL, _IOCTL[column], 0, 4), _op(_LOAD, _ARGUMENTS + 8)]
    program += [_op(_EQUAL, _TERMINAL[0], 1, 0), _op(_EQUAL, _TERMINAL[1], 0, 1), _op(_RETURN, barred)]
    return [*program, _op(_RETURN, _ALLOW)]


def _op(code: int, operand: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, when_true, when_false, operand)
