"""From a cold start: a process to its first answer, and an index from nothing and after a change.

Every figure is of a fresh process of the command line, as a learner meets it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, Row, alone
from knowledge.catalog import load_catalog

COMMAND = "python -m benchmarks"
QUESTION = "what is gradient descent?"
LEXICAL = "cold start to the first answer, search by words"
FUSED = "cold start to the first answer, search by words and meaning"
ASK = "cold start to the first answer, ask"
START_GOALS = {LEXICAL: 0.6, FUSED: 1.5, ASK: 3.0}
"""Seconds."""
_BUILD = (
    "import sys; from pathlib import Path; from knowledge.catalog import Catalog; "
    "from knowledge.index import open_lexical, open_vectors, resolve_embedder; "
    "from knowledge.quick_embed import quick_embedder; "
    "home, catalog = Path(sys.argv[1]), Catalog(Path(sys.argv[2])); "
    "embedder = quick_embedder(home, resolve_embedder(None)); open_lexical(home, catalog).close(); "
    "vectors, embedded = open_vectors(home, catalog, embedder); vectors.close(); print(embedded)"
)


def start_rows(home: Path, rounds: int) -> list[Row]:
    """The three in turn, round by round, in a home whose index is built and was read when it was."""
    prepared = {"MLTUTOR_HOME": str(home)}
    _mltutor(["index", "build"], prepared)
    ways = {
        LEXICAL: (["search", QUESTION, "--json"], prepared | {"MLTUTOR_EMBEDDER": "none"}),
        FUSED: (["search", QUESTION, "--json"], prepared),
        ASK: (["ask", QUESTION, "--json"], prepared),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (arguments, environment) in ways.items():
            seconds, told = _mltutor(arguments, environment)
            _check(name, told)
            found[name].append(seconds)
    return [alone(name, "s", values, COMMAND) for name, values in found.items()]


def build_rows(home: Path, rounds: int) -> list[Row]:
    """An index from nothing with the packaged vectors, and again after one lesson has changed."""
    content = home / "content"
    shutil.copytree(load_catalog().root, content)
    lesson = next(iter(sorted((content / "lessons").rglob("*.md"))))
    text = lesson.read_text(encoding="utf-8")
    fresh: list[float] = []
    changed: list[float] = []
    for number in range(rounds):
        folder = home / f"build-{number}"
        folder.mkdir()
        shutil.copytree(home / "models", folder / "models")
        lesson.write_text(text, encoding="utf-8")
        seconds, embedded = _timed_build(folder, content)
        assert embedded == 0, f"{embedded} windows are not among the packaged vectors"
        fresh.append(seconds)
        lesson.write_text(text.replace("\n## ", f"\nA sentence that is new, number {number}.\n\n## ", 1))
        seconds, embedded = _timed_build(folder, content)
        assert embedded > 0
        changed.append(seconds)
    return [
        alone("index from nothing, packaged vectors", "s", fresh, COMMAND),
        alone("index after one changed lesson", "s", changed, COMMAND),
    ]


def _timed_build(home: Path, content: Path) -> tuple[float, int]:
    seconds, told = _timed([sys.executable, "-c", _BUILD, str(home), str(content)], {})
    return seconds, int(told)


def _mltutor(arguments: list[str], environment: Mapping[str, str]) -> tuple[float, str]:
    return _timed([sys.executable, "-m", "mltutor", *arguments], environment)


def _timed(command: list[str], environment: Mapping[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    return seconds, done.stdout


def _check(name: str, told: str) -> None:
    """What is timed is an answer, of the kind that the row names."""
    answer: Any = json.loads(told)
    if name == ASK:
        assert answer["scope"] == "covered" and answer["citations"], answer
    else:
        assert answer and answer[0]["ranking"] == ("lexical" if name == LEXICAL else "fused"), answer
