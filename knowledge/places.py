"""Where the vectors of an index lie: a folder of this home, or a Chroma server.

The one rule owned here: a store that a place opens holds what its manifest promises for the
key that was asked for. Anything else counts as absent, and is built again.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from knowledge.chroma_server import ChromaServer, heartbeat, open_server
from knowledge.index_folders import (
    MANIFEST,
    current_folder,
    index_folder,
    locked,
    new_folder,
    put_in_place,
    read_json,
    read_pointer,
)
from knowledge.passage import Passage, Window
from knowledge.served import find_collection, name_collections, write_collection
from knowledge.vectors import BrokenVectors, Store, VectorIndex, write_chroma

if TYPE_CHECKING:
    from knowledge.vectors import Vectors

Held = Literal["ready", "stale", "missing"]
_WEEK = 7 * 86_400
_log = logging.getLogger(__name__)


class Place(Protocol):
    """key: a hash of the corpus and the weights; what lies there under another key is stale."""

    where: str

    def open(self, key: str) -> Store | None:
        """The vectors of a key; None where they are absent or not whole."""
        ...

    def write(
        self, key: str, passages: Sequence[Passage], windows: Sequence[Window], vectors: Vectors
    ) -> Store:
        """Write the vectors of a key aside and put them in place. One caller at a time."""
        ...

    def held(self, key: str) -> Held:
        """What lies there, without opening it."""
        ...

    def close(self) -> None:
        """Let go of connections. A store that was opened works on."""
        ...


def vectors_place(home: Path, chroma_url: str | None) -> Place:
    """The place that the setting names. TutorError `bad-setting` for what is no address."""
    server = open_server(chroma_url)
    return ServerPlace(home, server) if server else FolderPlace(home)


class FolderPlace:
    """Folders of embedded Chroma, the current one named by the pointer of the index."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.where = str(index_folder(home))

    def open(self, key: str) -> Store | None:
        folder = current_folder(self._home, "vectors", key)
        if folder is None:
            return None
        try:
            return VectorIndex(folder / "chroma", int(read_json(folder / MANIFEST)["windows"]))
        except (BrokenVectors, KeyError) as error:
            _log.warning("The vectors in %s are broken (%s) and are built again.", folder, error)
            return None

    def write(
        self, key: str, passages: Sequence[Passage], windows: Sequence[Window], vectors: Vectors
    ) -> Store:
        with new_folder(self._home, "vectors", key) as (folder, manifest):
            write_chroma(folder / "chroma", passages, windows, vectors)
            manifest["windows"] = len(windows)
        return VectorIndex(folder / "chroma", len(windows))

    def held(self, key: str) -> Held:
        if current_folder(self._home, "vectors", key):
            return "ready"
        return "stale" if read_pointer(self._home).get("vectors") else "missing"

    def close(self) -> None:
        """Nothing is held open."""


class ServerPlace:
    """A collection on a server. Everything raises ServerTrouble when the server does not do its part."""

    def __init__(self, home: Path, server: ChromaServer) -> None:
        self._home = home
        self._server = server
        self.where = server.url

    def open(self, key: str) -> Store | None:
        found = find_collection(self._server, key)
        if found is not None:
            self._claim(key)
        return found

    def write(
        self, key: str, passages: Sequence[Passage], windows: Sequence[Window], vectors: Vectors
    ) -> Store:
        written = write_collection(self._server, key, passages, windows, vectors)
        self._claim(key)
        return written

    def held(self, key: str) -> Held:
        heartbeat(self._server)
        if find_collection(self._server, key) is not None:
            return "ready"
        return "stale" if self._claimed().get("keys") else "missing"

    def close(self) -> None:
        self._server.close()

    def _claimed(self) -> dict[str, Any]:
        found = read_pointer(self._home).get("served")
        return found if isinstance(found, dict) and found.get("url") == self.where else {}

    def _claim(self, key: str) -> None:
        """Tell the server that this home reads a key, when it did not know or has not heard for a week.

        The key before it stays named: another process of this home may still be reading it.
        """
        before = self._claimed()
        week = int(time.time()) // _WEEK
        keys: list[str] = before.get("keys") or []
        if keys[:1] == [key] and before.get("week") == week:
            return
        keys = [key, *(old for old in keys if old != key)][:2]
        home_id = before.get("home") or uuid.uuid4().hex
        with locked(self._home, "served"):
            name_collections(self._server, home_id, keys)
            told = {"url": self.where, "home": home_id, "keys": keys, "week": week}
            put_in_place(self._home, "served", told)
