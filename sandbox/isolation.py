"""How well this machine can confine what it runs, and the command that confines it.

It owns one rule: a tier is claimed only after a process has run in it. `namespaces` is
bubblewrap with every namespace of its own, no network, no capability and an unprivileged user;
`landlock` is a fresh process that may read Python and write its own folder, without sockets;
`none` is a fresh process with limits, which runs a stranger's code only by explicit consent.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sandbox.lab import BASE, Lab
from sandbox.mounts import (
    HOME,
    KIT,
    KIT_FOLDER,
    NOBODY,
    SCRATCH,
    disk_arguments,
    kit_view,
    readable_paths,
    source_arguments,
)

Tier = Literal["namespaces", "landlock", "none"]
ASKED = "MLTUTOR_ISOLATION"

_INSTALL = {
    "debian": "sudo apt-get install bubblewrap",
    "ubuntu": "sudo apt-get install bubblewrap",
    "fedora": "sudo dnf install bubblewrap",
    "rhel": "sudo dnf install bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "opensuse": "sudo zypper install bubblewrap",
    "arch": "sudo pacman -S bubblewrap",
    "alpine": "sudo apk add bubblewrap",
}
_BARRED = {
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    "/proc/sys/user/max_user_namespaces": ("0", "sudo sysctl -w user.max_user_namespaces=15000"),
}


@dataclass(frozen=True)
class Isolation:
    """tier: what holds here; reason: why not a better one (empty at the best); remedy: what to type."""

    tier: Tier
    reason: str = ""
    remedy: str = ""

    @property
    def asks_before_model_code(self) -> bool:
        """Whether code that a model wrote runs only after the user agreed to it."""
        return self.tier != "namespaces"

    @property
    def may_grade_strangers(self) -> bool:
        return self.tier != "none"


@functools.lru_cache(maxsize=1)
def current_isolation() -> Isolation:
    """The best tier of this machine, probed once by running Python in it.

    MLTUTOR_ISOLATION=landlock or none asks for a weaker one; a better one cannot be asked for.
    """
    asked = os.environ.get(ASKED, "")
    if asked in ("landlock", "none"):
        best = Isolation("none", f"{ASKED}={asked} asks for a weaker tier.", f"unset {ASKED}")
    else:
        best = _best_namespaces()
    if best.tier == "namespaces" or asked == "none" or sys.platform != "linux":
        return best
    said = _probe_landlock()
    if said is None:
        return replace(best, tier="landlock")
    return replace(best, reason=f"{best.reason} Landlock does not hold either: {said}.")


def _best_namespaces() -> Isolation:
    if sys.platform != "linux":
        remedy = "Run mltutor in Linux: a virtual machine, a container with user namespaces, or WSL 2."
        return Isolation("none", f"bubblewrap needs Linux, and this is {sys.platform}.", remedy)
    if shutil.which("bwrap") is None:
        return Isolation("none", "bubblewrap is not installed.", _install_command())
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return Isolation("none", "root can give up its rights only through setpriv (util-linux).", "")
    said = _probe()
    if said is None:
        return Isolation("namespaces")
    return _explain_barred(said)


LANDLOCK_PROBE = """
import os, socket, sys
sys.path.insert(0, sys.argv[1])
import mltutor_landlock, mltutor_namespaces, mltutor_seccomp
parent = os.getppid()
secret = sys.argv[2]
open(secret).close()
mltutor_namespaces.drop_capabilities()
mltutor_landlock.restrict(sys.argv[3].split(":"), [])
mltutor_seccomp.install(network=False)
def refused(action):
    try: action()
    except OSError: return True
    return False
held = [
    refused(lambda: open(secret)), refused(lambda: socket.socket(socket.AF_INET)),
    refused(lambda: socket.socket(socket.AF_UNIX)), refused(lambda: os.kill(parent, 0)),
    refused(lambda: open(f"/proc/{parent}/environ", "rb").read()),
]
print("held" if all(held) else f"it held back only {held}")
"""


def _probe_landlock() -> str | None:
    """Run Python restricted; what it could do and should not, or None when all was refused."""
    with tempfile.NamedTemporaryFile("w", prefix="mltutor-probe-", encoding="utf-8") as secret:
        paths = ":".join(readable_paths())
        command = [sys.executable, "-I", "-c", LANDLOCK_PROBE, str(KIT_FOLDER), secret.name, paths]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if done.stdout.strip() == "held":
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def sandbox_command(
    argv: Sequence[str],
    *,
    view: Mapping[str, Path],
    disk_mb: int,
    data: Mapping[str, int] | None = None,
    folders: Sequence[str] = (),
    lab: Lab = BASE,
    devices: Sequence[Path] = (),
    may_nest: bool = False,
) -> list[str]:
    """`argv` confined by bubblewrap: see `mounts.disk_arguments` for what it sees of the disk.

    may_nest: it may make namespaces of its own; for our zygote alone, whose children may not.
    For root an outer bubblewrap shows the sources alone and an unprivileged user starts the
    inner one, so that what runs is never root, not even a root without capabilities. The outer
    has a PID namespace because its unprivileged children could not be killed at its death.
    """
    bwrap = shutil.which("bwrap") or "bwrap"
    inner = [bwrap, "--unshare-all", "--unshare-user", "--cap-drop", "ALL"]
    inner += [] if may_nest else ["--disable-userns"]
    inner += ["--die-with-parent", "--new-session", "--hostname", "learner"]
    inner += ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    inner += [*disk_arguments(view, disk_mb, data or {}, folders, lab, devices), "--", *argv]
    if os.geteuid() != 0:
        return inner
    outer = [bwrap, "--die-with-parent", "--unshare-pid", *source_arguments(view, lab), "--"]
    drop = [shutil.which("setpriv") or "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*outer, *drop, *inner]


def sandbox_variables(
    home: str = HOME, scratch: str = SCRATCH, kit: str = KIT, lab: Lab = BASE
) -> dict[str, str]:
    """The whole environment of a sandboxed process: nothing is inherited."""
    threads = str(min(4, os.cpu_count() or 1))
    return {
        "HOME": home,
        "TMPDIR": scratch,
        "PATH": f"{lab.python.parent}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": kit,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "USER": "learner",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def _probe() -> str | None:
    """Run Python confined; what went wrong, or None when it ran."""
    code = f"open('{KIT}/mltutor_boot.py').close(); print('confined')"
    command = sandbox_command([sys.executable, "-I", "-S", "-c", code], view=kit_view(), disk_mb=1)
    try:
        done = subprocess.run(
            command,
            env=sandbox_variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0 and done.stdout.strip() == "confined":
        return None
    return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}"


def _explain_barred(said: str) -> Isolation:
    for setting, (barring, remedy) in _BARRED.items():
        path = Path(setting)
        if path.exists() and path.read_text("ascii").strip() == barring:
            reason = f"bubblewrap is installed, but user namespaces are barred by {path.name} ({said})."
            return Isolation("none", reason, remedy)
    return Isolation("none", f"bubblewrap is installed, but it does not run here: {said}.", "")


def _install_command() -> str:
    """The command that installs bubblewrap on this distribution."""
    release = Path("/etc/os-release")
    lines = release.read_text("utf-8").splitlines() if release.exists() else []
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    families = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    for family in families:
        if command := _INSTALL.get(family.strip('"')):
            return command
    return "install the package bubblewrap"
