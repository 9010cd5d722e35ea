"""The index on disk: which passages it holds, whether it is current, and how it is built.

The one rule owned here: a folder that a pointer names is whole and is never written
again. Builds happen in a new folder and are put in place by replacing the pointer file,
so any number of processes may read while one builds.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from knowledge.catalog import Catalog
from knowledge.embed import Embedder, open_embedder
from knowledge.lexical import LexicalIndex, write_lexical
from knowledge.material import material_hash, material_passages
from knowledge.passage import CHUNKER, Passage, unit_passages, windows
from knowledge.quick_embed import export_graph
from knowledge.terms import terms_of
from knowledge.vectors import (
    PACKAGED,
    BrokenVectors,
    VectorIndex,
    embed_windows,
    write_chroma,
    write_packaged,
)
from tutor_error import TutorError

Progress = Callable[[int, int], None]
State = Literal["missing", "stale", "lexical", "ready"]

_LEXICAL_FORMAT = "2"
_POINTER = "current.json"
_MANIFEST = "manifest.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexStatus:
    """What an index holds.

    state: `missing`; `stale`, when content, chunker or weights changed since; `lexical`,
    when there are no vectors; `ready`. embedded: windows computed by this build.
    skipped: written units whose files are broken, which `verify` tells more about.
    """

    state: State
    passages: int
    windows: int
    embedder: str | None
    path: str
    embedded: int = 0
    skipped: tuple[str, ...] = ()


def build_index(
    home: Path, catalog: Catalog, on_progress: Progress | None = None, embedder: Embedder | str | None = None
) -> IndexStatus:
    """Build what is missing or changed, words first, then vectors; embeds only new windows.

    embedder: an Embedder, a setting of `open_embedder`, or None for the default setting.
    """
    encoder = resolve_embedder(embedder)
    open_lexical(home, catalog).close()
    embedded = 0
    if encoder is not None:
        vectors, embedded = open_vectors(home, catalog, encoder, on_progress)
        vectors.close()
        export_graph(home, encoder)
    return _status(home, catalog, encoder, embedded)


def ship_vectors(home: Path, catalog: Catalog, embedder: Embedder) -> int:
    """Write the vectors of the catalogue's own windows beside its content; how many there are.

    With them a fresh installation embeds nothing but the learner's questions.
    """
    passages, _ = read_passages(catalog)
    pieces = list({piece.hash: piece for passage in passages for piece in windows(passage)}.values())
    shipped = catalog.root / PACKAGED
    vectors, _ = embed_windows(home / "vectors.db", pieces, embedder, shipped)
    write_packaged(shipped, embedder.name, pieces, vectors)
    return len(pieces)


def index_status(home: Path, catalog: Catalog, embedder: Embedder | str | None = None) -> IndexStatus:
    """What is on disk, without building anything."""
    return _status(home, catalog, resolve_embedder(embedder), 0)


def resolve_embedder(embedder: Embedder | str | None) -> Embedder | None:
    return open_embedder(embedder) if embedder is None or isinstance(embedder, str) else embedder


def open_lexical(home: Path, catalog: Catalog) -> LexicalIndex:
    """The words of the content as it is now, built first when they are missing or stale."""
    corpus = corpus_hash(catalog, home)
    opened = _try_lexical(home, corpus)
    if opened is not None:
        return opened
    with _lock(home, "lexical"):
        # Another process may have built it while this one waited.
        opened = _try_lexical(home, corpus)
        if opened is not None:
            return opened
        with _new_folder(home, "lexical", corpus) as (folder, manifest):
            passages, skipped = read_passages(catalog, home)
            write_lexical(folder / "lexical.db", passages, terms_of(catalog))
            manifest |= {"passages": len(passages), "windows": sum(len(windows(p)) for p in passages)}
            manifest["skipped"] = skipped
        return LexicalIndex(folder / "lexical.db")


def open_vectors(
    home: Path, catalog: Catalog, embedder: Embedder, on_progress: Progress | None = None
) -> tuple[VectorIndex, int]:
    """The vectors of the content as it is now, built when needed, and how many were computed."""
    key = _vectors_key(catalog, home, embedder)
    opened = _try_vectors(home, key)
    if opened is not None:
        return opened, 0
    with _lock(home, "vectors"):
        opened = _try_vectors(home, key)
        if opened is not None:
            return opened, 0
        passages, _ = read_passages(catalog, home)
        pieces = [window for passage in passages for window in windows(passage)]
        vectors, embedded = embed_windows(
            home / "vectors.db", pieces, embedder, catalog.root / PACKAGED, on_progress
        )
        with _new_folder(home, "vectors", key) as (folder, manifest):
            write_chroma(folder / "chroma", passages, pieces, vectors)
            manifest["windows"] = len(pieces)
        return VectorIndex(folder / "chroma", len(pieces)), embedded


def read_passages(catalog: Catalog, home: Path | None = None) -> tuple[list[Passage], list[str]]:
    """The passages of all written units, and the ids of those whose files are broken.

    home: with the material that the learner added there.
    """
    passages: list[Passage] = []
    skipped: list[str] = []
    for unit in catalog.units.values():
        if unit.status == "planned":
            continue
        try:
            passages += unit_passages(catalog, unit)
        except TutorError as error:
            _log.warning("%s is left out of the index: %s", unit.id, error.message)
            skipped.append(unit.id)
    return [*passages, *(material_passages(home) if home else ())], skipped


def corpus_hash(catalog: Catalog, home: Path | None = None) -> str:
    """A hash of all that passages are made of: the pages, the units' rows, the rules of splitting."""
    digest = hashlib.sha256(f"{_LEXICAL_FORMAT}.{CHUNKER}".encode())
    for unit in catalog.units.values():
        if unit.status == "planned":
            continue
        path = catalog.path_of(unit.id)
        row = unit.model_dump_json(include={"id", "kind", "title", "track", "level"})
        files = [path / "brief.md", path / "project.yaml"] if unit.kind == "project" else [path]
        for part in (row.encode(), *map(_page_bytes, files)):
            digest.update(f"{len(part)}:".encode() + part)
    digest.update(material_hash(home).encode() if home else b"")
    return digest.hexdigest()[:16]


