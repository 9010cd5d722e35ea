"""Prompts that a client offers its user: each is a way to teach, with its tools in the order of use.

Their texts are the Markdown files of `prompts/`. The rule owned here: an argument names something that is
there, or is a short text of the learner's that is shown as a quotation; no argument brings orders in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import Field

from knowledge.unit import file_name
from mcp_server.arguments import Plain
from mcp_server.context import ServerContext
from mcp_server.help_tools import explain_attempt
from mcp_server.markdown import literal
from tutor_error import TutorError

_FOLDER = Path(__file__).parent / "prompts"
Name = Annotated[str, Field(max_length=200), Plain]
Place = Annotated[str, Field(max_length=4096), Plain]
Words = Annotated[str, Field(max_length=400), Plain]


def register_prompts(server: MCPServer[Any], context: ServerContext) -> None:
    _register_dialogues(server, context)
    _register_work(server, context)
    _register_plan(server, context)


def _register_dialogues(server: MCPServer[Any], context: ServerContext) -> None:
    @server.prompt(
        title="Teach me a unit", description="Learn one unit by dialogue: its idea, then its questions."
    )
    def tutor(
        unit: Annotated[
            Name, Field(description="Id of a written lesson or case study, such as `perceptron`.")
        ],
        question: Annotated[
            Name, Field(description="Id of the question to begin with; the next one without it.")
        ] = "",
    ) -> str:
        title = _with_questions(context, unit)
        start = ""
        if question:
            name = question if question.startswith(f"{unit}/") else f"{unit}/{question}"
            context.catalog.question(name)
            start = f"Begin with the question `{name}`: it is named so in `answer_question`."
        return _fill("tutor", unit=unit, title=title, start=start)

    @server.prompt(
        title="Discuss a case study",
        description="A seminar on a case: your decisions first, then what it did.",
    )
    def case_discussion(
        case: Annotated[Name, Field(description="Id of a written case study, such as `case-porto-seguro`.")],
    ) -> str:
        return _fill("case_discussion", case=case, title=context.catalog.case(case).unit.title)

    @server.prompt(
        title="Explain it through what I know",
        description="A topic explained as a translation of something that you know, with where it breaks.",
    )
    def explain_like_i_know(
        topic: Annotated[Words, Field(description="What is to be explained: a unit's id, or a few words.")],
        known: Annotated[Words, Field(description="What you know well, such as `SQL` or `linear algebra`.")],
    ) -> str:
        unit = context.catalog.units.get(topic)
        hint = f"`{unit.id}` is the unit {literal(unit.title)}." if unit else ""
        return _fill("explain_like_i_know", topic=_inline(topic), known=literal(known), unit=hint)


def _register_work(server: MCPServer[Any], context: ServerContext) -> None:
    @server.prompt(
        title="Review my attempt",
        description="Go through a grade: what failed, why, and what to look at first.",
    )
    def review_my_attempt(
        attempt: Annotated[
            Name, Field(description="Attempt id of a grade; your newest one without it.")
        ] = "",
    ) -> str:
        chosen = attempt or _newest_grade(context)
        which = "" if attempt else ", my newest grade"
        found = explain_attempt(context, chosen)
        return _fill("review_my_attempt", attempt=_inline(chosen), project=found.project, which=which)

    @server.prompt(
        title="Debug with me",
        description="Find out why a project's checks fail, by experiments, without the answer.",
    )
    def debug_with_me(
        project: Annotated[Name, Field(description="Id of a project, or of a case study for its lab.")],
        check: Annotated[
            Name, Field(description="Id of the check to begin with; the first that fails without it.")
        ] = "",
        path: Annotated[
            Place, Field(description="Your file or folder; your workspace of the project without it.")
        ] = "",
    ) -> str:
        title = context.catalog.project(project).unit.title
        place = path or str(context.workspaces / file_name(project))
        start = f"Begin with the check {literal(check)}." if check else ""
        return _fill("debug_with_me", project=project, title=title, path=_inline(place), start=start)


def _register_plan(server: MCPServer[Any], context: ServerContext) -> None:
    @server.prompt(title="Plan my week", description="Seven days of study from what is due and what is next.")
    def plan_my_week(
        minutes: Annotated[Name, Field(description="Minutes of study a day, 5 to 720.")] = "60",
        programme: Annotated[
            Name, Field(description="Id of the programme that you follow, if you follow one.")
        ] = "",
    ) -> str:
        count = _minutes(minutes)
        if not programme:
            plan = "If I follow a programme, ask me which, and call `plan_study` with it and my minutes."
            return _fill("plan_my_week", minutes=count, programme="", ask="", plan=plan)
        title = context.catalog.programme(programme).title
        return _fill(
            "plan_my_week",
            minutes=count,
            programme=f", in the programme `{programme}` ({title})",
            ask=f" with programme `{programme}`",
            plan=f"`plan_study` with programme `{programme}` and minutes_a_day {count}; take its first days "
            "as they fit.",
        )


def _with_questions(context: ServerContext, unit: str) -> str:
    """The title of a unit that asks questions. TutorError `wrong-kind` for a project."""
    found = context.catalog.unit(unit)
    page = context.catalog.case(unit) if found.kind == "case_study" else context.catalog.lesson(unit)
    return page.unit.title


def _newest_grade(context: ServerContext) -> str:
    graded = context.records.events(context.learner, kind="graded")
    if not graded:
        raise TutorError("no-grade", "Nothing was graded yet.", "Hand in a project with grade_project first.")
    return graded[-1].attempt


def _minutes(text: str) -> int:
    try:
        minutes = int(text)
    except ValueError:
        minutes = 0
    if not 5 <= minutes <= 720:
        raise TutorError(
            "bad-minutes", f"{text[:40]!r} is no number of minutes.", "Give 5 to 720, such as 60."
        )
    return minutes


def _inline(text: str) -> str:
    """The learner's text on one line, without what would end the code span that it stands in."""
    return " ".join(text.split()).replace("`", "'")


def _fill(name: str, **values: object) -> str:
    """The prompt's text. Values stand in it as they are; a brace in one is no place to fill."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").format(**values)
