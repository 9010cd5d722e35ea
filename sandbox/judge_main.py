"""The judge's process: reads one order from the host, then leads the grade.

It holds the project's folder, the secret seed and every expectation; it has no network
and none of the learner's files. It asks the host for values of the submission and tells
the host each verdict. One rule: what it tells about a hidden check is short (`summary`).

Started as ``python -m sandbox.judge_main PROJECT``, with a socket in MLTUTOR_CHANNEL.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import re
import resource
import socket
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from sandbox.decoder import decode
from sandbox.frame import MAX_JUDGE_HEADER, receive_frame, send_frame
from sandbox.judge import Check, Submission, court, derive_seed, registered
from sandbox.kit import mltutor_landlock, mltutor_namespaces, mltutor_seccomp
from sandbox.misconception import Round, name_misconception
from sandbox.proxy import Answer, Observation
from sandbox.trial import Verdict, authors_fault, run_check

NAMING_SECONDS = 30.0
_TORCH = re.compile(r"^\s*(?:import|from)\s+torch\b", re.MULTILINE)


class BrokenProject(Exception):
    """The project's own files cannot be used; the message is for their author."""


class HostTransport:
    """Asks the learner's process, through the host."""

    def __init__(self, channel: socket.socket, main: str) -> None:
        self.main = main
        self._channel = channel
        self._stdout = ""

    def tell(self, header: dict[str, Any], payload: bytes = b"") -> None:
        send_frame(self._channel, header, payload, max_header=MAX_JUDGE_HEADER)

    def ask(self, request: dict[str, Any], payload: bytes) -> Answer:
        self.tell({"op": "ask", "request": request}, payload)
        frame = receive_frame(self._channel, max_header=MAX_JUDGE_HEADER)
        self._stdout = str(frame.header.get("stdout", ""))
        reply = frame.header["reply"]
        return Answer(str(reply.get("kind")), frame.payload, reply)

    def stdout(self) -> str:
        return self._stdout

    def figures(self) -> list[bytes]:
        self.tell({"op": "figures"})
        return cast("list[bytes]", decode(receive_frame(self._channel, max_header=MAX_JUDGE_HEADER).payload))


class Judge:
    """One grade: the checks in order, their data sets, the verdicts."""

    def __init__(self, project: Path, transport: HostTransport, order: dict[str, Any]) -> None:
        self._project, self._transport, self._order = project, transport, order
        self._datasets: dict[int, Any] = {}
        self._naming_left = NAMING_SECONDS
        self.checks = [c for c in registered if c.visible or not order.get("visible_only")]

    def run(self) -> None:
        chosen = {check.id for check in self.checks}
        passed: set[str] = set()
        for check in self.checks:
            self._transport.tell({"op": "begin", "check": check.id})
            missing = [need for need in check.needs if need in chosen and need not in passed]
            verdict, misconception = self._blocked(missing) if missing else self._try(check)
            if verdict.status == "passed":
                passed.add(check.id)
            report = {"id": check.id, **asdict(verdict), "misconception": misconception}
            self._transport.tell({"op": "report", "report": report})
        self._transport.tell({"op": "done"})

    def _blocked(self, missing: list[str]) -> tuple[Verdict, None]:
        names = " and ".join(f"`{name}`" for name in missing)
        return Verdict("blocked", message=f"not tried: it needs {names}"), None

    def _try(self, check: Check) -> tuple[Verdict, str | None]:
        first = self._round(check, 0)
        verdict, seen = self._run(check, first)
        if verdict.status != "failed" or seen is None:
            return verdict, None
        started = time.monotonic()
        misconception = name_misconception(
            check,
            self._project,
            lambda number: seen if number == 0 else self._observe(check, number),
            lambda number: self._round(check, number),
            started + self._naming_left,
        )
        self._naming_left -= time.monotonic() - started
        return verdict, misconception

    def _run(self, check: Check, round_: Round) -> tuple[Verdict, Observation | None]:
        submission = Submission(self._transport, tensors=court.tensors, hidden=not check.visible)
        verdict = run_check(check, submission, round_.dataset, round_.seed)
        return verdict, submission.last_value()

    def _observe(self, check: Check, number: int) -> Observation | None:
        self._transport.tell({"op": "begin", "check": check.id})
        verdict, seen = self._run(check, self._round(check, number))
        return seen if verdict.status == "failed" else None

    def _round(self, check: Check, number: int) -> Round:
        secret = str(self._order["seed"])
        return Round(
            self._dataset(derive_seed(secret, "hidden", number)), derive_seed(secret, check.id, number)
        )

    def _dataset(self, seed: int) -> Any:
        """A data set of this run's own: what one check draws from it or changes, no other sees."""
        if seed not in self._datasets:
            self._datasets[seed] = self._hidden(seed)
        try:
            return copy.deepcopy(self._datasets[seed])
        except (TypeError, copy.Error):  # it holds a module, a file or the like
            return self._hidden(seed)

    def _hidden(self, seed: int) -> Any:
        source = _data_module(self._project)
        return source.hidden(seed, self._order["scale"]) if hasattr(source, "hidden") else None