def _page_bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _vectors_key(catalog: Catalog, home: Path, embedder: Embedder) -> str:
    return hashlib.sha256(f"{corpus_hash(catalog, home)}:{embedder.name}".encode()).hexdigest()[:16]


def _try_lexical(home: Path, corpus: str) -> LexicalIndex | None:
    folder = _current(home, "lexical", corpus)
    if folder is None:
        return None
    try:
        return LexicalIndex(folder / "lexical.db")
    except sqlite3.DatabaseError as error:
        _log.warning("The index in %s is broken (%s) and is built again.", folder, error)
        return None


def _try_vectors(home: Path, key: str) -> VectorIndex | None:
    folder = _current(home, "vectors", key)
    if folder is None:
        return None
    try:
        return VectorIndex(folder / "chroma", int(_read_json(folder / _MANIFEST)["windows"]))
    except (BrokenVectors, KeyError) as error:
        _log.warning("The vectors in %s are broken (%s) and are built again.", folder, error)
        return None


def _status(home: Path, catalog: Catalog, embedder: Embedder | None, embedded: int) -> IndexStatus:
    folder = _folder(home)
    name = embedder.name if embedder else None
    pointer = _read_json(folder / _POINTER)
    words = _current(home, "lexical", corpus_hash(catalog, home))
    if words is None:
        state: State = "stale" if pointer.get("lexical") else "missing"
        return IndexStatus(state, 0, 0, name, str(folder))
    manifest = _read_json(words / _MANIFEST)
    state = "lexical"
    if embedder is not None and _current(home, "vectors", _vectors_key(catalog, home, embedder)):
        state = "ready"
    elif embedder is not None and pointer.get("vectors"):
        state = "stale"
    return IndexStatus(
        state,
        manifest["passages"],
        manifest["windows"],
        name,
        str(folder),
        embedded,
        tuple(manifest["skipped"]),
    )


def _folder(home: Path) -> Path:
    return home / "index"


def _named(home: Path, part: str) -> Path:
    """The folder that the pointer names for a part, whether or not it is there."""
    return _folder(home) / str(_read_json(_folder(home) / _POINTER).get(part))


def _current(home: Path, part: str, key: str) -> Path | None:
    """The part's folder when it is whole and was made from what `key` hashes."""
    folder = _named(home, part)
    return folder if _read_json(folder / _MANIFEST).get("key") == key else None


@contextmanager
def _new_folder(home: Path, part: str, key: str) -> Generator[tuple[Path, dict[str, Any]]]:
    """A fresh folder and its manifest; put in place when the block ends, removed when it fails."""
    folder = _folder(home) / f"{part}-{key}-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    manifest: dict[str, Any] = {"key": key}
    try:
        yield folder, manifest
        _write_json(folder / _MANIFEST, manifest)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _point_to(home, part, folder.name)


def _point_to(home: Path, part: str, name: str) -> None:
    folder = _folder(home)
    with _lock(home, "pointer"):
        pointer = _read_json(folder / _POINTER)
        _write_json(folder / _POINTER, pointer | {part: name})
    # The folder before this one stays: a process may still be reading it. All others are old or
    # abandoned, since builds of one part wait for each other.
    for old in folder.glob(f"{part}-*"):
        if old.name not in (name, pointer.get(part)):
            shutil.rmtree(old, ignore_errors=True)


def _lock(home: Path, name: str) -> AbstractContextManager[object]:
    # Heavy enough to keep off the command line's start.
    from filelock import FileLock

    _folder(home).mkdir(parents=True, exist_ok=True)
    return FileLock(_folder(home) / f"{name}.lock")


def _read_json(path: Path) -> dict[str, Any]:
    """A small file of ours; an unreadable one counts as absent, since all here can be rebuilt."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    """Replaced in one step, so that no reader sees half of it."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    draft.write_text(json.dumps(value, indent=1), encoding="utf-8")
    draft.replace(path)
