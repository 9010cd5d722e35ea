"""Places for kernels: counted over processes, given in turn, freed by whatever end."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox.budget import FEWEST, KernelBudget, Use, default_places
from sandbox.turns import Ticket, Turns
from tutor_error import TutorError

HOLDER = """
import sys, threading
from pathlib import Path
from sandbox.budget import KernelBudget
with KernelBudget(Path(sys.argv[1]), 1).place():
    print("held", flush=True)
    sys.stdin.read()
"""


class Waiter(threading.Thread):
    """Waits for a place, notes that it has it, and keeps it until released."""

    def __init__(self, budget: KernelBudget, owner: str, served: list[str], use: Use = "call") -> None:
        super().__init__(daemon=True)
        self.budget, self.owner, self.served, self.use = budget, owner, served, use
        self.waits, self.has_it, self.release = threading.Event(), threading.Event(), threading.Event()
        self.ahead: list[int] = []
        self.cancel = threading.Event()
        self.error: TutorError | None = None

    def run(self) -> None:
        try:
            with self.budget.place(self.owner, use=self.use, cancel=self.cancel, on_wait=self.told):
                self.served.append(self.owner)
                self.has_it.set()
                self.release.wait(30)
        except TutorError as error:
            self.error = error

    def told(self, ahead: int) -> None:
        self.ahead.append(ahead)
        self.waits.set()

    def queued(self) -> Waiter:
        self.start()
        assert self.waits.wait(30)
        return self


def finish(*waiters: Waiter) -> None:
    for waiter in waiters:
        waiter.release.set()
        waiter.join(30)
        assert not waiter.is_alive()


def test_owners_take_turns_however_much_one_of_them_asks_for(tmp_path: Path) -> None:
    budget, served = KernelBudget(tmp_path, 1), list[str]()
    with budget.place("first"):
        waiters = [Waiter(budget, owner, served).queued() for owner in ("ann", "ann", "ann", "bob", "cara")]
        for waiter in waiters:
            waiter.release.set()
    finish(*waiters)
    assert served == ["ann", "bob", "cara", "ann", "ann"]
    assert waiters[0].ahead[0] == 0 and waiters[2].ahead[0] == 2 and budget.taken() == 0


def test_how_many_come_first_is_told_and_counts_the_turns() -> None:
    line = Turns()
    tickets = {name: Ticket(name[0]) for name in ("a1", "a2", "b1", "c1", "b2")}
    for ticket in tickets.values():
        line.add(ticket)
    assert {name: line.ahead_of(ticket) for name, ticket in tickets.items()} == {
        "a1": 0, "b1": 1, "c1": 2, "a2": 3, "b2": 4,
    }  # fmt: skip
    line.remove(tickets["a1"])
    assert line.first is tickets["b1"] and line.ahead_of(tickets["a2"]) == 2 and len(line) == 4


def test_a_place_of_another_process_counts_and_its_crash_frees_it(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        budget, served = KernelBudget(tmp_path, 1), list[str]()
        assert budget.taken() == 1
        waiter = Waiter(budget, "ann", served).queued()
        assert not waiter.has_it.is_set()
        holder.kill()
        assert waiter.has_it.wait(30)
        finish(waiter)


def test_waiting_in_vain_ends_in_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    budget = KernelBudget(tmp_path, 1, seconds_to_wait=0.2)
    with budget.place("ann"), pytest.raises(TutorError) as caught, budget.place("bob"):
        pass
    assert caught.value.code == "busy" and "kernels N" in caught.value.remedy
    with budget.place("bob"):
        assert budget.taken() == 1


def test_waiting_can_be_stopped_and_the_next_takes_over(tmp_path: Path) -> None:
    budget, served = KernelBudget(tmp_path, 1), list[str]()
    with budget.place():
        gone, stays = Waiter(budget, "ann", served).queued(), Waiter(budget, "bob", served).queued()
        gone.cancel.set()
        gone.join(30)
        assert gone.error is not None and gone.error.code == "cancelled"
    assert stays.has_it.wait(30)
    finish(stays)
    assert served == ["bob"]


def test_detached_work_leaves_a_place_to_what_somebody_waits_for(tmp_path: Path) -> None:
    budget, served = KernelBudget(tmp_path, 2), list[str]()
    with budget.place("ann", use="run"):
        second = Waiter(budget, "bob", served, use="run").queued()
        with budget.place("cara"):
            assert budget.taken() == 2 and served == []
    assert second.has_it.wait(30)
    finish(second)


def test_there_are_as_many_places_as_cores_and_a_few_at_least() -> None:
    assert default_places() >= FEWEST
