"""Which controllers hold is found by effect, and told with a reason where one does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import kernel_group
from sandbox.cgroup import CONTROLLERS, find_candidates, find_cgroups, probe_candidates
from sandbox.kernel_group import Slot

AS_NOBODY = """
import codecs, json, os
from sandbox.cgroup import find_cgroups, open_group
codecs.lookup("ascii")  # loads the codec, which lies in a folder that may be closed to others
if os.geteuid() == 0: os.setuid(65534)
found = find_cgroups()
print(json.dumps([list(found.slots), dict(found.missing), open_group() is None]))
"""


def test_each_controller_holds_or_its_reason_is_told() -> None:
    found = find_cgroups()
    assert set(found.slots) | set(found.missing) == set(CONTROLLERS)
    assert not set(found.slots) & set(found.missing)
    assert all(found.missing.values())
    assert find_cgroups() is found


def test_probe_leaves_no_group() -> None:
    for slot in find_cgroups().slots.values():
        assert list(slot.folder.glob(f"mltutor-{os.getpid()}-*")) == []


def test_ordinary_user_is_told_what_is_missing_and_counts_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY], capture_output=True, text=True, timeout=60, check=True
    )
    slots, missing, is_none = json.loads(done.stdout)
    assert set(slots) | set(missing) == set(CONTROLLERS)
    assert all(missing.values())
    assert is_none == (slots == [])
    if os.geteuid() == 0:
        assert slots == []


def test_folder_that_only_looks_like_a_hierarchy_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_group, "CLOSE_ROUNDS", 2)  # a folder with files in it is never removed
    (tmp_path / "mine").mkdir()
    mounts = f"40 31 0:33 / {tmp_path} rw shared:1 - cgroup cgroup rw,memory,pids\n"
    candidates = find_candidates("4:memory,pids:/mine\n", mounts)
    assert candidates == [{"memory": Slot(1, tmp_path / "mine"), "pids": Slot(1, tmp_path / "mine")}]
    found = probe_candidates(candidates)
    assert dict(found.slots) == {}
    assert "more memory" in found.missing["memory"]
    assert "able to fork" in found.missing["pids"]


def test_version_2_below_us_and_beside_us_comes_before_version_1(tmp_path: Path) -> None:
    ours = tmp_path / "two" / "app.slice" / "own.scope"
    ours.mkdir(parents=True)
    for folder, enabled in ((ours, ""), (ours.parent, "memory pids")):
        (folder / "cgroup.controllers").write_text("memory pids\n", encoding="ascii")
        (folder / "cgroup.subtree_control").write_text(f"{enabled}\n", encoding="ascii")
    mounts = f"41 31 0:34 / {tmp_path}/two rw - cgroup2 cgroup2 rw\n"
    mounts += f"40 31 0:33 / {tmp_path}/one rw - cgroup cgroup rw,cpu,cpuacct\n"
    below, beside, first = find_candidates("5:cpu,cpuacct:/\n0::/app.slice/own.scope\n", mounts)
    assert below == {}
    assert beside == {name: Slot(2, ours.parent) for name in ("memory", "pids", "cpuacct")}
    assert first == {name: Slot(1, tmp_path / "one") for name in ("cpu", "cpuacct")}
    assert (ours.parent / "cgroup.subtree_control").read_text(encoding="ascii") == "memory pids\n"


def test_group_outside_of_what_is_mounted_is_no_candidate(tmp_path: Path) -> None:
    mounts = f"40 31 0:33 /docker/a {tmp_path} rw - cgroup cgroup rw,memory\n"
    assert find_candidates("4:memory:/../../b\n", mounts) == [{}]
    assert find_candidates("4:memory:/docker/b\n", mounts) == [{}]
    assert find_candidates("4:memory:/docker/a/c\n", mounts) == [{"memory": Slot(1, tmp_path / "c")}]
