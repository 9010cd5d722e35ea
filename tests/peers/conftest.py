from collections.abc import Iterator

import pytest
from peer import node, serving


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def peers_node() -> str:
    """Node 22 of `.tools`."""
    return node()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the product's server, as it is."""
    with serving(tmp_path_factory.mktemp("product") / "home") as url:
        yield url


@pytest.fixture(scope="module")
def product_with_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the product's server with the conformance suite's fixtures on the same object."""
    with serving(tmp_path_factory.mktemp("fixtures") / "home", fixtures=True) as url:
        yield url
