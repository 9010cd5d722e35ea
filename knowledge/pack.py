"""A pack: units that somebody else wrote, in a folder with a `pack.yaml`.

The rule owned here: a pack is read whole or refused. Its units stand in its namespace,
`acme:unit`; nothing of it is run here, and no name of it stands for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from knowledge.content_file import broken, parse, read_front_matter, read_yaml
from knowledge.inventory import InventoryRow, find_cycle
from knowledge.pack_files import MISCONCEPTIONS, PACK, list_files, refuse_controls
from knowledge.proof import content_hash, unit_files
from knowledge.unit import (
    TRACKS,
    CaseFrontMatter,
    Kind,
    LessonFrontMatter,
    Misconception,
    ProjectFile,
    Record,
    Slug,
    Text,
    Unit,
)
from tutor_error import did_you_mean

RESERVED = frozenset({
    "own", "mltutor", "curriculum", "material", "content", "unit", "pack", "lesson", "lessons", "project",
    "projects", "case", "cases", "case-study", "programme", "programmes",
})  # fmt: skip
"""Namespaces that mean something else already."""

Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", min_length=2, max_length=30)]


class PackRow(Record):
    """A line of the pack's own list of what it teaches, which `covers` of its units may name."""

    kind: Literal["topic", "objective", "project", "task", "deliverable", "exercise", "metric", "case_study"]
    title: Text


class PackFile(Record):
    """`pack.yaml`. name: the namespace of its units. license: an SPDX expression, such as `CC-BY-4.0`."""

    format: Literal[1]
    name: Namespace
    title: Text
    authors: Annotated[list[Text], Field(min_length=1)]
    license: Text
    homepage: str | None = Field(default=None, pattern=r"^https://\S+$")
    rows: dict[Slug, PackRow] = Field(default_factory=dict[Slug, PackRow])


@dataclass(frozen=True)
class Pack:
    """A pack as it was read. units: by full id, in the order of their files; all have status `authored`."""

    root: Path
    file: PackFile
    units: dict[str, Unit]

    @property
    def name(self) -> str:
        return self.file.name

    @cached_property
    def inventory(self) -> dict[str, InventoryRow]:
        """Its own rows, by the ids that `covers` of its units names."""
        return {
            row: InventoryRow(row, self.name, "", told.kind, self.file.title, told.title, "")
            for row, told in self.file.rows.items()
        }

    @cached_property
    def misconceptions(self) -> dict[str, Misconception]:
        return read_misconceptions(self.root)

    def content_hash(self, unit_id: str) -> str:
        """Of all that a proof of the unit rests on: its files, and what the pack's units share."""
        shared = [str(path) for name in (PACK, MISCONCEPTIONS) if (path := self.root / name).is_file()]
        return content_hash([*unit_files(self.root, self.units[unit_id]), *shared], self.root)


def is_pack(folder: Path) -> bool:
    path = folder / PACK
    return folder.is_dir() and (path.is_file() or path.is_symlink())


def read_pack(root: Path) -> Pack:
    """A pack's folder. TutorError `broken-content` names the first file that is wrong, and the key."""
    files = list_files(root)
    path = root / PACK
    head = read_yaml(path)
    refuse_controls(head, path)
    file = parse(PackFile, head, path)
    if file.name in RESERVED:
        raise broken(path, f"`name: {file.name}` means something else here", "Choose a name of your own.")
    units = {unit.id: unit for unit in _units(root, files, file)}
    if not units:
        raise broken(root, "holds no unit", "Write lessons/<track>/<id>.md, projects/<id>/ or cases/<id>.md.")
    pack = Pack(root, file, units)
    _ = pack.misconceptions
    return pack


def check_place(pack: Pack, known: Mapping[str, Unit], taken: Collection[str]) -> None:
    """That a pack fits beside what is there. TutorError `broken-content` otherwise.

    known: the units of the curriculum. taken: further names that no namespace may have.
    """
    path = pack.root / PACK
    if pack.name in known or pack.name in taken:
        raise broken(path, f"`name: {pack.name}` is taken", "Choose another name.")
    for unit in pack.units.values():
        if unit.name in known:
            raise broken(
                pack.root, f"`{unit.name}` is a unit of the curriculum", f"Call `{unit.id}` something else."
            )
        for needed in unit.prerequisites:
            if needed not in known and needed not in pack.units:
                offer = did_you_mean(needed, [*pack.units, *known])
                raise broken(
                    pack.root,
                    f"`{unit.id}` builds on `{needed}`, which is no unit",
                    offer or f"A unit of the pack is named in full: `{pack.name}:{needed}`.",
                )
    own = {name: tuple(set(unit.prerequisites) & set(pack.units)) for name, unit in pack.units.items()}
    if cycle := find_cycle(own):
        raise broken(pack.root, f"the prerequisites run in a circle: {' -> '.join(cycle)}", "Break it.")


