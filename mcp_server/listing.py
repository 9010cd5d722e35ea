"""The list of resources: what can be read by address, a page at a time.

The rule owned here: every written unit, every programme and the learner's progress are listed once, in
the order of the curriculum, and a page tells where the next begins.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from mcp.types import ListResourcesResult, Resource

from knowledge.catalog import Catalog
from knowledge.unit import Unit
from mcp_server.context import ServerContext
from mcp_server.curriculum_tools import read_public_unit
from mcp_server.news import PROGRESS
from tutor_error import TutorError

MARKDOWN = "text/markdown"
PAGE = 50
_KINDS = {"lesson": "Lesson", "project": "Project", "case_study": "Case study"}


@dataclass(frozen=True)
class _Entry:
    uri: str
    make: Callable[[], Resource]


def page_of_resources(
    context: ServerContext, cursor: str | None, most: int | None = PAGE
) -> ListResourcesResult:
    """The resources after `cursor`; `most` None gives all. TutorError `bad-cursor`."""
    entries = list(_entries(context))
    start = 0 if cursor is None else _place_after(entries, cursor)
    end = len(entries) if most is None else start + most
    shown = [entry.make() for entry in entries[start:end]]
    following = _cursor(entries[end - 1].uri) if end < len(entries) else None
    return ListResourcesResult(resources=shown, next_cursor=following)


def address_of(scheme: str, name: str) -> str:
    """The address of a unit, programme, report or run; a name may hold any character."""
    return f"{scheme}://{quote(name, safe='')}"


def _entries(context: ServerContext) -> Iterator[_Entry]:
    yield _Entry(PROGRESS, _progress)
    catalog = context.catalog
    for name in catalog.programme_ids:
        yield _Entry(address_of("programme", name), lambda name=name: _programme(catalog, name))
    for unit in catalog.units.values():
        if unit.status != "planned":
            yield _Entry(address_of("unit", unit.id), lambda unit=unit: _unit(catalog, unit))


def _progress() -> Resource:
    return Resource(
        uri=PROGRESS,
        name="progress",
        title="The learner's progress",
        description="Mastery of every unit met so far, each with the attempts behind it.",
        mime_type=MARKDOWN,
    )


def _programme(catalog: Catalog, name: str) -> Resource:
    programme = catalog.programme(name)
    return Resource(
        uri=address_of("programme", name),
        name=name,
        title=programme.title,
        description="A study programme with its parts, weeks and units.",
        mime_type=MARKDOWN,
    )


def _unit(catalog: Catalog, unit: Unit) -> Resource:
    """With its size, where its files are sound; a broken one is listed too, and says why when it is read."""
    head = f"{_KINDS[unit.kind]}, {unit.track}, level {unit.level} of 5"
    size, about = None, ""
    try:
        page = read_public_unit(catalog, unit.id)
        size, about = len(page.markdown.encode()), f", {page.minutes} minutes"
        about += f": {', '.join(page.sections[:6])}" if page.sections else ""
    except TutorError as error:
        if error.code != "broken-content":
            raise
    return Resource(
        uri=address_of("unit", unit.id),
        name=unit.id,
        title=unit.title,
        description=f"{head}{about}."[:500],
        mime_type=MARKDOWN,
        size=size,
    )


def _cursor(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode()


def _place_after(entries: list[_Entry], cursor: str) -> int:
    try:
        last = base64.b64decode(cursor[:2000].encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        last = ""
    places = [place for place, entry in enumerate(entries) if entry.uri == last]
    if not places:
        raise TutorError(
            "bad-cursor",
            "That is no cursor of this list.",
            "Begin again without one; the list may have changed.",
        )
    return places[0] + 1
