"""The catalogue that a learner has: the curriculum, the packs that were added, those in development.

The rule owned here: everybody who serves a learner opens the catalogue here. A pack that was added is
a copy below the home folder; one in development is read where it lies. Neither is ever run here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from knowledge.catalog import PACKAGED, Catalog, load_catalog
from knowledge.content_file import broken
from knowledge.material import materials
from knowledge.pack import Pack, check_place, read_pack
from knowledge.pack_files import PACK, check_texts, copy_files, list_files
from knowledge.pack_proof import PACKS, proofs_folder, read_pack_proofs
from tutor_error import TutorError

_CONTENT, _ADDED = "content", "added.json"


@dataclass(frozen=True)
class AddedPack:
    """Where a pack lies. source, added: of a copy; an empty `added` for one that is read in place."""

    root: Path
    source: str
    added: str


def open_catalog(home: Path, content_paths: Sequence[str] = (), content: Path | None = None) -> Catalog:
    """The curriculum and the learner's packs, as they are now; read again only when a file changed.

    content_paths: folders of packs in development. content: another curriculum than the packaged one.
    """
    places = pack_places(home, content_paths)
    if not places:
        return load_catalog(content)
    stamps = tuple((str(place.root), _stamp(place.root, home)) for place in places)
    return _open((content or PACKAGED).resolve(), home, stamps)


def proving_catalog(root: Path, content: Path | None = None) -> Catalog:
    """The curriculum and one pack, proved or not: what a proof of the pack is made against.

    Raises TutorError `broken-content` when the pack is.
    """
    catalog = Catalog((content or PACKAGED).resolve(), [(root, None)])
    for error in catalog.broken_packs.values():
        raise error
    return catalog


def pack_places(home: Path, content_paths: Sequence[str] = ()) -> list[AddedPack]:
    """Every pack that the learner has, those that were added first."""
    copies = sorted((home / PACKS).glob(f"*/{_CONTENT}"))
    found = [_read_added(path) for path in copies if not path.parent.name.startswith(".")]
    return found + [AddedPack(Path(path), path, "") for path in content_paths]


def add_pack(home: Path, folder: Path, content_paths: Sequence[str] = ()) -> Pack:
    """Copy a pack into `home`, checked and not proved yet.

    Raises TutorError `broken-content` for a pack that is none or claims a name that is taken,
    `known-pack` for one that is there. Nothing is left behind then.
    """
    source = folder.resolve()
    catalog = open_catalog(home, content_paths)
    names = list_files(source)
    pack = read_pack(source)
    if pack.name in catalog.packs or (proofs_folder(home, pack.name) / _CONTENT).exists():
        remedy = f"To replace it: mltutor content remove {pack.name}. Your records stay."
        raise TutorError("known-pack", f"There is a pack `{pack.name}` already.", remedy)
    if pack.name in {material.name for material in materials(home)}:
        raise broken(source / PACK, f"`{pack.name}` is material of yours", "Remove that, or rename it.")
    own = {name: unit for name, unit in catalog.units.items() if not unit.namespace}
    check_place(pack, own, catalog.programme_ids)
    draft = home / PACKS / f".{uuid.uuid4().hex[:12]}"
    try:
        copy_files(source, names, draft / _CONTENT)
        check_texts(draft / _CONTENT)
        copied = read_pack(draft / _CONTENT)
        if copied.name != pack.name:
            raise broken(source, "changed while it was read", "Add it again.")
        check_place(copied, own, catalog.programme_ids)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"source": str(source), "added": now}
        (draft / _ADDED).write_text(json.dumps(told), encoding="utf-8")
        shutil.rmtree(proofs_folder(home, pack.name), ignore_errors=True)  # of one in development
        draft.rename(proofs_folder(home, pack.name))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return read_pack(proofs_folder(home, pack.name) / _CONTENT)


def remove_pack(home: Path, namespace: str) -> bool:
    """Forget a pack that was added, and its proofs; False when there is none. Records are not touched."""
    folder = proofs_folder(home, namespace)
    if "/" in namespace or not (folder / _CONTENT).is_dir():
        return False
    gone = folder.with_name(f".{uuid.uuid4().hex[:12]}")
    folder.rename(gone)
    shutil.rmtree(gone)
    return True


@lru_cache(maxsize=4)
def _open(content: Path, home: Path, stamps: tuple[tuple[str, str], ...]) -> Catalog:
    return Catalog(content, [(Path(root), partial(read_pack_proofs, home)) for root, _ in stamps])


def _stamp(root: Path, home: Path) -> str:
    """Changes when a file of the pack, or the proofs of any pack, do."""
    digest = hashlib.sha256()
    try:
        paths = [root / name for name in list_files(root)]
    except TutorError as error:
        return error.message
    for path in [*paths, *sorted((home / PACKS).glob("*/proofs.json"))]:
        try:
            state = path.stat()
        except FileNotFoundError:  # replaced at this very moment: the next look sees the new one
            continue
        digest.update(f"{path}:{state.st_size}:{state.st_mtime_ns}:{state.st_ino}\n".encode())
    return digest.hexdigest()


def _read_added(content: Path) -> AddedPack:
    try:
        told: dict[str, Any] = json.loads((content.parent / _ADDED).read_text(encoding="utf-8"))
        return AddedPack(content, str(told["source"]), str(told["added"]))
    except (OSError, ValueError, KeyError, TypeError):
        return AddedPack(content, str(content), "unknown")
