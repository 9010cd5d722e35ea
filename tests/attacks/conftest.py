from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.run import run_code
from tests.attacks import arena as arena_module


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return arena_module.build(tmp_path_factory.mktemp("arena"))


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """After every attack: no sandbox, no process and no temporary folder that was not there before."""
    assert run_code("1").outcome == "ok"
    before = arena_module.descendants()
    yield
    assert arena_module.forks() == []
    assert arena_module.descendants() <= before
