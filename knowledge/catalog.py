"""The catalogue: which units there are, how they depend on each other, and what is written.

It reads the two tables at once and a unit's own files when they are asked for. The rule
owned here: a unit's status is told by the files on this disk and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from knowledge.inventory import InventoryRow, load_curriculum
from knowledge.pack import Pack, check_place, read_misconceptions, read_pack
from knowledge.pack_proof import PackProof, Unproved, judge_units
from knowledge.page import Case, Lesson, Project, read_case, read_lesson, read_project
from knowledge.programme import Programme, read_programme
from knowledge.proof import content_hash, read_proofs, unit_files, unit_path
from knowledge.unit import TRACKS, Kind, Misconception, Question, Status, Unit, namespace_of
from tutor_error import TutorError, did_you_mean

PACKAGED = Path(__file__).parent / "content"
_KIND_WORDS: dict[str, Kind | Literal["programme"]] = {
    "lesson": "lesson",
    "lessons": "lesson",
    "project": "project",
    "projects": "project",
    "case": "case_study",
    "cases": "case_study",
    "case_study": "case_study",
    "case_studies": "case_study",
    "programme": "programme",
    "programmes": "programme",
}
PackSource = tuple[Path, Callable[[str], Mapping[str, PackProof]] | None]
"""A pack's folder, and what gives the proofs of a namespace; None lets in all units, so that they can be
proved."""
_KIND_NAMES: dict[Kind, str] = {"lesson": "a lesson", "project": "a project", "case_study": "a case study"}


def load_catalog(content: Path | None = None) -> Catalog:
    """The curriculum of a content folder, by default the packaged one; read once a process and folder.

    `open_catalog` of `knowledge.shelf` gives it together with the packs that the learner has.
    """
    return _load((content or PACKAGED).resolve())


@cache
def _load(root: Path) -> Catalog:
    return Catalog(root)


def parse_kind(text: str) -> Kind | Literal["programme"]:
    """`cases`, `Case` or `case-study` as the kind it means. TutorError `unknown-kind` otherwise."""
    word = text.strip().lower().replace("-", "_").replace(" ", "_")
    if word not in _KIND_WORDS:
        known = "A kind is one of lesson, project, case_study, programme."
        raise TutorError(
            "unknown-kind",
            f"`{text}` is no kind of content.",
            f"{did_you_mean(word, _KIND_WORDS)} {known}".strip(),
        )
    return _KIND_WORDS[word]


class Catalog:
    """All units of one content folder and of packs. Public attributes are not to be changed by callers.

    unproved: units of packs that nobody may be taught yet, each with the reason; they are not among
    `units`. broken_packs: the folders that are no sound pack, with what is wrong.
    """

    root: Path
    units: dict[str, Unit]
    inventory: dict[str, InventoryRow]
    packs: dict[str, Pack]
    unproved: dict[str, Unproved]
    broken_packs: dict[Path, TutorError]

    def __init__(self, root: Path, packs: Sequence[PackSource] = ()) -> None:
        """Raises TutorError `broken-content` when the curriculum's tables or proofs are wrong."""
        self.root = root
        curriculum = load_curriculum(root)
        self.inventory = curriculum.inventory
        self.units = curriculum.units
        self._lessons: dict[str, Lesson] = {}
        self._cases: dict[str, Case] = {}
        self._projects: dict[str, Project] = {}
        self._programmes: dict[str, Programme] = {}
        self._mark_written_units()
        self.packs, self.unproved, self.broken_packs = {}, {}, {}
        self._add_packs(packs)

    def unit(self, unit_id: str) -> Unit:
        """TutorError `unknown-unit` offers the nearest ids; `unproved-unit` tells what to type."""
        found = self.units.get(unit_id)
        if unit_id in self.unproved:
            raise self.unproved[unit_id].error()
        if found is None:
            offer = did_you_mean(unit_id, self.units) or "`mltutor list` shows all units."
            raise TutorError("unknown-unit", f"There is no unit `{unit_id}`.", offer)
        return found

    def find(
        self, kind: Kind | None = None, track: str | None = None, status: Status | None = None
    ) -> list[Unit]:
        """The units of a kind, track and status, in the order of the curriculum."""
        if track is not None and track not in TRACKS:
            offer = f"{did_you_mean(track, TRACKS)} Tracks: {', '.join(TRACKS)}.".strip()
            raise TutorError("unknown-track", f"There is no track `{track}`.", offer)
        return [
            unit
            for unit in self.units.values()
            if kind in (None, unit.kind) and track in (None, unit.track) and status in (None, unit.status)
        ]

    def lesson(self, unit_id: str) -> Lesson:
        """TutorError `planned-unit` when it is not written, `wrong-kind` when it is no lesson."""
        if unit_id not in self._lessons:
            unit = self._written(unit_id, "lesson")
            self._lessons[unit_id] = read_lesson(self.path_of(unit_id), unit)
        return self._lessons[unit_id]

    def case(self, unit_id: str) -> Case:
        """As `lesson`, for a case study."""
        if unit_id not in self._cases:
            unit = self._written(unit_id, "case_study")
            self._cases[unit_id] = read_case(self.path_of(unit_id), unit)
        return self._cases[unit_id]

    def project(self, unit_id: str) -> Project:
        """As `lesson`, for a project; the id of a case study names its lab."""
        if unit_id not in self._projects:
            is_case = self.unit(unit_id).kind == "case_study"
            unit = self._written(unit_id, "case_study" if is_case else "project")
            folder = self.path_of(unit_id).with_suffix("") / "lab" if is_case else self.path_of(unit_id)
            self._projects[unit_id] = read_project(folder, unit)
        return self._projects[unit_id]

    def question(self, question_id: str) -> tuple[Unit, Question]:
        """A question by `<unit>/<question>`. TutorError `unknown-question` lists the unit's own."""
        unit_id, _, name = question_id.partition("/")
        unit = self.unit(unit_id)
        page = self.case(unit_id) if unit.kind == "case_study" else self.lesson(unit_id)
        question = page.question(name)
        if question is None:
            known = ", ".join(f"`{unit_id}/{item.id}`" for item in page.front.questions)
            raise TutorError("unknown-question", f"There is no question `{question_id}`.", f"It has {known}.")
        return unit, question

    @cached_property
    def misconceptions(self) -> dict[str, Misconception]:
        """The misconceptions by id; empty where the content folder has none."""
        return read_misconceptions(self.root)

    def misconceptions_of(self, unit_id: str) -> Mapping[str, Misconception]:
        """Those that a unit may name: the curriculum's, and before them its pack's own."""
        pack = self.packs.get(namespace_of(unit_id))
        return self.misconceptions if pack is None else {**self.misconceptions, **pack.misconceptions}

    def inventory_of(self, unit_id: str) -> Mapping[str, InventoryRow]:
        """The rows that a unit may cover: the curriculum's, or its pack's own."""
        pack = self.packs.get(namespace_of(unit_id))
        return self.inventory if pack is None else pack.inventory

    def root_of(self, unit_id: str) -> Path:
        """The folder that a unit's files lie below: of the curriculum, or of its pack."""
        pack = self.packs.get(namespace_of(unit_id))
        return self.root if pack is None else pack.root

    @property
    def programmes(self) -> dict[str, Programme]:
        """All programmes by id, in the order of their names."""
        return {name: self.programme(name) for name in self.programme_ids}

    @cached_property
    def programme_ids(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in (self.root / "programmes").glob("*.yaml")))

    def programme(self, programme_id: str) -> Programme:
        """TutorError `unknown-programme`, or `broken-content` when it names what is not there."""
        if programme_id not in self._programmes:
            if programme_id not in self.programme_ids:
                known = f"Programmes: {', '.join(self.programme_ids) or 'none in this content folder'}."
                offer = f"{did_you_mean(programme_id, self.programme_ids)} {known}".strip()
                raise TutorError("unknown-programme", f"There is no programme `{programme_id}`.", offer)
            path = self.root / "programmes" / f"{programme_id}.yaml"
            self._programmes[programme_id] = read_programme(path, self.units, self.inventory)
        return self._programmes[programme_id]

    def prerequisites_of(self, unit_id: str) -> list[Unit]:
        """The units that a unit builds on directly."""
        return [self.units[name] for name in self.unit(unit_id).prerequisites]

    def dependents_of(self, unit_id: str) -> list[Unit]:
        """The units that build directly on a unit."""
        return [self.units[name] for name in self._dependents.get(self.unit(unit_id).id, [])]

    def path_of(self, unit_id: str) -> Path:
        """Where a unit's content lies, or would: a Markdown file, or a project's folder."""
        return unit_path(self.root_of(unit_id), self.unit(unit_id))

    def files_of(self, unit_id: str) -> list[Path]:
        """The files that make a unit: its page with the folder beside it, or its project folder."""
        return [Path(name) for name in unit_files(self.root_of(unit_id), self.unit(unit_id))]

    def content_hash(self, unit_id: str) -> str:
        """The hash by which the record of proofs knows a unit's content."""
        pack = self.packs.get(namespace_of(unit_id))
        if pack is not None:
            return pack.content_hash(unit_id)
        return content_hash(unit_files(self.root, self.unit(unit_id)), self.root)

    def nearest_authored(self, unit_id: str, limit: int = 3) -> list[Unit]:
        """Written units that are close to a planned one: along prerequisites first, then its track."""
        unit = self.unit(unit_id)
        seen, ring, close = {unit_id}, [unit_id], list[Unit]()
        while ring and len(close) < limit:
            neighbours = [
                name
                for here in ring
                for name in (*self.units[here].prerequisites, *self._dependents.get(here, []))
            ]
            ring = [name for name in dict.fromkeys(neighbours) if name not in seen]
            seen.update(ring)
            close.extend(self.units[name] for name in ring if self.units[name].status != "planned")
        same_track = (other for other in self.find(track=unit.track) if other.status != "planned")
        rest = sorted(
            (other for other in same_track if other.id not in seen), key=lambda o: abs(o.level - unit.level)
        )
        return [*close, *rest][:limit]

    @cached_property
    def _dependents(self) -> dict[str, list[str]]:
        dependents: dict[str, list[str]] = {}
        for unit in self.units.values():
            for name in unit.prerequisites:
                dependents.setdefault(name, []).append(unit.id)
        return dependents

    def _written(self, unit_id: str, kind: Kind) -> Unit:
        unit = self.unit(unit_id)
        if unit.kind != kind:
            raise TutorError(
                "wrong-kind",
                f"`{unit_id}` is {_KIND_NAMES[unit.kind]}, not {_KIND_NAMES[kind]}.",
                f"`mltutor show {unit_id}` shows it.",
            )
        if unit.status == "planned":
            near = ", ".join(f"`{other.id}`" for other in self.nearest_authored(unit_id))
            raise TutorError(
                "planned-unit",
                f"`{unit_id}` ({unit.title}) is planned and not written yet.",
                f"Written and close to it: {near}." if near else "`mltutor list` shows what is written.",
            )
        return unit

    def _add_packs(self, sources: Sequence[PackSource]) -> None:
        """A pack that is broken, or claims what is another's, is left out whole."""
        curriculum = dict(self.units)
        for root, proofs in sources:
            try:
                pack = read_pack(root)
                check_place(pack, curriculum, {*self.programme_ids, *self.packs})
            except TutorError as error:
                self.broken_packs[root] = error
                continue
            self.packs[pack.name] = pack
            unproved = {} if proofs is None else judge_units(pack, proofs(pack.name))
            self.unproved |= unproved
            status: Status = "authored" if proofs is None else "verified"
            for unit in pack.units.values():
                if unit.id not in unproved:
                    self.units[unit.id] = unit.model_copy(update={"status": status})

    def _mark_written_units(self) -> None:
        proofs = read_proofs(self.root)
        for unit in list(self.units.values()):
            path = unit_path(self.root, unit)
            if not (path / "project.yaml" if unit.kind == "project" else path).is_file():
                continue
            proof = proofs.get(unit.id)
            proved = proof is not None and proof == content_hash(unit_files(self.root, unit), self.root)
            status: Status = "verified" if proved else "authored"
            self.units[unit.id] = unit.model_copy(update={"status": status})
