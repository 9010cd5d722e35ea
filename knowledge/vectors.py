"""Vectors of windows: kept by hash so that nothing is embedded twice, and searched in Chroma.

The one rule owned here: Chroma only ever sees vectors that were computed by us, in a
folder that no one writes after it is whole. It is a cache that can always be made again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from knowledge.chroma_folder import ChromaFolder, open_client
from knowledge.embed import Embedder
from knowledge.passage import Passage, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PACKAGED = "vectors.npz"
"""In a content folder: `weights` (the embedder's name), `hashes` and `vectors` of its windows."""
_COLLECTION = "windows"
_BATCH = 64
NEAREST = 200
_log = logging.getLogger(__name__)
_Value = TypeVar("_Value")


class BrokenVectors(Exception):
    """The store cannot be read. It is a cache: the remedy is to build it again."""


def embed_windows(
    store: Path,
    windows: Sequence[Window],
    embedder: Embedder,
    packaged: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Vectors, int]:
    """Vectors of the windows, in their order, and how many had to be computed.

    store: the SQLite file of vectors by weights and window hash; made when absent.
    on_progress: called with (windows embedded so far, windows to embed).
    """
    # Heavy: only a build and a fused query need NumPy.
    import numpy as np

    if not windows:
        return np.zeros((0, embedder.dimension), dtype=np.float32), 0
    with closing(_open_store(store)) as connection:
        known = _read_packaged(packaged, embedder.name) | _read_store(connection, embedder.name)
        missing = [window for window in {w.hash: w for w in windows}.values() if window.hash not in known]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            vectors = embedder.encode([window.text for window in batch])
            fresh = {window.hash: vector for window, vector in zip(batch, vectors, strict=True)}
            rows = [(embedder.name, key, vector.tobytes()) for key, vector in fresh.items()]
            with connection:
                connection.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", rows)
            known |= fresh
            if on_progress:
                on_progress(start + len(batch), len(missing))
    return np.stack([known[window.hash] for window in windows]), len(missing)


def write_packaged(path: Path, weights: str, windows: Sequence[Window], vectors: Vectors) -> None:
    """The file that a distribution ships beside its content, in half precision: cosines keep 3 digits."""
    import numpy as np

    order = sorted(range(len(windows)), key=lambda place: windows[place].hash)
    hashes = np.array([windows[place].hash for place in order])
    half = np.asarray(vectors, dtype=np.float16)[order]
    np.savez_compressed(path, weights=np.array(weights), hashes=hashes, vectors=half)


def write_chroma(
    folder: Path, passages: Sequence[Passage], windows: Sequence[Window], vectors: Vectors
) -> None:
    """A new store in `folder`. Windows follow their passages' order."""
    client = open_client(folder)
    try:
        collection = client.create_collection(
            _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        of = {passage.id: passage for passage in passages}
        ids = window_ids(windows)
        for start in range(0, len(ids), 1000):
            piece = slice(start, start + 1000)
            metadatas = [window_metadata(of[window.passage]) for window in windows[piece]]
            collection.add(ids=ids[piece], embeddings=vectors[piece], metadatas=metadatas)
    finally:
        client.close()


class Store(Protocol):
    """Vectors as they are searched, wherever they lie. Raises BrokenVectors when they cannot be read."""

    def nearest(self, vector: Vectors, kind: str | None, track: str | None) -> dict[str, float]: ...

    def cosines(self, vector: Vectors, passages: Iterable[tuple[str, int]]) -> dict[str, float]: ...

    def close(self) -> None: ...


class VectorIndex:
    """A folder of Chroma's as it is searched. Raises BrokenVectors wherever Chroma cannot answer."""

    def __init__(self, folder: Path, count: int) -> None:
        """count: how many windows the manifest promises."""
        if not (folder / "chroma.sqlite3").is_file():
            raise BrokenVectors(f"{folder} holds no store.")
        self._chroma = _guarded(lambda: ChromaFolder(folder, _COLLECTION))
        found = _guarded(self._chroma.count)
        if found != count:
            self.close()
            raise BrokenVectors(f"{folder} holds {found} windows, its manifest says {count}.")

    def nearest(self, vector: Vectors, kind: str | None, track: str | None) -> dict[str, float]:
        """Passage id to the cosine of its best window, among the nearest windows of that kind and track."""
        ids, distances = _guarded(lambda: self._chroma.query(vector, NEAREST, filter_by(kind, track)))
        return best_by_passage(ids, [1.0 - distance for distance in distances])

    def cosines(self, vector: Vectors, passages: Iterable[tuple[str, int]]) -> dict[str, float]:
        """Exact best cosine of each passage, given as (id, number of windows)."""
        ids = [f"{passage}@{number}" for passage, count in passages for number in range(count)]
        if not ids:
            return {}
        found, embeddings = _guarded(lambda: self._chroma.embeddings(ids))
        return best_by_passage(found, (embeddings @ vector).tolist())

    def close(self) -> None:
        _guarded(self._chroma.close)


def window_metadata(passage: Passage) -> dict[str, str]:
    """What a store keeps of a window beside its vector: what `filter_by` asks for, and no text."""
    return {"kind": passage.kind, "track": passage.track}


def filter_by(kind: str | None, track: str | None) -> dict[str, Any] | None:
    """Chroma's `where` for windows of a kind and a track; None for all."""
    wanted: list[dict[str, Any]] = [
        {key: value} for key, value in (("kind", kind), ("track", track)) if value
    ]
    return {"$and": wanted} if len(wanted) > 1 else (wanted[0] if wanted else None)


def best_by_passage(ids: Iterable[str], cosines: Iterable[float]) -> dict[str, float]:
    """Passage id to its best cosine, from the ids of windows and theirs."""
    best: dict[str, float] = {}
    for key, cosine in zip(ids, cosines, strict=True):
        passage = key.rpartition("@")[0]
        best[passage] = max(best.get(passage, -1.0), cosine)
    return best


def window_ids(windows: Sequence[Window]) -> list[str]:
    """`<passage>@<number>` of each window, numbered from 0 within its passage."""
    seen: dict[str, int] = {}
    ids: list[str] = []
    for window in windows:
        number = seen.get(window.passage, 0)
        seen[window.passage] = number + 1
        ids.append(f"{window.passage}@{number}")
    return ids


def _open_store(path: Path) -> sqlite3.Connection:
    """The file of vectors; a damaged one is replaced, since every vector can be computed again."""
    try:
        return _checked_store(path)
    except sqlite3.OperationalError:
        # Locked or unreadable is not damaged.
        raise
    except sqlite3.DatabaseError as error:
        _log.warning("%s is damaged (%s) and is started anew.", path, error)
        path.unlink()
        return _checked_store(path)


def _checked_store(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vector "
            "(weights TEXT, hash TEXT, value BLOB, PRIMARY KEY (weights, hash))"
        )
        connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _read_store(connection: sqlite3.Connection, weights: str) -> dict[str, Any]:
    import numpy as np

    rows = connection.execute("SELECT hash, value FROM vector WHERE weights = ?", (weights,))
    return {key: np.frombuffer(value, dtype=np.float32) for key, value in rows}


def _read_packaged(path: Path | None, weights: str) -> dict[str, Any]:
    import numpy as np

    if path is None or not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as shipped:
        if str(shipped["weights"]) != weights:
            return {}
        return dict(zip(shipped["hashes"].tolist(), shipped["vectors"].astype(np.float32), strict=True))


def _guarded(call: Callable[[], _Value]) -> _Value:
    """The call's value. A panic of Chroma's Rust core is no Exception in Python, and is caught too."""
    try:
        return call()
    except Exception as error:
        raise BrokenVectors(f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise BrokenVectors(str(error)) from error
