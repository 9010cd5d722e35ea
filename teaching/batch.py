"""A class graded in one go: every entry of a folder, on all cores, each for itself.

The rule owned here: whatever one entry does, the others are graded. An entry is graded once under
an attempt id made of its content, the project's and the grader's, so a run that was killed goes on
where it was and grades nothing twice.
"""

from __future__ import annotations

import hashlib
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sandbox.environment import engine_hash
from sandbox.submission import Submission, code_cells, read_submission
from teaching.database import MAX_NAME
from teaching.fingerprint import Likeness, find_similar
from teaching.grade import grade_project
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.page import Project
    from teaching.records import Records

_SUFFIXES = (".py", ".ipynb")
_SKIPPED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Entry:
    """One learner's work: a file or a folder, named after them."""

    name: str
    path: Path


@dataclass(frozen=True)
class Row:
    """What became of an entry. grade: the document of `grade`; message: why there is none."""

    name: str
    status: Literal["passed", "failed", "error"]
    grade: dict[str, Any] | None = None
    message: str = ""
    is_new: bool = False


@dataclass(frozen=True)
class Class:
    """All rows in the order of their names, and the pairs that are alike."""

    project: str
    rows: tuple[Row, ...]
    similar: tuple[Likeness, ...] = ()


@dataclass
class Batch:
    """How a class is graded. learners are kept apart from the user's own (`learner_of`).

    again: grade anew what has been graded. log: told of each error that is our own, with its traceback.
    """

    catalog: Catalog
    records: Records
    home: Path
    jobs: int = 1
    again: bool = False
    allow_unisolated: bool = False
    log: Callable[[str, str], object] = field(default=lambda name, trace: None)

    def run(
        self,
        project_id: str,
        folder: Path,
        on_row: Callable[[Row, int, int], object] = lambda row, done, total: None,
        cancel: threading.Event | None = None,
    ) -> Class:
        """Grade every entry of `folder`. on_row hears of each as it is done, in one thread.

        Raises TutorError `missing-folder`, `empty-folder`, and those of the project itself.
        """
        project = self.catalog.project(project_id)
        entries = find_entries(folder)
        rows: dict[str, Row] = {}
        sources: dict[str, str] = {}
        stop = cancel or threading.Event()
        with ThreadPoolExecutor(max(1, self.jobs), thread_name_prefix="mltutor-batch") as workers:
            running = self._submit_all(workers, project, entries, sources, stop)
            try:
                for number, future in enumerate(as_completed(running), start=1):
                    row = future.result()
                    rows[row.name] = row
                    on_row(row, number, len(entries))
            except BaseException:
                stop.set()
                for future in running:
                    future.cancel()
                raise
        similar = find_similar(sources, [project.starter.read_text(encoding="utf-8")])
        return Class(project_id, tuple(rows[name] for name in sorted(rows)), tuple(similar))

    def _submit_all(
        self,
        workers: ThreadPoolExecutor,
        project: Project,
        entries: list[Entry],
        sources: dict[str, str],
        stop: threading.Event,
    ) -> list[Future[Row]]:
        content = f"{self.catalog.content_hash(project.unit.id)}:{engine_hash()}"
        names = [entry.name for entry in entries]
        doubled = {name for name in names if names.count(name) > 1}
        running: list[Future[Row]] = []
        for entry in entries:
            if entry.name in doubled:
                message = f"Two entries are called {entry.name}: keep one of them."
                running.append(
                    workers.submit(Row, f"{entry.name} ({entry.path.name})", "error", None, message)
                )
                continue
            running.append(workers.submit(self._grade, project, entry, content, sources, stop))
        return running

    def _grade(
        self, project: Project, entry: Entry, content: str, sources: dict[str, str], stop: threading.Event
    ) -> Row:
        try:
            submission = read_submission(entry.path, main=project.main)
            sources[entry.name] = source_of(submission)
            attempt = attempt_of(submission, content)
            if self.again:
                attempt += f"-{uuid.uuid4().hex[:6]}"
            graded = grade_project(
                self.catalog,
                self.records,
                learner_of(project.unit.id, entry.name),
                project.unit.id,
                submission,
                attempt,
                cancel=stop,
                figures_dir=self.home / "figures" / attempt,
                home=self.home,
                allow_unisolated=self.allow_unisolated,
            )
        except TutorError as error:
            return Row(entry.name, "error", message=f"{error.message} {error.remedy}".strip())
        except Exception as error:
            self.log(entry.name, traceback.format_exc())
            return Row(entry.name, "error", message=f"The grader failed: {type(error).__name__}: {error}")
        status: Literal["passed", "failed"] = "passed" if graded.document["passed"] else "failed"
        return Row(entry.name, status, graded.document, is_new=graded.is_new)


def find_entries(folder: Path) -> list[Entry]:
    """The entries of a folder by name; hidden files, caches and links are none."""
    if not folder.is_dir():
        raise TutorError("missing-folder", f"There is no folder {folder}.", "Name the folder of the class.")
    found = [Entry(path.stem if path.is_file() else path.name, path) for path in sorted(_work_in(folder))]
    if not found:
        remedy = "Each learner's work is a .py, an .ipynb or a folder in it, named after them."
        raise TutorError("empty-folder", f"There is no work in {folder}.", remedy)
    return found


def _work_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _SKIPPED or path.is_symlink():
            continue
        if path.is_dir() or path.suffix in _SUFFIXES:
            yield path


def learner_of(project_id: str, name: str) -> str:
    """Whose records an entry's are: nobody's who uses this machine, and no two entries' alike."""
    learner = f"class-{_short_hash(project_id)}-{name}"
    return learner if len(learner) <= MAX_NAME else f"{learner[: MAX_NAME - 9]}-{_short_hash(name)}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()[:8]


def attempt_of(submission: Submission, content: str) -> str:
    """The id of a grading: the same work, judged by the same checks, has the same."""
    digest = hashlib.sha256(f"{content}\0{submission.main}\0".encode())
    for name in sorted(submission.files):
        digest.update(f"{name}\0{len(submission.files[name])}\0".encode() + submission.files[name])
    return f"batch-{digest.hexdigest()[:16]}"


def source_of(submission: Submission) -> str:
    """All of a submission's code as one text, a notebook's cells in order."""
    parts: list[str] = []
    for name in sorted(submission.files):
        text = submission.files[name].decode("utf-8-sig")
        parts += code_cells(name, text) if name.endswith(".ipynb") else [text]
    return "\n".join(parts)
