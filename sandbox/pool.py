"""The process's own zygote and the kernels that it keeps ready: started when first needed.

It owns one rule: a kernel handed out is fresh. It was forked for nobody and serves one owner; a
spare that died in the meantime, or a zygote that did, is replaced without a word.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.fork import BrokenFork, Fork
from sandbox.isolation import current_isolation
from sandbox.lab import BASE, Lab
from sandbox.limits import Limits
from sandbox.zygote import START_SECONDS, Place, Role, Zygote, new_key

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "sklearn", "torch")
"""What a zygote can import ahead (`kit/mltutor_zygote.py` has the modules of each)."""
SPARES = 2


_IS_BARRED = re.compile(r"(OSError|PermissionError).* (clone|mounting \S+) failed")
_IMPORT = re.compile(r"\b(?:import|from)\s+(" + "|".join(PACKAGES) + r")\b")


def packages_in(sources: Iterable[bytes]) -> set[str]:
    """Which of PACKAGES some program texts import; a name in a comment does no harm."""
    return {name for source in sources for name in _IMPORT.findall(source.decode("utf-8", "replace"))}


@dataclass(frozen=True)
class Forked:
    """A fork that is ready for its order, and the key of its Jupyter messages."""

    fork: Fork
    key: str


class Barred(Exception):
    """No zygote can fork here. Some machines let bubblewrap make namespaces, and bar others in them."""


class Pool:
    """One lab's zygote and its spare kernels. Its methods may be called from any thread.

    barred: why no zygote can fork here, once the first fork has failed.
    """

    def __init__(self, lab: Lab = BASE) -> None:
        self._lab = lab
        self.barred: str | None = None
        self._has_forked = False
        self._zygote: Zygote | None = None
        self._lock = threading.Lock()
        self._spares: deque[Forked] = deque()
        self._wanted = 0
        self._loaded: list[str] = []
        self._filler: threading.Thread | None = None

    def prepare(self, packages: Iterable[str]) -> None:
        """Import `packages`, those that it knows, before the next fork: once, for all that follow."""
        new = [name for name in PACKAGES if name in set(packages) and name not in self._loaded]
        if not new or not self._may_fork():
            return
        with self._lock:
            self._loaded += new
            self._living_zygote().load(new, now=True)
            stale, self._spares = self._spares, deque()
        for spare in stale:
            spare.fork.close()

    def warm_up(self, spares: int = SPARES) -> None:
        """Import everything in the gaps and keep `spares` kernels ready: for a process that stays."""
        if not self._may_fork():
            return
        with self._lock:
            self._wanted = spares
            self._living_zygote().load(PACKAGES, now=False)
            self._loaded = list(PACKAGES)

    def await_spares(self) -> None:
        """Until as many kernels are ready as are wanted, or none can be made."""
        filler = self._filler
        if filler is not None:
            filler.join(START_SECONDS)

    def _may_fork(self) -> bool:
        return self.barred is None and current_isolation().tier == "namespaces"

    def take_kernel(self, place: Place) -> Forked:
        """A kernel that is ready for its order. Raises Barred, BrokenFork."""
        forked = self._take_spare() if place == default_place() else None
        if forked is None:
            forked = self._fork("kernel", place)
        if self._wanted:
            self._refill()
        return forked

    def give_back(self, forked: Forked) -> None:
        """Take a default kernel back that has not been given its order."""
        with self._lock:
            self._spares.append(forked)

    def take_judge(self, place: Place) -> Forked:
        return self._fork("judge", place)

    @property
    def zygote(self) -> Zygote | None:
        return self._zygote

    def close(self) -> None:
        """End the zygote, the spares and everything else that was forked."""
        with self._lock:
            self._wanted = 0
            filler, self._filler = self._filler, None
        if filler is not None:
            filler.join(START_SECONDS)
        with self._lock:
            while self._spares:
                self._spares.popleft().fork.close()
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None
            self._loaded = []

    def _fork(self, role: Role, place: Place, *, may_wait: bool = False) -> Forked:
        if self.barred is not None:
            raise Barred(self.barred)
        with self._lock:
            zygote = self._living_zygote()
        key = new_key()
        try:
            fork = zygote.fork(role, place, key, may_wait=may_wait)
            try:
                fork.await_ready(START_SECONDS)
            except BaseException:
                fork.close()
                raise
        except BrokenFork as error:
            if self._has_forked or not _IS_BARRED.match(error.why):
                raise
            self.barred = error.why
            raise Barred(error.why) from error
        self._has_forked = True
        return Forked(fork, key)

    def _living_zygote(self) -> Zygote:
        """The zygote, started anew if it has died, with what it had imported."""
        if self._zygote is not None and not self._zygote.is_alive():
            self._zygote.close()
            self._zygote = None
        if self._zygote is None:
            self._zygote = Zygote(self._lab)
            self._zygote.load(self._loaded, now=False)
        return self._zygote

    def _take_spare(self) -> Forked | None:
        while True:
            with self._lock:
                if not self._spares:
                    return None
                spare = self._spares.popleft()
            if spare.fork.poll() is None:
                return spare
            spare.fork.close()

    def _refill(self) -> None:
        with self._lock:
            if self._filler is None or not self._filler.is_alive():
                self._filler = threading.Thread(target=self._fill, name="mltutor-pool", daemon=True)
                self._filler.start()

    def _fill(self) -> None:
        with contextlib.suppress(BrokenFork, Barred):  # whoever needs a kernel next will be told
            while True:
                with self._lock:
                    missing = self._wanted - len(self._spares)
                if missing <= 0:
                    return
                forked = self._fork("kernel", default_place(), may_wait=True)
                with self._lock:
                    if self._wanted:
                        self._spares.append(forked)
                        continue
                forked.fork.close()
                return


def default_place() -> Place:
    limits = Limits()
    return Place(limits.disk_mb, limits.files)


_pools: dict[tuple[int, Path], Pool] = {}
_making = threading.Lock()


def shared_pool(lab: Lab = BASE) -> Pool:
    """This process's pool of a lab; it ends with the process."""
    key = (os.getpid(), lab.prefix)  # a fork of this process has no part in its pools
    with _making:
        if key not in _pools:
            _pools[key] = Pool(lab)
            atexit.register(_pools[key].close)
        return _pools[key]


def close_pools() -> None:
    """End this process's zygotes now, for one that cannot wait for its end to do so."""
    with _making:
        own = [_pools.pop(key) for key in list(_pools) if key[0] == os.getpid()]
    for pool in own:
        atexit.unregister(pool.close)
        pool.close()


def why_no_zygote() -> str | None:
    """Why kernels start afresh on this machine, None where a zygote forks them: found by forking one."""
    pool = shared_pool()
    if pool.barred is None:
        with contextlib.suppress(Barred):
            pool.give_back(pool.take_kernel(default_place()))
    return pool.barred
