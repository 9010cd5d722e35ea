"""Tools that tell what is taught: search, the catalogue, one unit.

They read the public view alone; see `knowledge.public`.
"""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import BaseModel, Field

from knowledge.catalog import Catalog, parse_kind
from knowledge.content_file import read_text
from knowledge.page import Page
from knowledge.passage import PassageKind
from knowledge.public import public_page, public_project, public_terms
from knowledge.unit import TRACKS, Kind, Status, Unit
from mcp_server.arguments import FoundKind, KindName, Limit, Query, SectionTitle, Track, UnitId
from mcp_server.context import ServerContext
from mcp_server.markdown import bullets, joined, quoted, shorten
from mcp_server.reply import Reply, tool
from tutor_error import TutorError, did_you_mean

MOST_LISTED = 60
"""Units that the text of a list names; its fields name all."""
WantedStatus = Annotated[
    Status, Field(description="Only units that are so far written, or proved by running.")
]


class FoundPassage(BaseModel):
    """A passage of a unit. Cite it as [unit › section]."""

    unit: str
    kind: PassageKind
    section: str
    anchor: str
    score: float
    text: str
    ranking: str


class SearchReply(Reply):
    query: str
    hits: list[FoundPassage]

    def as_text(self) -> str:
        if not self.hits:
            return (
                "Nothing that is written answers this. Say so; do not answer from memory as if it were cited."
            )
        found = [
            f"**[{hit.unit} › {hit.section}]** ({hit.kind.replace('_', ' ')}, score {hit.score:.2f})\n\n"
            f"{quoted(shorten(hit.text, 'read_unit shows the section.', 2500)[0])}"
            for hit in self.hits
        ]
        return joined("Passages, the best first. Cite each as its [unit › section].", *found)


class ListedUnit(BaseModel):
    id: str
    kind: Kind
    title: str
    track: str
    level: int
    status: Status


class UnitList(Reply):
    units: list[ListedUnit]

    def as_text(self) -> str:
        rows = [
            f"`{unit.id}`: {unit.title} ({unit.kind.replace('_', ' ')}, {unit.track}, level {unit.level}, "
            f"{unit.status})"
            for unit in self.units[:MOST_LISTED]
        ]
        left = len(self.units) - len(rows)
        more = f"{left} more: narrow the list by kind, track or status." if left > 0 else ""
        return joined(f"{len(self.units)} units.", bullets(rows), more)


class TermHome(BaseModel):
    """A term, and the lesson that introduces it."""

    term: str
    unit: str


class UnitPage(Reply):
    """A unit as a learner may read it. `markdown` is its text, or one section of it.

    introduces: terms that have their home in this unit; terms: those that it builds on.
    """

    id: str
    kind: Kind
    title: str
    track: str
    level: int
    status: Status
    minutes: int
    prerequisites: list[str]
    introduces: list[str] = Field(default_factory=list[str])
    terms: list[TermHome] = Field(default_factory=list[TermHome])
    sections: list[str]
    markdown: str
    questions: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    starter: str | None = None

    def as_text(self) -> str:
        head = (
            f"`{self.id}`: {self.kind.replace('_', ' ')}, {self.track}, level {self.level} of 5, "
            f"{self.minutes} min, {self.status}."
        )
        needs = (
            f"Builds on {', '.join(f'`{name}`' for name in self.prerequisites)}."
            if self.prerequisites
            else ""
        )
        asks = ""
        if self.questions:
            ids = ", ".join(f"`{self.id}/{one['id']}`" for one in self.questions)
            asks = f"Its questions, for ask_question: {ids}."
        parts = f"Sections: {', '.join(self.sections)}." if self.sections else ""
        return joined(f"{head} {needs} {parts} {asks}".strip(), self.markdown.strip())


