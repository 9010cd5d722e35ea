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
from mcp_server.context import ServerContext
from mcp_server.reply import tool
from tutor_error import TutorError, did_you_mean

Limit = Annotated[int, Field(ge=1, le=20)]
Query = Annotated[str, Field(max_length=2000)]


class FoundPassage(BaseModel):
    """A passage of a unit. Cite it as [unit › section]."""

    unit: str
    kind: PassageKind
    section: str
    anchor: str
    score: float
    text: str
    ranking: str


class SearchReply(BaseModel):
    query: str
    hits: list[FoundPassage]


class ListedUnit(BaseModel):
    id: str
    kind: Kind
    title: str
    track: str
    level: int
    status: Status


class UnitList(BaseModel):
    units: list[ListedUnit]


class TermHome(BaseModel):
    """A term, and the lesson that introduces it."""

    term: str
    unit: str


class UnitPage(BaseModel):
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
    introduces: list[str] = []
    terms: list[TermHome] = []
    sections: list[str]
    markdown: str
    questions: list[dict[str, Any]] = []
    starter: str | None = None


def register_curriculum_tools(server: MCPServer[Any], context: ServerContext) -> None:
    @tool(server, context, title="Search the curriculum", reads=True)
    def search_curriculum(
        query: Query, kind: str | None = None, track: str | None = None, limit: Limit = 5
    ) -> SearchReply:
        """Find the passages of lessons, projects and case studies that answer a question.

        Ask in the learner's own words. Returns ranked passages with the unit and the section to
        cite; an empty list means that nothing written answers, so say so instead of guessing.
        Filters: kind is lesson, project, case_study or material (what the learner added, whose units
        begin with own/); track is such as neural-networks.
        """
        known_track = _known_track(track)
        wanted = "material" if kind == "material" else known_kind(kind)
        hits = context.search.search(query, k=limit, kind=wanted, track=known_track)
        found = [
            FoundPassage(
                unit=hit.unit,
                kind=hit.kind,
                section=hit.section,
                anchor=hit.anchor,
                score=hit.score,
                text=hit.text,
                ranking=hit.ranking,
            )
            for hit in hits
        ]
        return SearchReply(query=query, hits=found)

    @tool(server, context, title="List the units", reads=True)
    def list_units(
        kind: str | None = None, track: str | None = None, status: Status | None = None
    ) -> UnitList:
        """The units of the curriculum, in order, with their status.

        A planned unit is known but not written: it can be named, never taught. An authored one can
        be taught; a verified one has been proved by running all its code and checks.
        """
        units = context.catalog.find(known_kind(kind), _known_track(track), status)
        return UnitList(units=[listed(unit) for unit in units])

    @tool(server, context, title="Read a unit", reads=True)
    def read_unit(id: str, section: str | None = None) -> UnitPage:
        """A lesson, case study or project brief as Markdown, whole or one section of it.

        Give the unit's id (see list_units). `section` is a title such as "In code". Questions come
        without their answers: ask them with ask_question and have them judged by answer_question.
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
