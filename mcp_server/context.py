"""What every tool of one server shares (catalogue, search, records, kernels), and the way to what is
the learner's own: that of the request which is served.

The rule owned here: nothing is opened before a tool needs it, and each thing is opened
once. Importing the server therefore loads neither torch nor chromadb.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from knowledge.catalog import Catalog
from knowledge.shelf import open_catalog
from knowledge.unit import namespace_of
from mcp_server.learners import Learner, Learners
from mcp_server.news import News
from mcp_server.node import Node

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from knowledge.embed import Embedder
    from knowledge.search import Search
    from mcp_server.background import Runs
    from mcp_server.calls import Calls
    from mcp_server.kernels import OwnSessions
    from sandbox.budget import KernelBudget, OnWait, Use
    from sandbox.sessions import Sessions
    from teaching.records import Records

T = TypeVar("T")
Vectors = Literal["wait", "background", "off"]
BUILDER = "vectors"
"""The thread that builds them: a process that ends while it computes must not wait for it."""
_PATIENCE = 10.0
"""Seconds that closing waits for vectors that are being built; the thread dies with the process."""


class _Closed(Exception):
    """Nobody waits for the vectors any more."""


@dataclass
class ServerContext:
    """Where the state lies and whose it is. Close it when the server ends.

    owner: the learner of every request, but by_token: then each is of its token's learner.
    node: the server's name among several. kernels: how many work at once, over all of the home.
    content: another content folder than the packaged one.
    chroma_url: the Chroma server that keeps the vectors, or None for a folder of the home.
    allow_unisolated: the learner agreed to run their own code without isolation.
    content_paths: folders of packs in development.
    roots: folders below which tools may read the learner's files by path, beside the workspaces; None is
        for our own front ends, where the learner typed the path.
    vectors: search by meaning from the start (wait), once they are built, or never.
    """

    home: Path
    owner: str = "default"
    content: Path | None = None
    embedder_setting: str | None = None
    chroma_url: str | None = None
    database: str | None = None
    allow_unisolated: bool = False
    content_paths: tuple[str, ...] = ()
    roots: tuple[Path, ...] | None = None
    vectors: Vectors = "background"
    by_token: bool = False
    node: Node = field(default_factory=Node)
    kernels: int | None = None
    news: News = field(init=False, repr=False)
    """Who watches what of this server's resources."""
    _opened: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    _builder: threading.Thread | None = field(default=None, init=False, repr=False)
    _ready_embedder: Embedder | None = field(default=None, init=False, repr=False)
    _closing: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.by_token and self.roots is None:
            self.roots = ()  # learners elsewhere have their workspaces alone
        self.news = News(lambda: self.learner)

    @property
    def serves_others(self) -> bool:
        """The client is no front end of ours: a model may have written what it sends."""
        return self.roots is not None

    @property
    def catalog(self) -> Catalog:
        """As it is now: a pack that was added, proved or changed meanwhile is seen."""
        return open_catalog(self.home, self.content_paths, self.content)

    @property
    def records(self) -> Records:
        # Imported late: SQLAlchemy costs 0.2 s, and listing units needs no records.
        from teaching.records import open_records

        return self._once("records", lambda: open_records(self._made_home(), self.database))

    @property
    def search(self) -> Search:
        return self._once("search", self._open_search)

    @property
    def search_trouble(self) -> str | None:
        """Why search answers by words alone, and what to type; None when it does not, or is not open."""
        opened: Search | None = self._opened.get("search")
        return opened.trouble if opened is not None else None

    @property
    def embedder(self) -> Embedder | None:
        # Imported late: only explained answers are matched by meaning.
        from knowledge.embed import open_embedder

        return self._once("embedder", lambda: open_embedder(self.embedder_setting))

    @property
    def ready_embedder(self) -> Embedder | None:
        """The embedder once it is loaded and knows the examples of what lines do; never waits for it."""
        return self._ready_embedder

    @property
    def mine(self) -> Learner:
        """The learner of the request that is served, with what is theirs alone."""
        return self.learners.current()

    @property
    def learner(self) -> str:
        return self.mine.name

    @property
    def runs(self) -> Runs:
        return self.mine.runs

    @property
    def workspaces(self) -> Path:
        return self.mine.workspaces

    @property
    def figures(self) -> Path:
        """Where the figures of the learner's runs and grades are kept."""
        return self.mine.figures

    @property
    def last_checks(self) -> dict[str, dict[str, Any]]:
        return self.mine.last_checks

    @property
    def sessions(self) -> OwnSessions:
        """The learner's kernels by name, of those that all learners share."""
        # Imported late: the sandbox loads jupyter_client.
        from mcp_server.kernels import OwnSessions

        return OwnSessions(self._once("sessions", self._open_sessions), self)

    def place(
        self, use: Use = "call", cancel: threading.Event | None = None, on_wait: OnWait | None = None
    ) -> AbstractContextManager[None]:
        """A place for a kernel of the learner's, waited for in turn (`KernelBudget.place`)."""
        return self.budget.place(self.learner, use=use, cancel=cancel, on_wait=on_wait)

    @property
    def budget(self) -> KernelBudget:
        # Imported late: file locks are needed for kernels alone.
        from sandbox.budget import KernelBudget

        return self._once("budget", lambda: KernelBudget(self._made_home(), self.kernels))

    @property
    def learners(self) -> Learners:
        only = None if self.by_token else self.owner
        return self._once("learners", lambda: Learners(self.home, only, self.node, self.log))

    @property
    def calls(self) -> Calls:
        # Imported late: it loads the MCP SDK.
        from mcp_server.calls import Calls

        return self._once("calls", Calls)

    def log(self, error: Exception) -> Path:
        """Keep what went wrong apart from any call; the place of the log."""
        from mcp_server.reply import log_failure

        return log_failure(error, "server", self.logs)

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def may_run_unisolated(self, unit_id: str) -> bool:
        """The learner's consent is about their own code; a pack's runs isolated or not at all."""
        return self.allow_unisolated and not namespace_of(unit_id)

    def warm_sandbox(self) -> None:
        """Keep kernels ready from the first use on, in a server that stays."""
        if self.vectors == "background":
            # Imported late, as the sandbox that it starts.
            from sandbox.pool import shared_pool

            self._once("pool", lambda: shared_pool().warm_up() or True)

    def warm_up(self) -> None:
        """Begin to load what judges answers by meaning, when that may go on in the background."""
        if self.vectors == "background":
            _ = self.search

    def close(self) -> None:
        """End the kernels, the runs and the open files."""
        self._closing.set()
        with self._lock:
            opened, self._opened = self._opened, {}
            builder, self._builder = self._builder, None
        if builder is not None:
            builder.join(_PATIENCE)
        for name in ("learners", "sessions", "search", "records"):
            if name in opened:
                opened[name].close()

    def _open_sessions(self) -> Sessions:
        # Imported late: the sandbox loads jupyter_client.
        from sandbox.sessions import Sessions

        self.warm_sandbox()
        return Sessions(allow_unisolated=self.allow_unisolated)

    def _open_search(self) -> Search:
        # Imported late: the index loads chromadb.
        from knowledge.search import open_search

        waits = self.vectors == "wait"
        # One embedder for search and for answers: its weights are in memory once.
        search = open_search(
            self._made_home(),
            self.catalog,
            embedder=self.embedder or "none",
            chroma_url=self.chroma_url,
            wait_for_vectors=waits,
        )
        if self.vectors == "background":
            self._builder = threading.Thread(
                target=self._build_vectors, args=(search,), name=BUILDER, daemon=True
            )
            self._builder.start()
        return search

    def _build_vectors(self, search: Search) -> None:
        """Words answer until this is done, and go on to answer if it fails."""
        from mcp_server.reply import log_failure
        from teaching.prototypes import prepare

        def look_up(done: int, of: int) -> None:
            if self._closing.is_set():
                raise _Closed

        try:
            search.ensure_vectors(look_up)
            if search.embedder is not None and not self._closing.is_set():
                prepare(search.embedder)
                self._ready_embedder = search.embedder
            if not self._closing.is_set():
                search.quicken()
        except _Closed:
            return  # what was embedded is kept, and the next process goes on
        except Exception as error:
            log_failure(error, "vectors", self.logs)

    def _made_home(self) -> Path:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.home

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._opened:
                self._opened[name] = make()
            return cast(T, self._opened[name])
