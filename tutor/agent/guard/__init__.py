"""The guard: what goes out was checked first, whoever speaks.

`watch_of` makes the rules of a turn ready from its state; `Watch.stream` lets a speaker's words
through sentence by sentence; `Watch.fault` judges a whole text. A module each: `oracle` (what is
secret), `key`, `idea`, `program` (other ways to give it away), `citing` with `statement` and
`support`, `verdict` with `arithmetic`, `injection`, `stream`.
"""

from tutor.agent.guard.citing import OWN_WORDS, cited
from tutor.agent.guard.oracle import Oracle, oracle_of
from tutor.agent.guard.stream import Blocked, GuardedStream
from tutor.agent.guard.turn import watch_of
from tutor.agent.guard.watch import Told, Watch

__all__ = [
    "OWN_WORDS",
    "Blocked",
    "GuardedStream",
    "Oracle",
    "Told",
    "Watch",
    "cited",
    "oracle_of",
    "watch_of",
]
