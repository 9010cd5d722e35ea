"""Reading a folder of embedded Chroma without importing all of chromadb.

The one rule owned here: what is read is Chroma's own engine either way. Its compiled part is
asked directly, since the package around it costs most of a second to import (OpenTelemetry, gRPC,
embedding functions); where that part takes other arguments than expected, chromadb itself is used.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_TENANT, _DATABASE = "default_tenant", "default_database"
_log = logging.getLogger(__name__)
_Value = TypeVar("_Value")


class Engine(Protocol):
    """One collection. Raises whatever Chroma raises."""

    def count(self) -> int: ...

    def query(
        self, vector: Vector, n_results: int, where: dict[str, Any] | None
    ) -> tuple[list[str], list[float]]:
        """Ids and cosine distances of the nearest."""
        ...

    def embeddings(self, ids: list[str]) -> tuple[list[str], Any]:
        """Ids that are there, and a matrix of their vectors."""
        ...

    def close(self) -> None: ...


class ChromaFolder:
    """A collection in a folder, opened at once by the quicker way that works."""

    def __init__(self, folder: Path, collection: str) -> None:
        self._slow: Callable[[], Engine] = lambda: ChromaPackage(folder, collection)
        try:
            self._engine: Engine = CompiledEngine(folder, collection)
        except (ImportError, AttributeError, TypeError) as error:
            self._engine = self._by_package(error)

    def count(self) -> int:
        return self._ask(lambda engine: engine.count())

    def query(
        self, vector: Vector, n_results: int, where: dict[str, Any] | None
    ) -> tuple[list[str], list[float]]:
        return self._ask(lambda engine: engine.query(vector, n_results, where))

    def embeddings(self, ids: list[str]) -> tuple[list[str], Any]:
        return self._ask(lambda engine: engine.embeddings(ids))

    def close(self) -> None:
        self._engine.close()

    def _ask(self, call: Callable[[Engine], _Value]) -> _Value:
        try:
            return call(self._engine)
        except (AttributeError, TypeError) as error:
            if isinstance(self._engine, ChromaPackage):
                raise
            self._engine = self._by_package(error)
            return call(self._engine)

    def _by_package(self, error: Exception) -> Engine:
        _log.info("Chroma's engine is not as expected (%s); chromadb is imported whole.", error)
        return self._slow()


class CompiledEngine:
    """The compiled part of chromadb 1.5, with the settings that `chromadb.PersistentClient` gives it."""

    def __init__(self, folder: Path, collection: str) -> None:
        # Heavy for the start of a command, as all of Chroma.
        import resource
        from importlib import import_module

        rust: Any = import_module("chromadb_rust_bindings")
        config = rust.SqliteDBConfig(
            hash_type=rust.MigrationHash.MD5,
            migration_mode=rust.MigrationMode.Apply,
            url=str(folder / "chroma.sqlite3"),
        )
        # Each index keeps five files open.
        cached = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 5
        self._bindings: Any = rust.Bindings(
            allow_reset=False, sqlite_db_config=config, persist_path=str(folder), hnsw_cache_size=cached
        )
        self._number = str(self._bindings.get_collection(collection, _TENANT, _DATABASE).id)

    def count(self) -> int:
        return int(self._bindings.count(self._number, _TENANT, _DATABASE))

    def query(
        self, vector: Vector, n_results: int, where: dict[str, Any] | None
    ) -> tuple[list[str], list[float]]:
        filtered = json.dumps(where) if where else None
        found = self._bindings.query(
            self._number, None, [vector], n_results, filtered, None, ["distances"], _TENANT, _DATABASE
        )
        return found.ids[0], found.distances[0]

    def embeddings(self, ids: list[str]) -> tuple[list[str], Any]:
        import numpy as np

        found = self._bindings.get(self._number, ids, None, None, 0, None, ["embeddings"], _TENANT, _DATABASE)
        return found.ids, np.array(found.embeddings, dtype=np.float32).reshape(len(found.ids), -1)

    def close(self) -> None:
        self._bindings = None


class ChromaPackage:
    """The same by chromadb's public client."""

    def __init__(self, folder: Path, collection: str) -> None:
        self._client = open_client(folder)
        self._collection: Any = self._client.get_collection(collection, embedding_function=None)

    def count(self) -> int:
        return self._collection.count()

    def query(
        self, vector: Vector, n_results: int, where: dict[str, Any] | None
    ) -> tuple[list[str], list[float]]:
        found = self._collection.query(
            query_embeddings=[vector], n_results=n_results, where=where, include=["distances"]
        )
        return found["ids"][0], found["distances"][0]

    def embeddings(self, ids: list[str]) -> tuple[list[str], Any]:
        found = self._collection.get(ids=ids, include=["embeddings"])
        return found["ids"], found["embeddings"]

    def close(self) -> None:
        self._client.close()


def open_client(folder: Path) -> Any:
    """chromadb's client of a folder, made when it is absent."""
    # Heavy: most of a second of imports, paid when vectors are first written.
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
