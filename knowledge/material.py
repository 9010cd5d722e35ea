"""The learner's own material: folders of Markdown, notebooks, text and PDF, searched beside the units.

It owns one rule: material is text that its owner brought. It is copied once, never run, and changes
nothing of the curriculum; a passage of it says so by its unit, `own/<name>/<document>`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from knowledge.page import read_page, slugify
from knowledge.passage import Passage, split_unit
from tutor_error import TutorError

PREFIX = "own/"
SUFFIXES = (".md", ".markdown", ".txt", ".rst", ".ipynb", ".pdf")
MAX_FILES, MAX_FILE_BYTES, MAX_TEXT = 2_000, 30_000_000, 30_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})

PdfPages = Callable[[bytes], list[str]]
"""The text of each page of a PDF, read where a hostile one can do no harm."""


@dataclass(frozen=True)
class Document:
    """One file's text as Markdown. name: its path in the folder, without its suffix."""

    name: str
    title: str
    markdown: str


@dataclass(frozen=True)
class Material:
    """What was added under one name. skipped: files that could not be read, with the reason."""

    name: str
    source: str
    added: str
    documents: tuple[Document, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a passage of a document has in the place of a unit."""

    id: str
    title: str
    kind: Literal["material"] = "material"
    track: str = "own"
    level: int = 0


def add_material(home: Path, folder: Path, name: str | None, pdf_pages: PdfPages) -> Material:
    """Read a folder or file into `home`; one of the same name is replaced.

    Raises TutorError `missing-folder`, `bad-name`, `huge-material`, `empty-material`.
    """
    if not folder.exists():
        raise TutorError("missing-folder", f"There is no {folder}.", "Name a folder, or a file, of yours.")
    chosen = name or default_name(folder)
    if not _NAME.fullmatch(chosen):
        raise TutorError("bad-name", f"`{chosen}` is no name for material.", "Use --name my-notes.")
    documents, skipped = _read_all(folder, pdf_pages)
    if not documents:
        told = f" Left out: {'; '.join(skipped[:3])}." if skipped else ""
        kinds = ", ".join(SUFFIXES)
        raise TutorError("empty-material", f"There is no text in {folder}.{told}", f"It reads {kinds}.")
    return _store(home, chosen, str(folder.resolve()), documents, skipped)


def store_documents(home: Path, name: str, source: str, documents: list[Document]) -> Material:
    """Keep documents that another part of the tutor made; those of the same source are replaced.

    source: where they come from. Raises TutorError `bad-name`, and `name-taken` when material of
    another source has the name.
    """
    if not _NAME.fullmatch(name):
        raise TutorError("bad-name", f"`{name}` is no name for material.", "Rename the folder: my-case.")
    there = next((found for found in materials(home) if found.name == name), None)
    if there is not None and there.source != source:
        raise TutorError(
            "name-taken",
            f"Material `{name}` is there already, from {there.source}.",
            f"Rename the folder, or take the other out: mltutor content remove {name}",
        )
    return _store(home, name, source, documents, [])


def _store(home: Path, name: str, source: str, documents: list[Document], skipped: list[str]) -> Material:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    material = Material(name, source, now, tuple(documents), tuple(skipped))
    _write(_folder(home) / f"{name}.json", asdict(material))
    return material


def default_name(folder: Path) -> str:
    """What material is called after its folder."""
    return slugify(folder.resolve().stem)[:40].strip("-")


def materials(home: Path) -> list[Material]:
    """All that was added, by name. A file of ours that is broken raises `broken-material`."""
    return [_read(path) for path in _files(home)]


def remove_material(home: Path, name: str) -> None:
    """Forget it; the folder that it came from stays. TutorError `unknown-material`."""
    path = _folder(home) / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(found.stem for found in _files(home)) or "nothing yet"
        raise TutorError("unknown-material", f"There is no material `{name}`.", f"There is: {known}.")
    path.unlink()


def material_passages(home: Path) -> list[Passage]:
    """The passages of all material, split by the rules of the curriculum's own."""
    return [
        passage
        for material in materials(home)
        for document in material.documents
        for passage in split_unit(_source(material, document), read_page(document.markdown))
    ]


def material_hash(home: Path) -> str:
    """Of all that passages of material are made of; empty without any."""
    digest = hashlib.sha256()
    paths = _files(home)
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.stem}:{len(content)}:".encode() + content)
    return digest.hexdigest()[:16] if paths else ""


