"""Vectors on a Chroma server: a collection for each corpus and weights, shared by all who read them.

The one rule owned here: a collection is written under the name of a draft and gets the name
that readers look for when it is whole. Every home names on the server what it reads; what no
home names any more is removed.
"""

from __future__ import annotations

import base64
import math
import time
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from knowledge.chroma_server import BUILD_SECONDS, ChromaServer, NotThere, collection_path
from knowledge.passage import Passage, Window
from knowledge.vectors import (
    NEAREST,
    BrokenVectors,
    best_by_passage,
    filter_by,
    window_ids,
    window_metadata,
)

if TYPE_CHECKING:
    from knowledge.vectors import Vectors

PREFIX = "mltutor-"
HOMES = f"{PREFIX}homes"
DRAFT = f"{PREFIX}draft-"
_BATCH = 500
_DAY = 86_400
_DRAFT_DAYS = 1
_HOME_DAYS = 90
_MOST_COLLECTIONS = 1000
_LARGEST_COSINE = 1.01


class ServedIndex:
    """A collection as it is searched. Raises BrokenVectors when the server cannot answer."""

    def __init__(self, server: ChromaServer, number: str) -> None:
        """number: the collection's id on the server, which outlives no rebuild."""
        self._server = server
        self._number = number

    def nearest(self, vector: Vectors, kind: str | None, track: str | None) -> dict[str, float]:
        """Passage id to the cosine of its best window, among the nearest windows of that kind and track."""
        return self._query(vector, {"n_results": NEAREST, "where": filter_by(kind, track)})

    def cosines(self, vector: Vectors, passages: Iterable[tuple[str, int]]) -> dict[str, float]:
        """Exact best cosine of each passage, given as (id, number of windows)."""
        ids = [f"{passage}@{number}" for passage, count in passages for number in range(count)]
        return self._query(vector, {"n_results": len(ids), "ids": ids}) if ids else {}

    def close(self) -> None:
        self._server.close()

    def _query(self, vector: Vectors, wanted: Mapping[str, Any]) -> dict[str, float]:
        asked = {"query_embeddings": [vector.tolist()], "include": ["distances"], **wanted}
        try:
            found = self._server.post(collection_path(self._number, "query"), asked)
        except NotThere:
            raise BrokenVectors(f"the collection at {self._server.url} was removed") from None
        return best_by_passage(*self._checked(found))

    def _checked(self, found: Any) -> tuple[list[str], list[float]]:
        """The ids and cosines of an answer, in equal number."""
        with _doubting(self._server):
            ids, distances = found["ids"][0], found["distances"][0]
            cosines = [1.0 - float(distance) for distance in distances]
            sound = len(ids) == len(cosines) and all(isinstance(key, str) for key in ids)
        if not sound or any(not math.isfinite(one) or abs(one) > _LARGEST_COSINE for one in cosines):
            raise self._server.trouble("answered a query with what are no cosines")
        return ids, cosines


def find_collection(server: ChromaServer, key: str) -> ServedIndex | None:
    """The collection of a key, when it is there and whole: as many windows as were promised."""
    try:
        found = server.get(collection_path(PREFIX + key))
        number = _number(server, found)
        count = server.get(collection_path(number, "count"))
    except NotThere:
        return None
    with _doubting(server):
        promised = (found.get("metadata") or {}).get("windows")
        space = ((found.get("configuration_json") or {}).get("hnsw") or {}).get("space")
    return ServedIndex(server, number) if count == promised and space == "cosine" else None


def write_collection(
    server: ChromaServer, key: str, passages: Sequence[Passage], windows: Sequence[Window], vectors: Vectors
) -> ServedIndex:
    """Write windows under a draft's name, count them, and give the collection its name.

    Where another process published the same key meanwhile, that one is taken and ours removed.
    """
    draft = f"{DRAFT}{key}-{uuid.uuid4().hex[:8]}"
    number = _create(server, draft, {"windows": len(windows), "begun": int(time.time())})
    try:
        _add(server, number, passages, windows, vectors)
        count = server.get(collection_path(number, "count"), BUILD_SECONDS)
        if count != len(windows):
            raise server.trouble(f"kept {count} of {len(windows)} windows")
        published = find_collection(server, key)
        if published is None:
            _remove(server, PREFIX + key)
            server.put(collection_path(number), {"new_name": PREFIX + key}, BUILD_SECONDS)
            return ServedIndex(server, number)
    except BaseException:
        _remove_quietly(server, draft)
        raise
    _remove(server, draft)
    return published