def read_misconceptions(root: Path) -> dict[str, Misconception]:
    """The misconceptions of a content folder by id; empty where it has none."""
    path = root / MISCONCEPTIONS
    if not path.exists():
        return {}
    listed = read_yaml(path)
    if not isinstance(listed, list):
        raise broken(path, "is no list", "Write `- id: ...` for each misconception.")
    refuse_controls(listed, path)
    found: dict[str, Misconception] = {}
    for entry in listed:  # pyright: ignore[reportUnknownVariableType]
        misconception = parse(Misconception, entry, path)
        if misconception.id in found:
            raise broken(path, f"`{misconception.id}` is given twice", "Merge the two.")
        found[misconception.id] = misconception
    return found


def _units(root: Path, files: list[str], pack: PackFile) -> Iterator[Unit]:
    heads: dict[str, tuple[Kind, Path, Any]] = {}
    for name in files:
        match name.split("/"):
            case ["lessons", _, page] if page.endswith(".md"):
                head: tuple[Kind, Path, Any] = ("lesson", root / name, LessonFrontMatter)
            case ["cases", page] if page.endswith(".md"):
                head = ("case_study", root / name, CaseFrontMatter)
            case ["projects", project, "project.yaml"]:
                head = ("project", root / "projects" / project, ProjectFile)
            case _:
                continue
        stem = head[1].stem if head[0] != "project" else head[1].name
        if stem in heads:
            raise broken(root / name, f"`{stem}` is the id of {heads[stem][1].relative_to(root)} too")
        heads[stem] = head
    _refuse_strays(root, files, heads)
    for stem, (kind, path, record) in heads.items():
        yield _unit(pack, stem, kind, path, record)


def _refuse_strays(root: Path, files: list[str], heads: Mapping[str, tuple[Kind, Path, Any]]) -> None:
    """Every file below the three folders is a part of some unit."""
    homes = {
        (path if kind == "project" else path.with_suffix("")).relative_to(root).as_posix()
        for kind, path, _ in heads.values()
    }
    for name in files:
        parts = name.removesuffix(".md").split("/")
        above = {"/".join(parts[: end + 1]) for end in range(len(parts))}
        if len(parts) > 1 and not above & homes:
            raise broken(root / name, "belongs to no unit", "docs/formats.md tells where each file lies.")


def _unit(pack: PackFile, name: str, kind: Kind, path: Path, record: Any) -> Unit:
    """What `units.csv` says of a curriculum unit, from the head of the unit's own file."""
    file = path / "project.yaml" if kind == "project" else path
    head = read_yaml(file) if kind == "project" else read_front_matter(file)[0]
    refuse_controls(head, file)
    front = parse(record, head, file)
    if front.id != name:
        raise broken(file, f"`id` is `{front.id}`", f"It must be `{name}`, as the file is named.")
    if front.track not in TRACKS:
        offer = f"{did_you_mean(front.track, TRACKS)} Tracks: {', '.join(TRACKS)}.".strip()
        raise broken(file, f"`track: {front.track}` is no track", offer)
    if kind == "lesson" and front.track != path.parent.name:
        raise broken(file, f"`track` is `{front.track}`", f"The folder says `{path.parent.name}`.")
    for row in front.covers:
        if row not in pack.rows:
            offer = did_you_mean(row, pack.rows) or "Leave `covers` out, or list the row under `rows`."
            raise broken(file, f"`covers` names `{row}`, which is no row of {PACK}", offer)
    return Unit(
        id=f"{pack.name}:{name}",
        kind=kind,
        title=front.title,
        track=front.track,
        level=front.level,
        prerequisites=tuple(front.prerequisites),
        covers=tuple(front.covers),
        status="authored",
    )