def _source(material: Material, document: Document) -> Source:
    return Source(f"{PREFIX}{material.name}/{document.name}", document.title)


def _read_all(folder: Path, pdf_pages: PdfPages) -> tuple[list[Document], list[str]]:
    documents: list[Document] = []
    skipped: list[str] = []
    size = 0
    for path in _text_files(folder):
        name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
        try:
            markdown = _as_markdown(path, pdf_pages)
        except (TutorError, OSError, UnicodeDecodeError, ValueError) as error:
            skipped.append(f"{name}: {error}".splitlines()[0][:200])
            continue
        size += len(markdown)
        if size > MAX_TEXT or len(documents) == MAX_FILES:
            bound = f"{MAX_FILES} files or {MAX_TEXT // 1_000_000} MB of text"
            raise TutorError("huge-material", f"{folder} holds more than {bound}.", "Add it in parts.")
        if markdown.strip():
            documents.append(Document(_bare(name), _title_of(markdown, path), markdown))
    return _with_names_of_their_own(documents), skipped


def _with_names_of_their_own(documents: list[Document]) -> list[Document]:
    seen: dict[str, int] = {}
    found: list[Document] = []
    for document in documents:
        seen[document.name] = seen.get(document.name, 0) + 1
        number = seen[document.name]
        name = document.name if number == 1 else f"{document.name}-{number}"
        found.append(Document(name, document.title, document.markdown))
    return found


def _text_files(folder: Path) -> Iterator[Path]:
    """Regular files below a folder, in order; no link is followed, hidden ones are left out."""
    if folder.is_file():
        yield folder
        return
    for root, names, files in os.walk(folder, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            path = Path(root, name)
            is_text = path.suffix.lower() in SUFFIXES and not name.startswith(".")
            if is_text and not path.is_symlink() and path.is_file():
                yield path


def _as_markdown(path: Path, pdf_pages: PdfPages) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"larger than {MAX_FILE_BYTES // 1_000_000} MB")
    if path.suffix.lower() == ".pdf":
        pages = enumerate(pdf_pages(path.read_bytes()), 1)
        return "\n\n".join(f"## Page {number}\n\n{text}" for number, text in pages if text.strip())
    text = path.read_bytes().decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("not text")
    return _notebook_text(text) if path.suffix.lower() == ".ipynb" else text


def _notebook_text(text: str) -> str:
    """Its prose and its code, cell by cell; outputs are left out."""
    try:
        cells = json.loads(text)["cells"]
        sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError("no valid notebook") from error
    parts = [f"```python\n{source}\n```" if kind == "code" else source for kind, source in sources]
    return "\n\n".join(part for part in parts if part.strip())


def _title_of(markdown: str, path: Path) -> str:
    first = next((line for line in markdown.splitlines() if line.startswith("# ")), "")
    return first.removeprefix("# ").strip()[:200] or path.stem.replace("_", " ").replace("-", " ")


def _bare(name: str) -> str:
    """A path as the last part of a unit's id: no suffix, no space."""
    return "/".join(slugify(part) or "text" for part in Path(name).with_suffix("").parts)


def _folder(home: Path) -> Path:
    return home / "material"


def _files(home: Path) -> list[Path]:
    return sorted(_folder(home).glob("*.json"))


def _read(path: Path) -> Material:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        documents = tuple(Document(**entry) for entry in found["documents"])
        return Material(path.stem, found["source"], found["added"], documents, tuple(found["skipped"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TutorError(
            "broken-material", f"{path} cannot be read ({error}).", f"Remove it, and add {path.stem} again."
        ) from None


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        shutil.move(draft, path)
    finally:
        draft.unlink(missing_ok=True)
