"""The filter of system calls, evaluated for both architectures by a small interpreter of classic BPF."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping

import pytest

from sandbox.kit import mltutor_seccomp as seccomp

ALLOW, KILL = seccomp._ALLOW, seccomp._KILL
EPERM, ENOSYS = seccomp._FAIL | 1, seccomp._FAIL | 38
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
PLAIN = {
    "x86_64": {"read": 0, "write": 1, "mmap": 9, "fork": 57, "execve": 59, "futex": 202, "openat": 257},
    "aarch64": {"read": 63, "write": 64, "mmap": 222, "execve": 221, "futex": 98, "openat": 56},
}  # fmt: skip


def verdict(machine: str, number: int, first: int = 0, second: int = 0, arch: int | None = None) -> int:
    """What the filter returns for one system call."""
    column, own = MACHINES[machine]
    program = [struct.unpack("HBBI", one) for one in seccomp._instructions(column, own)]
    data = struct.pack("<IIQ6Q", number, own if arch is None else arch, 0, first, second, 0, 0, 0, 0)
    accumulator = place = 0
    while True:
        code, when_true, when_false, operand = program[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            return operand
        else:
            holds: Mapping[int, bool] = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }
            place += when_true if holds[code] else when_false


@pytest.mark.parametrize("machine", MACHINES)
def test_barred_calls_fail_and_the_plain_ones_pass(machine: str) -> None:
    column = MACHINES[machine][0]
    for name, numbers in seccomp._BARRED.items():
        assert verdict(machine, numbers[column]) == EPERM, name
    for name, number in PLAIN[machine].items():
        assert verdict(machine, number) == ALLOW, name


@pytest.mark.parametrize("machine", MACHINES)
def test_processes_and_threads_may_be_made_and_namespaces_not(machine: str) -> None:
    column = MACHINES[machine][0]
    clone = seccomp._CLONE[column]
    assert verdict(machine, clone, 17) == ALLOW  # SIGCHLD: a fork
    assert verdict(machine, clone, 0x3D0F00) == ALLOW  # what glibc gives for a thread
    for namespace in (
        0x10000000,
        0x20000000,
        0x00020000,
        0x40000000,
        0x08000000,
        0x04000000,
        0x02000000,
        0x80,
    ):
        assert verdict(machine, clone, namespace | 17) == EPERM, hex(namespace)
    assert verdict(machine, seccomp._CLONE3[column]) == ENOSYS  # glibc then takes clone


@pytest.mark.parametrize("machine", MACHINES)
def test_only_the_families_of_ordinary_sockets_are_given(machine: str) -> None:
    socket = seccomp._SOCKET[MACHINES[machine][0]]
    allowed = {family for family in range(64) if verdict(machine, socket, family) == ALLOW}
    assert allowed == {1, 2, 10, 16}  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
    assert all(verdict(machine, socket, family) == EPERM for family in set(range(64)) - allowed)


@pytest.mark.parametrize("machine", MACHINES)
def test_typing_into_a_terminal_is_barred_and_other_requests_are_not(machine: str) -> None:
    ioctl = seccomp._IOCTL[MACHINES[machine][0]]
    assert verdict(machine, ioctl, 0, 0x5412) == verdict(machine, ioctl, 0, 0x541C) == EPERM
    assert verdict(machine, ioctl, 0, 0x5413) == ALLOW  # the size of the window


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("arch", [0x40000003, 0xC00000B7, 0xC000003E, 0])
def test_calls_of_another_architecture_end_the_process(machine: str, arch: int) -> None:
    if arch != MACHINES[machine][1]:
        assert verdict(machine, 0, arch=arch) == KILL


def test_the_x32_numbers_of_x86_64_fail() -> None:
    assert verdict("x86_64", 0x40000000 | 39) == EPERM


def test_no_two_calls_share_a_number() -> None:
    for column in (0, 1):
        numbers = [numbers[column] for numbers in seccomp._BARRED.values()]
        assert len(numbers) == len(set(numbers))


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="arm64: another machine still")
def test_the_filter_of_this_machine_is_known() -> None:
    assert os.uname().machine in seccomp._MACHINES