def _data_module(project: Path) -> Any:
    return importlib.import_module("data") if (project / "data.py").is_file() else None


def _load_checks(project: Path) -> None:
    if not (project / "checks.py").is_file():
        raise BrokenProject("there is no checks.py")
    importlib.import_module("checks")
    seen: set[str] = set()
    for check in registered:
        if unknown := [need for need in check.needs if need not in seen]:
            raise BrokenProject(f"check `{check.id}` needs `{unknown[0]}`, which is no check above it")
        if check.id in seen:
            raise BrokenProject(f"two checks are called `{check.id}`")
        seen.add(check.id)
    if not registered:
        raise BrokenProject("checks.py has no function with @check")


def _speaks_torch(project: Path) -> bool:
    """Whether its checks or its data import torch: only then do tensors reach them as tensors."""
    sources = [project / name for name in ("checks.py", "data.py")]
    return any(_TORCH.search(path.read_text(encoding="utf-8")) for path in sources if path.is_file())


def _public_files(project: Path, seed: int, scale: str) -> dict[str, bytes]:
    """What `public` of data.py writes into its working folder, by relative path."""
    source = _data_module(project)
    if not hasattr(source, "public"):
        return {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            source.public(seed, scale)
        finally:
            os.chdir(before)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _described(checks: list[Check]) -> list[dict[str, Any]]:
    return [{key: value for key, value in vars(check).items() if key != "function"} for check in checks]


def _serve(project: Path, channel: socket.socket) -> None:
    order = receive_frame(channel, max_header=MAX_JUDGE_HEADER).header
    transport = HostTransport(channel, str(order.get("main", "")))
    try:
        files: dict[str, bytes] = {}
        if order["mode"] != "describe":
            files = _public_files(project, int(order["public_seed"]), str(order["scale"]))
        judge = None
        if order["mode"] != "public":
            _load_checks(project)
            court.tensors = _speaks_torch(project)
            judge = Judge(project, transport, order)
        header = {
            "op": "ready",
            "checks": _described(judge.checks) if judge else [],
            "files": [[name, len(content)] for name, content in files.items()],
        }
        transport.tell(header, b"".join(files.values()))
        if judge and order["mode"] == "grade":
            judge.run()
    except BrokenProject as error:
        transport.tell({"op": "broken", "message": str(error)})
    except (ConnectionError, TimeoutError):
        raise
    except (Exception, SystemExit) as error:
        transport.tell({"op": "broken", "message": authors_fault(error)})


def _restrict() -> None:
    """Where no namespace is around it, the judge gives up what it does not need."""
    told = os.environ.pop("MLTUTOR_LANDLOCK", None)
    if told is not None:
        paths = json.loads(told)
        mltutor_namespaces.drop_capabilities()
        mltutor_landlock.restrict(paths["readable"], paths["writable"])
        mltutor_seccomp.install(network=False)


def main() -> None:
    _restrict()
    project = Path(sys.argv[1]).resolve()
    limits = json.loads(os.environ["MLTUTOR_JUDGE_LIMITS"])
    resource.setrlimit(resource.RLIMIT_DATA, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    channel = socket.socket(fileno=int(os.environ.pop("MLTUTOR_CHANNEL")))
    channel.set_inheritable(False)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # what checks print belongs to nobody
    court.project = project
    sys.path.insert(0, str(project))
    _serve(project, channel)


if __name__ == "__main__":
    main()