def name_collections(server: ChromaServer, home_id: str, keys: Sequence[str]) -> None:
    """Write down that a home reads the collections of these keys, and remove those that none reads."""
    homes = _create(server, HOMES, {}, get_or_create=True)
    row = {"keys": ",".join(keys), "day": int(time.time()) // _DAY}
    body = {"ids": [home_id], "embeddings": [[1.0]], "metadatas": [row]}
    server.post(collection_path(homes, "upsert"), body, BUILD_SECONDS)
    rows = server.post(collection_path(homes, "get"), {"include": ["metadatas"]}, BUILD_SECONDS)
    with _doubting(server):
        named = _named(rows, int(time.time()) // _DAY)
    everything = server.get(f"{collection_path()}?limit={_MOST_COLLECTIONS}", BUILD_SECONDS)
    with _doubting(server):
        unread = _unread(everything, named)
    for name in unread:
        _remove(server, name)


def _named(rows: Any, today: int) -> set[str]:
    """The names of all collections that a home has named in the last three months."""
    named: set[str] = set()
    for row in rows["metadatas"]:
        if int(row["day"]) > today - _HOME_DAYS:
            named |= {PREFIX + key for key in str(row["keys"]).split(",")}
    return named


def _unread(everything: Any, named: set[str]) -> list[str]:
    """The names of our collections that no home reads, and of drafts that nobody finished."""
    oldest = time.time() - _DRAFT_DAYS * _DAY
    unread: list[str] = []
    for found in everything:
        name, metadata = str(found["name"]), found.get("metadata") or {}
        if not name.startswith(PREFIX) or name == HOMES or name in named:
            continue
        # A young draft may be in the making.
        if not name.startswith(DRAFT) or float(metadata.get("begun", 0)) < oldest:
            unread.append(name)
    return unread


def _create(server: ChromaServer, name: str, metadata: dict[str, Any], get_or_create: bool = False) -> str:
    body = {
        "name": name,
        "configuration": {"hnsw": {"space": "cosine"}, "embedding_function": {"type": "legacy"}},
        "metadata": metadata or None,
        "get_or_create": get_or_create,
    }
    return _number(server, server.post(collection_path(), body, BUILD_SECONDS))


def _number(server: ChromaServer, found: Any) -> str:
    """The id of a collection as the server describes it."""
    with _doubting(server):
        return str(uuid.UUID(found["id"]))


@contextmanager
def _doubting(server: ChromaServer) -> Generator[None]:
    """What a server sends is taken apart here: another shape than Chroma's is the server's trouble."""
    try:
        yield
    except (TypeError, KeyError, IndexError, ValueError, AttributeError, OverflowError) as error:
        raise server.trouble(f"answered in another form than Chroma's ({error!r:.80})") from None


def _add(
    server: ChromaServer,
    number: str,
    passages: Sequence[Passage],
    windows: Sequence[Window],
    vectors: Vectors,
) -> None:
    of = {passage.id: passage for passage in passages}
    ids = window_ids(windows)
    for start in range(0, len(ids), _BATCH):
        piece = slice(start, start + _BATCH)
        body = {
            "ids": ids[piece],
            "embeddings": [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors[piece]],
            "metadatas": [window_metadata(of[window.passage]) for window in windows[piece]],
        }
        server.post(collection_path(number, "add"), body, BUILD_SECONDS)


def _remove(server: ChromaServer, name: str) -> None:
    try:
        server.delete(collection_path(name), BUILD_SECONDS)
    except NotThere:
        return


def _remove_quietly(server: ChromaServer, name: str) -> None:
    """After a failure that is told anyway; a draft that stays is removed when it is a day old."""
    try:
        _remove(server, name)
    except BrokenVectors:
        return
