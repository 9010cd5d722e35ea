"""The index: which passages it holds, whether it is current, and how it is built.

The one rule owned here: what is opened was made of the content as it is now. Hashes of all
that passages and vectors are made of decide it, and a process that builds locks others out.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.catalog import Catalog
from knowledge.chroma_server import ServerTrouble
from knowledge.embed import Embedder, open_embedder
from knowledge.index_folders import (
    MANIFEST,
    current_folder,
    index_folder,
    locked,
    new_folder,
    read_json,
    read_pointer,
)
from knowledge.lexical import LexicalIndex, write_lexical
from knowledge.material import material_hash, material_passages
from knowledge.passage import CHUNKER, Passage, unit_passages, windows
from knowledge.places import Place, vectors_place
from knowledge.quick_embed import export_graph
from knowledge.terms import terms_of
from knowledge.vectors import PACKAGED, Store, embed_windows, write_packaged
from tutor_error import TutorError

Progress = Callable[[int, int], None]
State = Literal["missing", "stale", "lexical", "ready"]

_LEXICAL_FORMAT = "3"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexStatus:
    """What an index holds.

    state: `missing`; `stale`, when content, chunker or weights changed since; `lexical`,
    when there are no vectors; `ready`. embedded: windows computed by this build.
    skipped: written units whose files are broken, which `verify` tells more about.
    vectors: the folder or the server that holds them. problem: why the vectors there cannot be
    used, and what to type; None when nothing is wrong.
    """

    state: State
    passages: int
    windows: int
    embedder: str | None
    path: str
    embedded: int = 0
    skipped: tuple[str, ...] = ()
    vectors: str | None = None
    problem: str | None = None


def build_index(
    home: Path,
    catalog: Catalog,
    on_progress: Progress | None = None,
    embedder: Embedder | str | None = None,
    chroma_url: str | None = None,
) -> IndexStatus:
    """Build what is missing or changed, words first, then vectors; embeds only new windows.

    embedder: an Embedder, a setting of `open_embedder`, or None for the default setting.
    chroma_url: the Chroma server that keeps the vectors, or None for a folder of the home. Where
    the server is away, `problem` says so and the words are built all the same.
    """
    encoder = resolve_embedder(embedder)
    open_lexical(home, catalog).close()
    embedded = 0
    if encoder is not None:
        try:
            vectors, embedded = open_vectors(home, catalog, encoder, on_progress, chroma_url)
        except ServerTrouble as error:
            return _status(home, catalog, encoder, 0, chroma_url, error)
        vectors.close()
        export_graph(home, encoder)
    return _status(home, catalog, encoder, embedded, chroma_url)


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


def index_status(
    home: Path, catalog: Catalog, embedder: Embedder | str | None = None, chroma_url: str | None = None
) -> IndexStatus:
    """What is there, without building anything; a server is asked, and has two seconds to answer."""
    return _status(home, catalog, resolve_embedder(embedder), 0, chroma_url)


def resolve_embedder(embedder: Embedder | str | None) -> Embedder | None:
    return open_embedder(embedder) if embedder is None or isinstance(embedder, str) else embedder


def open_lexical(home: Path, catalog: Catalog) -> LexicalIndex:
    """The words of the content as it is now, built first when they are missing or stale."""
    corpus = corpus_hash(catalog, home)
    opened = _try_lexical(home, corpus)
    if opened is not None:
        return opened
    with locked(home, "lexical"):
        # Another process may have built it while this one waited.
        opened = _try_lexical(home, corpus)
        if opened is not None:
            return opened
        with new_folder(home, "lexical", corpus) as (folder, manifest):
            passages, skipped = read_passages(catalog, home)
            write_lexical(folder / "lexical.db", passages, terms_of(catalog))
            manifest |= {"passages": len(passages), "windows": sum(len(windows(p)) for p in passages)}
            manifest["skipped"] = skipped
        return LexicalIndex(folder / "lexical.db")


def open_vectors(
    home: Path,
    catalog: Catalog,
    embedder: Embedder,
    on_progress: Progress | None = None,
    chroma_url: str | None = None,
) -> tuple[Store, int]:
    """The vectors of the content as it is now, built when needed, and how many were computed.

    Raises ServerTrouble when they belong on a Chroma server that does not do its part.
    """
    with closing(vectors_place(home, chroma_url)) as place:
        return _open_in(place, home, catalog, embedder, on_progress)


def _open_in(
    place: Place, home: Path, catalog: Catalog, embedder: Embedder, on_progress: Progress | None
) -> tuple[Store, int]:
    key = _vectors_key(catalog, home, embedder)
    opened = place.open(key)
    if opened is not None:
        return opened, 0
    with locked(home, "vectors"):
        # Another process may have built them while this one waited.
        opened = place.open(key)
        if opened is not None:
            return opened, 0
        passages, _ = read_passages(catalog, home)
        pieces = [window for passage in passages for window in windows(passage)]
        vectors, embedded = embed_windows(
            home / "vectors.db", pieces, embedder, catalog.root / PACKAGED, on_progress
        )
        return place.write(key, passages, pieces, vectors), embedded


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
    folder = current_folder(home, "lexical", corpus)
    if folder is None:
        return None
    try:
        return LexicalIndex(folder / "lexical.db")
    except sqlite3.DatabaseError as error:
        _log.warning("The index in %s is broken (%s) and is built again.", folder, error)
        return None


def _status(
    home: Path,
    catalog: Catalog,
    embedder: Embedder | None,
    embedded: int,
    chroma_url: str | None,
    trouble: ServerTrouble | None = None,
) -> IndexStatus:
    held = "missing"
    with closing(vectors_place(home, chroma_url)) as place:
        if embedder is not None and trouble is None:
            try:
                held = place.held(_vectors_key(catalog, home, embedder))
            except ServerTrouble as error:
                trouble = error
    words = current_folder(home, "lexical", corpus_hash(catalog, home))
    manifest = read_json(words / MANIFEST) if words else {}
    if words is None:
        state: State = "stale" if read_pointer(home).get("lexical") else "missing"
    else:
        state = "lexical" if held == "missing" else held
    return IndexStatus(
        state,
        manifest.get("passages", 0),
        manifest.get("windows", 0),
        embedder.name if embedder else None,
        str(index_folder(home)),
        embedded,
        tuple(manifest.get("skipped", ())),
        place.where if embedder else None,
        f"{trouble.message} {trouble.remedy}" if trouble else None,
    )
