"""What a sandboxed process sees of this machine's disk, as arguments of bubblewrap.

It owns one rule: a path is invisible unless it is named here. Python and its libraries are
bound read-only, our own packages never (masked where they lie inside a bound folder), and
whatever can be written is one sized tmpfs.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sandbox.lab import BASE, Lab

HOME = "/home/learner"
WORKSPACE = f"{HOME}/work"
SCRATCH = "/tmp"
SOCKETS = f"{HOME}/.sockets"
KIT = "/opt/mltutor"
ENGINE = "/opt/engine"
JUDGED = "/opt/judge"
KIT_FOLDER = Path(__file__).parent / "kit"
NOBODY = 65534
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_ROOT = Path(__file__).parent.parent
_OURS = ("knowledge", "sandbox", "teaching", "mcp_server", "tutor", "evals", "mltutor", "tutor_error.py")
_NOT_OURS_TO_SHOW = (".git", "tests", "curriculum")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone", "fonts")
_CODEC = ("__init__.py", "exchange.py", "decoder.py", "frame.py")
_STUBS = ("passwd", "group", "hosts")
_GPU = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


def gpu_devices() -> list[Path]:
    """The NVIDIA device files of this machine; empty without a GPU."""
    dev = Path("/dev")
    cards = sorted(path for path in dev.glob("nvidia*") if path.name.removeprefix("nvidia").isdigit())
    if not cards:  # a container may hold another than the first
        return []
    return cards + [dev / name for name in _GPU if (dev / name).exists()]


def leased_devices(gpus: tuple[int, ...] | None) -> list[Path]:
    """The device files that a lease of `/dev/nvidiaN` opens; none without a lease."""
    leased = {f"nvidia{number}" for number in gpus or ()}
    found = gpu_devices() if leased else []
    return [path for path in found if path.name in leased or path.name in _GPU]


def readable_folders(lab: Lab = BASE) -> list[Path]:
    """The folders that Python needs: the system's libraries, the interpreter, the environment."""
    interpreter = lab.python.resolve().parent.parent
    wanted = [Path("/usr"), interpreter, Path(sys.base_prefix), lab.prefix]
    folders: list[Path] = []
    for folder in wanted:
        if not any(folder.is_relative_to(known) for known in folders):
            folders.append(folder)
    return folders


def readable_paths(lab: Lab = BASE) -> list[str]:
    """The same places one by one, ours left out: for an isolation that can allow and not hide."""
    roots = {_ROOT, *lab.site_packages(), *BASE.site_packages()}
    hidden = {root / name for root in roots for name in (*_OURS, *_NOT_OURS_TO_SHOW)}
    hidden |= {info for root in roots for info in root.glob("*mltutor*")}
    folders = [*readable_folders(lab), *map(Path, _SYSTEM[1:])]
    paths = [path for folder in folders if folder.exists() for path in _without(folder, hidden)]
    paths += [Path("/etc", name) for name in (*_ETC, *_STUBS, "mime.types", "ssl")]
    return [str(path) for path in [*paths, Path("/proc")]]


def _without(folder: Path, hidden: set[Path]) -> list[Path]:
    """`folder`, or what lies in it where something in it is hidden."""
    if not any(path.is_relative_to(folder) for path in hidden if path.exists()):
        return [folder]
    return [
        path
        for child in sorted(folder.iterdir())
        if child not in hidden
        for path in (_without(child, hidden) if child.is_dir() and not child.is_symlink() else [child])
    ]


