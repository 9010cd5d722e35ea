"""Grading beside nbgrader and otter-grader, each in an environment of its own and by its own command."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.record import ROOT, Row, compare

REQUIREMENTS = Path(__file__).with_name("peers.txt")
COMMAND = "python -m benchmarks"
MANY_OURS, MANY_ALONE, MANY_THEIRS = 100, 20, 10
SCORES = (
    "select student.id, sum(g.auto_score) from grade g join submitted_notebook n on g.notebook_id = n.id "
    "join submitted_assignment a on n.assignment_id = a.id join student on a.student_id = student.id "
    "group by student.id"
)


class PeerMissing(Exception):
    """A peer could not be installed; nothing is reported of it."""


def rows(one_rounds: int, many_rounds: int) -> list[Row]:
    bin_folder = peer_environment()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), bin_folder)
        bench.prepare()
        kinds = list(peers.KINDS)
        one = [bench.one(kinds[number % len(kinds)]) for number in range(one_rounds)]
        many = [
            (
                bench.ours(MANY_OURS) / MANY_OURS,
                bench.ours(MANY_ALONE, jobs=1) / MANY_ALONE,
                bench.nbgrader(MANY_THEIRS) / MANY_THEIRS,
                bench.otter(MANY_THEIRS) / MANY_THEIRS,
            )
            for _ in range(many_rounds)
        ]
    cold = [list(column) for column in zip(*one, strict=True)]
    every, alone, *both = (list(column) for column in zip(*many, strict=True))
    measured = {
        "grade a submission": (every, *both),
        "grade a submission on one core": (alone, *both),
        "grade one submission from a cold start": cold,
    }
    found: list[Row] = []
    for name, (ours, nbgrader, otter) in measured.items():
        found.append(compare(name, "s", ours, "nbgrader", nbgrader, COMMAND))
        found.append(compare(name, "s", ours, "otter-grader", otter, COMMAND))
    return found


def peer_environment() -> Path:
    """The bin folder of the peers' environment, built once from `peers.txt`."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    digest = hashlib.sha256(f"{sys.version}{text}".encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("MLTUTOR_BENCH_ENV") or cache / "mltutor-bench" / digest)
    if not (folder / "bin" / "otter").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "-r", str(REQUIREMENTS)]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise PeerMissing(done.stderr.strip().splitlines()[-1])
    return folder / "bin"


@dataclass(frozen=True)
class Bench:
    """One folder with the assignment in three forms."""

    folder: Path
    bin_folder: Path

    def one(self, kind: str) -> tuple[float, float, float]:
        """Seconds of ours, nbgrader and otter for one notebook.

        All three must give the same points, or they do not do the same work.
        """
        seconds = (self.ours(1, kind), self.nbgrader(1, kind), self.otter(1, kind))
        given = [self._our_score(), self._nbgrader_score(), self._otter_score()]
        due = peers.KINDS[kind]
        if given != [due] * 3:
            raise AssertionError(f"a {kind} notebook should have {due} points of each grader, not {given}")
        return seconds

    def ours(self, count: int, kind: str = "right", jobs: int | None = None) -> float:
        entries = self._fresh("class")
        for number in range(count):
            (entries / f"s{number}.ipynb").write_text(
                peers.plain_notebook(kind, f"submission {number}"), encoding="utf-8"
            )
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "benchmarks.ours",
            str(self.folder / "project"),
            str(entries),
            str(out),
            str(jobs or os.cpu_count() or 1),
        ]
        return self._timed([command], ROOT)

    def nbgrader(self, count: int, kind: str = "right") -> float:
        course = self.folder / "course"
        for part in ("submitted", "autograded", "feedback"):
            shutil.rmtree(course / part, ignore_errors=True)
        release = json.loads((course / "release" / "a1" / "a1.ipynb").read_text(encoding="utf-8"))
        answers = peers.functions(kind)
        for cell in release["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in answers:
                cell["source"] = answers[name]
        for number in range(count):
            place = course / "submitted" / f"s{number}" / "a1"
            place.mkdir(parents=True)
            (place / "a1.ipynb").write_text(json.dumps(release), encoding="utf-8")
        program = str(self.bin_folder / "nbgrader")
        commands = [
            [program, "autograde", "a1", "--create", "--force"],
            [program, "generate_feedback", "a1", "--force"],
        ]
        return self._timed(commands, course)

    def otter(self, count: int, kind: str = "right") -> float:
        place = self.folder / "otter"
        out = self._fresh("otter-out")
        commands: list[list[str]] = []
        for number in range(count):
            name = f"s{number}.ipynb"
            (place / name).write_text(peers.plain_notebook(kind, f"submission {number}"), encoding="utf-8")
            target = out / f"s{number}"
            target.mkdir()
            commands.append(
                [
                    str(self.bin_folder / "otter"),
                    "run",
                    "-a",
                    "autograder.zip",
                    "-o",
                    str(target),
                    "--no-logo",
                    name,
                ]
            )
        return self._timed(commands, place)

    def prepare(self) -> None:
        peers.write_our_project(self.folder / "project")
        course = self.folder / "course"
        source = course / "source" / "a1"
        source.mkdir(parents=True)
        (source / "a1.ipynb").write_text(peers.nbgrader_notebook("right"), encoding="utf-8")
        config = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
        (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
        self._timed([[str(self.bin_folder / "nbgrader"), "generate_assignment", "a1"]], course)
        peers.write_otter_tests(self.folder / "otter" / "tests")
        make = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
        self._timed([[str(self.bin_folder / "otter"), *make]], self.folder / "otter")

    def _our_score(self) -> float:
        with sqlite3.connect(self.folder / "out" / "records.db") as database:
            (payload,) = database.execute("select payload from events").fetchone()
        return float(json.loads(payload)["grade"]["score"])

    def _nbgrader_score(self) -> float:
        with sqlite3.connect(self.folder / "course" / "gradebook.db") as database:
            return float(dict(database.execute(SCORES).fetchall())["s0"])

    def _otter_score(self) -> float:
        results = json.loads((self.folder / "otter-out" / "s0" / "results.json").read_text(encoding="utf-8"))
        return float(sum(test.get("score") or 0.0 for test in results["tests"]))

    def _fresh(self, name: str) -> Path:
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return place

    def _timed(self, commands: list[list[str]], folder: Path) -> float:
        variables = {
            **os.environ,
            "PATH": f"{self.bin_folder}:{os.environ['PATH']}",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        began = time.perf_counter()
        for command in commands:
            done = subprocess.run(
                command, cwd=folder, env=variables, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(f"{command[:3]} ended with {done.returncode}: {done.stderr[-1500:]}")
        return time.perf_counter() - began
