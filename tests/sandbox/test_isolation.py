"""The tiers are honest, and what runs confined sees and reaches only what it is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox import isolation, mounts
from sandbox.isolation import current_isolation, sandbox_command, sandbox_variables

REPOSITORY = Path(__file__).parents[2]
PROBE = """
import ctypes, json, os, pathlib, socket
def can(action):
    try:
        action()
        return True
    except OSError:
        return False
def read(path):
    return lambda: os.listdir(path) if os.path.isdir(path) else open(path).read()
def write(path):
    return lambda: pathlib.Path(path).write_text("x")
def connect(address):
    return lambda: socket.create_connection(address, timeout=2)
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
libc = ctypes.CDLL(None, use_errno=True)
print(json.dumps({
    "uid": os.getuid(),
    "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
    "no_new_privileges": int(status["NoNewPrivs"]),
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "environment": dict(os.environ),
    "reads": [path for path in READS if can(read(path))],
    "writes": [path for path in WRITES if can(write(path))],
    "internet": can(connect(("1.1.1.1", 53))),
    "nested_namespace": libc.unshare(0x10000000) == 0,
    "mounts": libc.mount(b"none", b"/home/learner", b"tmpfs", 0, None) == 0,
}))
"""


def run_confined(code: str, view: dict[str, Path] | None = None) -> str:
    command = sandbox_command([sys.executable, "-c", code], view=view or {}, disk_mb=5)
    done = subprocess.run(
        command, env=sandbox_variables(), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def probe(reads: list[str], writes: list[str]) -> dict[str, Any]:
    return json.loads(run_confined(f"READS = {reads!r}\nWRITES = {writes!r}\n{PROBE}"))


needs_namespaces = pytest.mark.skipif(
    current_isolation().tier != "namespaces", reason=f"no namespaces here: {current_isolation().reason}"
)


@needs_namespaces
def test_confined_process_is_nobody_without_rights_or_network() -> None:
    seen = probe([], [])
    assert seen["uid"] == 65534
    assert seen["capabilities"] == 0
    assert seen["no_new_privileges"] == 1
    assert seen["processes"] == [1, 2]
    assert seen["interfaces"] == ["lo"]
    assert not seen["internet"]
    assert not seen["nested_namespace"]
    assert not seen["mounts"]


@needs_namespaces
def test_confined_process_inherits_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sentinel")
    seen = probe([], [])
    assert "sentinel" not in json.dumps(seen["environment"])
    assert seen["environment"]["HOME"] == "/home/learner"


@needs_namespaces
def test_confined_process_reads_neither_our_code_nor_the_home_nor_secrets(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sentinel", encoding="utf-8")
    hidden = [str(secret), str(REPOSITORY / "tutor_error.py"), str(REPOSITORY / "knowledge")]
    hidden += ["/etc/shadow", "/etc/hostname", "/var", "/run"]
    assert Path("/etc/hostname").exists()
    assert probe([*hidden, "/usr", "/etc/passwd"], [])["reads"] == ["/usr", "/etc/passwd"]


@needs_namespaces
def test_confined_process_writes_only_into_its_own_memory() -> None:
    barred = [f"{sys.prefix}/x", "/usr/x", "/x", "/etc/passwd", "/dev/x", "/proc/sys/kernel/core_pattern"]
    allowed = ["/home/learner/work/x", "/tmp/x", "/dev/shm/x", "/dev/null"]
    assert probe([], [*barred, *allowed])["writes"] == allowed


@needs_namespaces
def test_packages_installed_beside_the_libraries_are_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    for name in ("knowledge/answers.txt", "sandbox/judge.py", "numpy/array.py", "tutor_error.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("sentinel", encoding="utf-8")
    folders = [*mounts.readable_folders(), tmp_path]
    monkeypatch.setattr(mounts, "_ROOT", tmp_path)
    monkeypatch.setattr(mounts, "readable_folders", lambda lab: folders)
    find = f"import pathlib\nfor p in sorted(pathlib.Path({str(tmp_path)!r}).rglob('*')):\n"
    find += "    if p.is_file(): print(p.name, p.read_text())"
    assert run_confined(find).split() == ["array.py", "sentinel"]


@needs_namespaces
def test_view_is_readable_inside_and_cannot_be_changed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "brief.md").write_text("shown", encoding="utf-8")
    code = "import pathlib; p = pathlib.Path('/opt/project/brief.md'); print(p.read_text())\n"
    code += "try: p.write_text('changed')\nexcept OSError as error: print(type(error).__name__)"
    assert run_confined(code, {"/opt/project": tmp_path}).split() == ["shown", "OSError"]


@pytest.fixture
def unprobed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """`current_isolation` forgets what it found, before and after."""
    monkeypatch.setattr(isolation, "current_isolation", current_isolation.__wrapped__)
    return monkeypatch


def test_missing_bubblewrap_is_told_with_the_command_that_installs_it(
    unprobed: pytest.MonkeyPatch,
) -> None:
    unprobed.setattr(isolation.shutil, "which", lambda _name: None)
    found = isolation.current_isolation()
    assert found.tier == "landlock"
    assert "not installed" in found.reason
    assert "bubblewrap" in found.remedy


def test_barred_user_namespaces_are_told_by_the_setting_that_bars_them(
    unprobed: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setting = tmp_path / "unprivileged_userns_clone"
    setting.write_text("0\n", encoding="ascii")
    unprobed.setattr(isolation, "_BARRED", {str(setting): ("0", "sudo sysctl -w it=1")})
    unprobed.setattr(isolation, "_probe", lambda: "Operation not permitted")
    unprobed.setattr(isolation.shutil, "which", lambda name: f"/usr/bin/{name}")
    found = isolation.current_isolation()
    assert (found.tier, found.remedy) == ("landlock", "sudo sysctl -w it=1")
    assert "unprivileged_userns_clone" in found.reason


def test_bubblewrap_that_does_not_run_python_makes_no_namespaces(
    unprobed: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n", encoding="ascii")
    broken.chmod(0o755)
    unprobed.setattr(isolation.shutil, "which", lambda _name: str(broken))
    unprobed.setattr(isolation, "_BARRED", {})
    found = isolation.current_isolation()
    assert found.tier == "landlock"
    assert "No permissions" in found.reason
