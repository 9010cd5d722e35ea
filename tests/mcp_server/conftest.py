from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_server.context import ServerContext


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[ServerContext]:
    """A server's state in an empty home: words alone for search, no embedder for answers."""
    opened = ServerContext(tmp_path / "home", embedder_setting="none", vectors="off")
    yield opened
    opened.close()