def disk_arguments(
    view: Mapping[str, Path],
    disk_mb: int,
    data: Mapping[str, int],
    folders: Sequence[str] = (),
    lab: Lab = BASE,
    devices: Sequence[Path] = (),
) -> list[str]:
    """Arguments that lay out the sandbox's disk.

    view: path inside -> file or folder of this machine, bound read-only.
    disk_mb: size of each of the writable places: `HOME`, `SCRATCH` and shared memory.
    data: path inside -> open descriptor, whose content becomes a file that anyone there may read.
    folders: paths of empty folders, on which something may be mounted later. devices: of GPUs.
    """
    size = str(max(1, disk_mb) * 1024 * 1024)
    # The writable places come first: an environment may itself lie below /tmp or /home/learner.
    arguments = ["--size", size, "--perms", "1777", "--tmpfs", SCRATCH]
    arguments += [*_folders_above(HOME), "--size", size, "--tmpfs", HOME, "--dir", WORKSPACE]
    arguments += [*_bind_python(lab), *_mask_ours(lab)]
    for inside, source in {**view, **_stub_view()}.items():
        arguments += [*_folders_above(inside), "--ro-bind", str(source.resolve()), inside]
    for inside, descriptor in data.items():
        arguments += [*_folders_above(inside), "--perms", "0644", "--file", str(descriptor), inside]
    for folder in folders:
        arguments += [*_folders_above(folder), "--perms", "0755", "--dir", folder]
    arguments += ["--dev", "/dev", "--size", size, "--perms", "1777", "--tmpfs", "/dev/shm"]
    arguments += ["--remount-ro", "/dev"]
    for device in devices:
        arguments += ["--dev-bind", str(device), str(device)]
    return [*arguments, "--proc", "/proc", "--remount-ro", "/", "--chdir", WORKSPACE]


def source_arguments(view: Mapping[str, Path], lab: Lab = BASE) -> list[str]:
    """Arguments that show the sources of `disk_arguments` under their own paths, and no more.

    For the outer of two bubblewraps, which root needs: inside it every source can be reached
    by an unprivileged user, also where a folder above it (/root) is closed to others.
    """
    arguments = _bind_python(lab)
    for source in {**view, **_stub_view()}.values():
        resolved = str(source.resolve())
        arguments += [*_folders_above(resolved), "--ro-bind", resolved, resolved]
    return [*arguments, "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc", "--dir", "/tmp"]


def kit_view() -> dict[str, Path]:
    """Where the kit's files, and the codec that a graded submission speaks, appear inside."""
    view = {f"{KIT}/{file.name}": file for file in sorted(KIT_FOLDER.glob("*.py"))}
    return view | {f"{KIT}/exchange/sandbox/{name}": KIT_FOLDER.parent / name for name in _CODEC}


def _stub_view() -> dict[str, Path]:
    return {f"/etc/{name}": KIT_FOLDER / "etc" / name for name in _STUBS}


def _bind_python(lab: Lab) -> list[str]:
    arguments: list[str] = []
    for folder in readable_folders(lab):
        arguments += [*_folders_above(str(folder)), "--ro-bind", str(folder.resolve()), str(folder)]
    for name in _SYSTEM[1:]:
        path = Path(name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            arguments += ["--ro-bind", name, name]
    arguments += ["--perms", "0755", "--dir", "/etc"]
    for name in _ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def _mask_ours(lab: Lab) -> list[str]:
    """Cover our packages, or a whole checkout, that lie inside a folder bound above."""
    arguments: list[str] = []
    for root in {_ROOT, Path(sysconfig.get_path("purelib"))}:
        if not any(root.is_relative_to(folder) for folder in readable_folders(lab)):
            continue
        for path in (root / name for name in (*_OURS, *_NOT_OURS_TO_SHOW)):
            if path.is_dir():
                arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
            elif path.exists():
                arguments += ["--ro-bind", "/dev/null", str(path)]
        # The list of what a wheel installed names every misconception that a wrong solution acts on.
        for record in sorted(root.glob("mltutor-*.dist-info/RECORD")):
            arguments += ["--ro-bind", "/dev/null", str(record)]
    return arguments


def _folders_above(path: str) -> list[str]:
    """Make the folders above `path` with modes that anyone may pass (bubblewrap's own are 0700)."""
    above = [str(parent) for parent in reversed(PurePosixPath(path).parents)][1:]
    arguments: list[str] = []
    for folder in above:
        arguments += ["--perms", "0755", "--dir", folder]
    return arguments
