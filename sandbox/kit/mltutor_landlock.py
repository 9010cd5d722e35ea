"""Landlock: a process gives up every file but those named, all TCP, and signals to strangers.

It owns one rule: what this kernel's Landlock can handle at all is handled; a right that is not
given to a path is gone, for the thread that calls and all that it starts from then on.
Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on x86-64 and arm64
_VERSION_FLAG, _PATH_BENEATH, _NO_NEW_PRIVS = 1, 1, 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILES_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # the others are a folder's
_TCP, _SCOPES = 3, 3  # bind and connect; abstract sockets and signals
_LIBC = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The version of this kernel's Landlock; 0 where it has none."""
    return max(0, int(_LIBC.syscall(_CREATE, None, 0, _VERSION_FLAG)))


def restrict(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Leave `readable` to read and run, `writable` for everything; the version in force.

    Paths that do not exist are left out. Raises OSError where there is no Landlock.
    """
    version = abi()
    files = _FILES_OF_ABI[min(version, 5)] if version else 0
    attributes = struct.pack("QQQ", files, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = int(_LIBC.syscall(_CREATE, attributes, size, 0))
    if ruleset < 0:
        raise _failed("creating the rules")
    try:
        for paths, rights in ((readable, _READ & files), (writable, files)):
            for path in paths:
                _allow(ruleset, path, rights)
        if _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or _LIBC.syscall(_RESTRICT, ruleset, 0) != 0:
            raise _failed("restricting")
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there needs no right
        return
    try:
        given = rights if Path(path).is_dir() else rights & _OF_A_FILE
        rule = struct.pack("=Qi", given, opened)
        if _LIBC.syscall(_ADD, ruleset, _PATH_BENEATH, rule, 0) != 0:
            raise _failed(f"allowing {path}")
    finally:
        os.close(opened)


def _failed(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"Landlock: {what} failed: {os.strerror(number)}")
