"""What a learner hands in: text files by name, and which of them is asked.

One rule: only text is taken, within caps, and every refusal says which file and what to do.
Nothing here is executed; whether the code is valid Python the sandbox finds out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from tutor_error import TutorError

MAX_BYTES = 5_000_000
MAX_FILES = 200
_CODE = (".py", ".ipynb")
_SKIPPED = frozenset({"__pycache__", "node_modules", "venv", "site-packages"})


@dataclass(frozen=True)
class Submission:
    """files: content by path relative to the workspace; main: the one that is asked."""

    files: dict[str, bytes]
    main: str


def read_submission(path: Path, *, main: str) -> Submission:
    """A .py or .ipynb file, or a folder of modules whose main file is named `main`.

    Raises TutorError `unreadable-submission`, `empty-submission`, `huge-submission` or
    `binary-submission`.
    """
    if path.is_dir():
        return submission_from_files(dict(_read_folder(path)), main)
    if path.suffix not in _CODE and path.exists():
        raise _unreadable(f"{path} is neither a .py nor an .ipynb file.", "Name a .py or .ipynb file.")
    if path.exists() and not path.is_file():
        raise _unreadable(f"{path} is no regular file.", "Name a .py or .ipynb file, or a folder.")
    return submission_from_files({path.name: _read_bytes(path)}, path.name)


def submission_from_files(files: Mapping[str, str | bytes], main: str) -> Submission:
    """A submission from texts by name, as an editor sends them; errors as in `read_submission`."""
    _refuse_huge([len(content) for content in files.values()])
    contents = {name: _as_bytes(name, content) for name, content in files.items()}
    for name in contents:
        _refuse_outside(name)
    chosen = _choose_main(contents, main)
    _refuse_empty(chosen, contents[chosen].decode("utf-8-sig"))
    return Submission(contents, chosen)


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    sizes: list[int] = []
    for path in _code_files(folder):
        sizes.append(path.stat().st_size)
        _refuse_huge(sizes)
        yield path.relative_to(folder).as_posix(), _read_bytes(path)


def _code_files(folder: Path) -> Iterator[Path]:
    for root, names, files in os.walk(folder, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            path = Path(root) / name
            if path.suffix in _CODE and path.is_file() and not path.is_symlink():
                yield path


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise _unreadable(f"There is no {path}.", "Check the path.") from error
    except OSError as error:
        raise _unreadable(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    _refuse_huge([len(content)])
    return content


def _as_bytes(name: str, content: str | bytes) -> bytes:
    try:
        raw = content.encode("utf-8") if isinstance(content, str) else content
        text = raw.decode("utf-8")
    except UnicodeError as error:
        raise _binary(name) from error
    if "\0" in text:
        raise _binary(name)
    return raw


def _choose_main(files: Mapping[str, bytes], main: str) -> str:
    """`main`, or the same name with the other suffix, or the only file."""
    others = [
        name for name in files if PurePosixPath(name).with_suffix("") == PurePosixPath(main).with_suffix("")
    ]
    candidates = [main] if main in files else others or ([*files] if len(files) == 1 else [])
    if len(candidates) == 1:
        return candidates[0]
    if not files:
        raise TutorError("empty-submission", "There is no .py or .ipynb file in it.", f"Write {main} first.")
    there = ", ".join(sorted(files)[:5])
    raise _unreadable(f"There is no {main} in the submission (there is {there}).", f"Call the file {main}.")


def _refuse_empty(name: str, text: str) -> None:
    source = "\n".join(code_cells(name, text)) if name.endswith(".ipynb") else text
    if not source.strip():
        raise TutorError("empty-submission", f"{name} holds no code.", "Save your work in it first.")


def code_cells(name: str, text: str) -> list[str]:
    """The sources of a notebook's code cells, in order."""
    try:
        notebook: Any = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = [cast("str | list[str]", cell["source"]) for cell in cells]
        return [source if isinstance(source, str) else "".join(source) for source in sources]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable(
            f"{name} is no valid notebook.", "Save it again in Jupyter, or hand in a .py."
        ) from error


def _refuse_outside(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise _unreadable(f"{name!r} is no path inside a workspace.", "Name files relative to the workspace.")


def _refuse_huge(sizes: list[int]) -> None:
    if len(sizes) > MAX_FILES:
        raise TutorError(
            "huge-submission",
            f"The submission has more than {MAX_FILES} code files.",
            "Hand in one folder of work.",
        )
    if sum(sizes) > MAX_BYTES:
        raise TutorError(
            "huge-submission", f"The submission is over {MAX_BYTES // 1_000_000} MB of text.",
            "Clear a notebook's outputs, and keep data out of the code.",
        )  # fmt: skip


def _binary(name: str) -> TutorError:
    return TutorError(
        "binary-submission", f"{name} is not UTF-8 text.", "Hand in the source, saved as UTF-8."
    )


def _unreadable(message: str, remedy: str) -> TutorError:
    return TutorError("unreadable-submission", message, remedy)
