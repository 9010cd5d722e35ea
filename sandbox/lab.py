"""Labs: the environments that code can run in, each a folder with its own Python packages.

It owns one rule: a lab is used only when its lock file was installed whole; one that was half
built, or built from another lock file, does not count.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tutor_error import TutorError, did_you_mean

LOCKS = Path(__file__).parent / "labs"
READY = ".ready"
BUILD_SECONDS = 3600
_NEEDED = "import ipykernel, matplotlib_inline, numpy, threadpoolctl, yaml"


@dataclass(frozen=True)
class Lab:
    """name; prefix: the environment's folder; python: its interpreter."""

    name: str
    prefix: Path
    python: Path

    def site_packages(self) -> list[Path]:
        """The folders that its packages lie in."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        places = {"base": str(self.prefix), "platbase": str(self.prefix), "py_version_short": version[6:]}
        scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
        found = {sysconfig.get_path(name, scheme, places) for name in ("purelib", "platlib")}
        return sorted(Path(folder) for folder in found)


BASE = Lab("base", Path(sys.prefix), Path(sys.executable))


@dataclass(frozen=True)
class LabStatus:
    """One line of `mltutor labs`."""

    name: str
    about: str
    installed: bool
    folder: str


def lab_names() -> list[str]:
    """`base`, and every lab that has a lock file."""
    return [BASE.name, *sorted(lock.stem for lock in LOCKS.glob("*.txt"))]


def find_lab(name: str, home: Path) -> Lab:
    """The installed lab `name` below the state folder `home`.

    Raises TutorError `unknown-lab`, `missing-lab`.
    """
    if name == BASE.name:
        return BASE
    folder = _folder_of(name, home)
    if not (folder / READY).exists():
        raise TutorError("missing-lab", f"The lab `{name}` is not installed.", f"mltutor labs install {name}")
    return Lab(name, folder, folder / "bin" / "python")


def lab_statuses(home: Path) -> list[LabStatus]:
    statuses = [LabStatus(BASE.name, "The tutor's own environment.", True, str(BASE.prefix))]
    for name in lab_names()[1:]:
        folder = _folder_of(name, home)
        statuses.append(LabStatus(name, _about(name), (folder / READY).exists(), str(folder)))
    return statuses


def install_lab(name: str, home: Path, on_line: Callable[[str], object] = lambda line: None) -> Lab:
    """Build the lab from its lock file, unless it is there; `on_line` is told each step.

    Raises TutorError `unknown-lab`, `lab-failed`; what was half built is removed.
    """
    from filelock import FileLock  # only an installation waits for another

    if name == BASE.name:
        return BASE
    folder = _folder_of(name, home)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / READY).exists():
            shutil.rmtree(folder, ignore_errors=True)
            try:
                _build(name, folder, on_line)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
    return find_lab(name, home)


def _build(name: str, folder: Path, on_line: Callable[[str], object]) -> None:
    on_line(f"making {folder}")
    _run(name, [sys.executable, "-m", "venv", str(folder)])
    python = str(folder / "bin" / "python")
    on_line(f"installing {LOCKS / f'{name}.txt'}")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run(name, [python, "-m", "pip", "install", *quiet, "-r", str(LOCKS / f"{name}.txt")])
    on_line("trying it")
    _run(name, [python, "-c", _NEEDED])
    (folder / READY).write_text("", encoding="utf-8")


def _run(name: str, command: list[str]) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(name, f"it took more than {BUILD_SECONDS} s") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise _failed(name, said[-1] if said else f"exit status {done.returncode}")


def _failed(name: str, why: str) -> TutorError:
    remedy = "Packages come from PyPI or the index that pip is set to; check the network, then try again."
    return TutorError("lab-failed", f"The lab `{name}` could not be built: {why}.", remedy)


def _folder_of(name: str, home: Path) -> Path:
    """Named after the lock file's content and the Python version: a changed lock is another lab."""
    lock = LOCKS / f"{name}.txt"
    if name not in lab_names():
        remedy = did_you_mean(name, lab_names()) or f"Known: {', '.join(lab_names())}."
        raise TutorError("unknown-lab", f"There is no lab `{name}`.", remedy)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(f"{version}\0{lock.read_text(encoding='utf-8')}".encode()).hexdigest()[:12]
    return home / "labs" / f"{name}-{digest}"


def _about(name: str) -> str:
    first = (LOCKS / f"{name}.txt").read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix("#").strip()
