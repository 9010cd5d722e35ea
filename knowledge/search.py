"""Search: the passages that answer a question, best first, or none.

The one rule owned here: a search never waits for vectors. Words serve at once and say so
(`ranking` is `lexical`); `ensure_vectors`, called by whoever can wait, adds meaning.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from knowledge.catalog import Catalog
from knowledge.chroma_server import ServerTrouble
from knowledge.embed import Embedder
from knowledge.fusion import DENSE_SHARE
from knowledge.index import Progress, open_lexical, open_vectors, resolve_embedder
from knowledge.passage import PassageKind
from knowledge.quick_embed import export_graph, quick_embedder
from knowledge.ranking import Hit, Leg, Ranking, Semantics, rank_passages
from knowledge.vectors import BrokenVectors

__all__ = ["Hit", "Leg", "Ranking", "Search", "open_search"]
PAUSE_SECONDS = 30.0
"""How long a server that failed is left alone before a search has it looked for again."""
_log = logging.getLogger(__name__)


def open_search(
    home: Path,
    catalog: Catalog,
    *,
    embedder: Embedder | str | None = None,
    chroma_url: str | None = None,
    wait_for_vectors: bool = False,
    on_progress: Progress | None = None,
) -> Search:
    """A search over the written content, its words indexed first where they are not yet.

    embedder: an Embedder, a setting of `open_embedder`, or None for the default setting.
    chroma_url: the Chroma server that keeps the vectors, or None for a folder of the home.
    wait_for_vectors: build or open the vectors before returning.
    """
    search = Search(home, catalog, resolve_embedder(embedder), chroma_url)
    if wait_for_vectors:
        search.ensure_vectors(on_progress)
    return search


class Search:
    """Thread-safe. Holds files open until `close`."""

    def __init__(
        self, home: Path, catalog: Catalog, embedder: Embedder | None, chroma_url: str | None = None
    ) -> None:
        self._home = home
        self._catalog = catalog
        self._embedder = quick_embedder(home, embedder)
        self._chroma_url = chroma_url
        self._lexical = open_lexical(home, catalog)
        self._semantics: Semantics | None = None
        self._building = threading.Lock()
        self._trouble: str | None = None
        self._try_again_at: float | None = None
        self._is_closed = False

    @property
    def has_vectors(self) -> bool:
        return self._semantics is not None

    @property
    def embedder(self) -> Embedder | None:
        """What embeds the queries; it answers at once when `has_vectors`."""
        return self._embedder

    @property
    def trouble(self) -> str | None:
        """Why words answer alone, and what to type, when vectors were had or wanted and failed."""
        return self._trouble

    def ensure_vectors(self, on_progress: Progress | None = None) -> bool:
        """Build or open the vectors and load the embedder; False when there is no embedder, or a
        Chroma server that is away, which `trouble` then tells.

        May take minutes; searches from other threads are answered by words meanwhile.
        """
        if self._embedder is None:
            return False
        with self._building:
            if self._semantics is None:
                try:
                    self._semantics = self._opened(self._embedder, on_progress)
                except ServerTrouble as error:
                    self._answer_by_words(f"{error.message} Words answer meanwhile. {error.remedy}")
                    return False
                self._trouble = None
            if self._is_closed:
                self._let_go()
        return True

    def _opened(self, embedder: Embedder, on_progress: Progress | None) -> Semantics:
        vectors, embedded = open_vectors(self._home, self._catalog, embedder, on_progress, self._chroma_url)
        if embedded:  # torch is loaded, and the next process shall need it no more
            export_graph(self._home, embedder)
        # The first text loads the weights; a learner's first question should not wait for that.
        embedder.encode(["ready"])
        return Semantics(vectors, embedder)

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
        if semantics is None:
            self._try_again()
        try:
            return rank_passages(query, self._lexical, semantics, leg, kind, track, share)
        except ServerTrouble as error:
            self._answer_by_words(f"{error.message} Words answer meanwhile. {error.remedy}")
        except BrokenVectors as error:
            self._answer_by_words(
                f"Vectors cannot be read ({error}); words answer until they are built again."
            )
        return rank_passages(query, self._lexical, None, leg, kind, track)

    def _answer_by_words(self, why: str) -> None:
        """Go on without vectors, and warn once, however many searches fail for the same reason."""
        semantics, self._semantics = self._semantics, None
        if self._chroma_url:
            if semantics is not None:
                semantics.vectors.close()
            self._try_again_at = time.monotonic() + PAUSE_SECONDS
        if self._trouble is None:
            self._trouble = why
            _log.warning("%s", why)

    def _try_again(self) -> None:
        """Look for a server that had been away, in the background, so that no search waits for it."""
        due = self._try_again_at
        if due is None or time.monotonic() < due:
            return
        self._try_again_at = None
        threading.Thread(target=self._return_to_vectors, daemon=True, name="vectors-again").start()

    def _return_to_vectors(self) -> None:
        try:
            self.ensure_vectors()
        except Exception:
            _log.exception("Vectors could not be opened again; words go on to answer.")

    def close(self) -> None:
        self._is_closed = True
        self._lexical.close()
        self._let_go()

    def _let_go(self) -> None:
        semantics, self._semantics = self._semantics, None
        if semantics is not None:
            semantics.vectors.close()

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