def register_curriculum_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Search the curriculum", reads=True)
    def search_curriculum(
        query: Query, kind: FoundKind | None = None, track: Track | None = None, limit: Limit = 5
    ) -> SearchReply:
        """Find the passages of lessons, projects and case studies that answer a question.

        Use it before you explain anything, and whenever the learner asks a question of fact. Ask in
        their own words. Returns ranked passages, each with the unit and the section to cite; an empty
        list means that nothing written answers, so say so instead of guessing. To read on in a unit
        that you know, use read_unit; to see what there is, list_units.
        """
        known_track = _known_track(track)
        wanted = "material" if kind == "material" else known_kind(kind)
        hits = context.search.search(query, k=limit, kind=wanted, track=known_track)
        fields = tuple(FoundPassage.model_fields)
        found = [FoundPassage(**{name: getattr(hit, name) for name in fields}) for hit in hits]
        return SearchReply(query=query, hits=found)

    @tool(server, context, title="List the units", reads=True)
    def list_units(
        kind: KindName | None = None, track: Track | None = None, status: WantedStatus | None = None
    ) -> UnitList:
        """The units of the curriculum, in order, with their status: to find an id, or see what there is.

        A planned unit is known but not written: it can be named, never taught. An authored one can
        be taught; a verified one has been proved by running all its code and checks. For a question
        about the subject use search_curriculum; for what to take next, recommend_next.
        """
        units = context.catalog.find(known_kind(kind), _known_track(track), status)
        return UnitList(units=[listed(unit) for unit in units])

    @tool(server, context, title="Read a unit", reads=True)
    def read_unit(id: UnitId, section: SectionTitle | None = None) -> UnitPage:
        """A lesson, case study or project brief as Markdown, whole or one section of it.

        Use it to teach a unit, or to read a project's brief before you look at code. Questions come
        without their answers: ask them with ask_question and have them judged by answer_question.
        A project's solution, hints and checks are in no unit; see give_hint and check_project.
        """
        return read_public_unit(context.catalog, id, section)


def read_public_unit(catalog: Catalog, unit_id: str, section: str | None = None) -> UnitPage:
    """The public view of a unit. TutorError `planned-unit` or `unknown-section`."""
    unit = catalog.unit(unit_id)
    if unit.kind == "project":
        project = catalog.project(unit_id)
        shown, page = public_project(project), project.page
        starter = read_text(project.starter)
    else:
        source = catalog.case(unit_id) if unit.kind == "case_study" else catalog.lesson(unit_id)
        shown, page, starter = public_page(source), source.page, None
    return UnitPage(
        **listed(unit).model_dump(),
        minutes=shown["minutes"],
        prerequisites=list(unit.prerequisites),
        introduces=shown.get("introduces", []),
        terms=[TermHome(**home) for home in public_terms(catalog, unit_id)],
        sections=[part.title for part in page.sections],
        markdown=_markdown(unit, page, section),
        questions=shown.get("questions", []),
        starter=None if section else starter,
    )


def known_kind(text: str | None) -> Kind | None:
    """A kind of unit in any wording. TutorError `unknown-kind` otherwise."""
    if text is None:
        return None
    kind = parse_kind(text)
    if kind == "programme":
        raise TutorError("unknown-kind", "A programme is no unit.", "Use plan_study for a programme.")
    return kind


def listed(unit: Unit) -> ListedUnit:
    return ListedUnit(
        id=unit.id,
        kind=unit.kind,
        title=unit.title,
        track=unit.track,
        level=unit.level,
        status=unit.status,
    )


def _known_track(track: str | None) -> str | None:
    if track is None or track in TRACKS:
        return track
    offer = f"{did_you_mean(track, TRACKS)} Tracks: {', '.join(TRACKS)}.".strip()
    raise TutorError("unknown-track", f"There is no track `{track}`.", offer)


def _markdown(unit: Unit, page: Page, section: str | None) -> str:
    if section is None:
        return f"# {unit.title}\n\n{page.body.strip()}\n"
    found = page.section(section)
    if found is None:
        titles = ", ".join(part.title for part in page.sections)
        raise TutorError("unknown-section", f"`{unit.id}` has no section `{section}`.", f"It has {titles}.")
    return f"# {unit.title} › {found.title}\n\n{page.text_under(found).strip()}\n"
