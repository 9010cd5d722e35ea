from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tutor.settings import Settings

Open = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Opens the real tutor over the packaged content; words alone for search and for answers."""

    @asynccontextmanager
    async def open_it(**chosen: Any) -> AsyncGenerator[Any]:
        # Imported late: the screens' tests share this folder and need no tutor.
        from tutor.agent import open_tutor

        settings = Settings(**{"home": tmp_path / "home", "embedder": "none", **chosen})
        async with open_tutor(settings, vectors="off") as tutor:
            yield tutor

    return open_it
