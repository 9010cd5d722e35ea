"""Who is served next among those who wait in one process.

It owns one rule: owners take turns. Whoever asks for ten things waits with nine of them until the
others have had one each.
"""

from __future__ import annotations

import threading
from collections import deque


class Ticket:
    """One request's place in the line. `moved` is set when it is worth looking again."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.moved = threading.Event()


class Turns:
    """Tickets in the order in which they are served. For one thread at a time."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Ticket]] = {}

    def __len__(self) -> int:
        return sum(len(tickets) for tickets in self._waiting.values())

    def count(self, owner: str) -> int:
        """How many of an owner's tickets wait."""
        return len(self._waiting.get(owner, ()))

    def add(self, ticket: Ticket) -> None:
        self._waiting.setdefault(ticket.owner, deque()).append(ticket)

    @property
    def first(self) -> Ticket | None:
        """Who is next. It stays so until it is served or leaves."""
        return next((tickets[0] for tickets in self._waiting.values()), None)

    def ahead_of(self, ticket: Ticket) -> int:
        """How many are served before it, as things stand."""
        own = self._waiting[ticket.owner].index(ticket)
        ahead, is_before = 0, True
        for owner, tickets in self._waiting.items():
            if owner == ticket.owner:
                ahead, is_before = ahead + own, False
            else:
                ahead += min(len(tickets), own + 1 if is_before else own)
        return ahead

    def remove(self, ticket: Ticket) -> None:
        """It was served or has left. Who was first gives the next owner the turn."""
        was_first = self.first is ticket
        tickets = self._waiting[ticket.owner]
        tickets.remove(ticket)
        if not tickets:
            del self._waiting[ticket.owner]
        elif was_first:
            self._waiting[ticket.owner] = self._waiting.pop(ticket.owner)
