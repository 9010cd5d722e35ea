"""Search: the passages that answer a question, best first, or none.

The one rule owned here: a search never waits for vectors. Words serve at once and say so
(`ranking` is `lexical`); `ensure_vectors`, called by whoever can wait, adds meaning.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.embed import Embedder
from knowledge.fusion import DENSE_SHARE
from knowledge.index import Progress, open_lexical, open_vectors, resolve_embedder
from knowledge.passage import PassageKind
from knowledge.quick_embed import export_graph, quick_embedder
from knowledge.ranking import Hit, Leg, Ranking, Semantics, rank_passages
from knowledge.vectors import BrokenVectors

__all__ = ["Hit", "Leg", "Ranking", "Search", "open_search"]
_log = logging.getLogger(__name__)


def open_search(
    home: Path,
    catalog: Catalog,
    *,
    embedder: Embedder | str | None = None,
    wait_for_vectors: bool = False,
    on_progress: Progress | None = None,
) -> Search:
    """A search over the written content, its words indexed first where they are not yet.

    embedder: an Embedder, a setting of `open_embedder`, or None for the default setting.
    wait_for_vectors: build or open the vectors before returning.
    """
    search = Search(home, catalog, resolve_embedder(embedder))
    if wait_for_vectors:
        search.ensure_vectors(on_progress)
    return search


class Search:
    """Thread-safe. Holds files open until `close`."""

    def __init__(self, home: Path, catalog: Catalog, embedder: Embedder | None) -> None:
        self._home = home
        self._catalog = catalog
        self._embedder = quick_embedder(home, embedder)
        self._lexical = open_lexical(home, catalog)
        self._semantics: Semantics | None = None
        self._building = threading.Lock()

    @property
    def has_vectors(self) -> bool:
        return self._semantics is not None

    def ensure_vectors(self, on_progress: Progress | None = None) -> bool:
        """Build or open the vectors and load the embedder; False when there is no embedder.

        May take minutes; searches from other threads are answered by words meanwhile.
        """
        if self._embedder is None:
            return False
        with self._building:
            if self._semantics is None:
                vectors, embedded = open_vectors(self._home, self._catalog, self._embedder, on_progress)
                if embedded:  # torch is loaded, and the next process shall need it no more
                    export_graph(self._home, self._embedder)
                # The first text loads the weights; a learner's first question should not wait for that.
                self._embedder.encode(["ready"])
                self._semantics = Semantics(vectors, self._embedder)
        return True

    def quicken(self) -> bool:
        """Make the ONNX graph that lets later processes answer without torch; takes ten seconds, once."""
        return export_graph(self._home, self._embedder)

    def search(
        self, query: str, k: int = 5, kind: PassageKind | None = None, track: str | None = None
    ) -> list[Hit]:
        """At most k passages; empty when nothing in the content answers."""
        ranking = self.rank(query, kind=kind, track=track)
        return list(ranking.hits[:k]) if ranking.is_relevant else []

    def rank(
        self,
        query: str,
        leg: Leg = "fused",
        kind: PassageKind | None = None,
        track: str | None = None,
        share: float = DENSE_SHARE,
    ) -> Ranking:
        """Every candidate of a leg, relevant or not; words alone where there are no vectors."""
        semantics = self._semantics
        try:
            return rank_passages(query, self._lexical, semantics, leg, kind, track, share)
        except BrokenVectors as error:
            _log.warning("Vectors cannot be read (%s); words answer until they are built again.", error)
            self._semantics = None
            return rank_passages(query, self._lexical, None, leg, kind, track)

    def close(self) -> None:
        self._lexical.close()
        if self._semantics is not None:
            self._semantics.vectors.close()
            self._semantics = None

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
