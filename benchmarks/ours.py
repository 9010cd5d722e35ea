"""Grades a folder of notebooks as `grade-all` does, with a record and a page each.

    python -m benchmarks.ours PROJECT CLASS OUT JOBS

The project is the benchmark's own, which the catalogue does not hold.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sandbox.environment import content_hash
from teaching.batch import Batch
from teaching.records import open_records
from teaching.report_page import write_pages


def stand_in(folder: Path) -> Any:
    """A catalogue of one project."""
    budget = SimpleNamespace(seconds=10.0, memory_mb=1024, gpu="none")
    project = SimpleNamespace(
        unit=SimpleNamespace(id="benchmark", title="Benchmark"),
        file=SimpleNamespace(budget=budget, lab="base"),
        folder=folder,
        main="solution.ipynb",
        hints={},
        starter=folder / "reference.py",
    )
    return SimpleNamespace(project=lambda _: project, content_hash=lambda _: content_hash(folder))


def main() -> None:
    project, entries, out = (Path(argument) for argument in sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    with open_records(out) as records:
        batch = Batch(cast(Any, stand_in(project)), records, out, jobs=int(sys.argv[4]))
        graded = batch.run("benchmark", entries)
    write_pages(graded, "Benchmark", out / "class.html", {})
    print(json.dumps({row.name: row.grade["score"] if row.grade else row.message for row in graded.rows}))


if __name__ == "__main__":
    main()
