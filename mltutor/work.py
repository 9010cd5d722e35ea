"""Commands on a learner's code: start, check, grade, hint, watch, run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.authoring import prove_again
from mltutor.cli import catalog_of, settings_of
from mltutor.live import LiveOutput
from mltutor.output import Json, note, plain, print_json, wrap
from mltutor.tools import call_tool, show_progress
from teaching.curve import curve_lines
from tutor_error import TutorError

if TYPE_CHECKING:
    from knowledge.catalog import Catalog
    from knowledge.unit import Misconception
    from sandbox.report import RunReport

WorkPath = Annotated[Path, typer.Argument(help="A workspace, or a file or folder with --project.")]
ProjectId = Annotated[str | None, typer.Option("--project", help="The project, outside a workspace.")]
SIGNS = {"passed": "✓", "failed": "✗", "blocked": "–", "error": "!"}


def register(app: typer.Typer) -> None:
    app.command("start")(start)
    app.command("check")(check)
    app.command("grade")(grade)
    app.command("hint")(hint)
    app.command("watch")(watch)
    app.command("run")(run)


@dataclass(frozen=True)
class Place:
    """What is to be judged, and by which project's checks."""

    path: Path
    project: str


def start(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="A project, or a case study for its lab.")],
    folder: Annotated[Path | None, typer.Option("--dir", help="Where to put the workspace.")] = None,
    as_json: Json = False,
) -> None:
    """Make a workspace: brief, starter, public data. Nothing of yours is overwritten."""
    prove_again(context, project)
    made = call_tool(
        context,
        "start_project",
        {"id": project, "folder": str(folder.expanduser().absolute()) if folder else None},
    )
    if as_json:
        print_json(made)
        return
    print(f"{made['title']}\n  {'made' if made['created'] else 'kept'} {made['folder']}")
    for name in made["files"]:
        print(f"  {name}")
    print(f"\nRead brief.md, edit {Path(made['main']).name}, then:\n  mltutor check {made['folder']}")


def check(context: typer.Context, path: WorkPath, project: ProjectId = None, as_json: Json = False) -> None:
    """Run the visible checks. Nothing is kept; do it as often as you like."""
    _judge(context, "check_project", {}, _find(path, project), as_json)


def grade(
    context: typer.Context,
    path: WorkPath,
    project: ProjectId = None,
    attempt: Annotated[
        str | None, typer.Option(help="The id of this try; a repeated one runs nothing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run all checks, hidden ones too, and keep the verdict as evidence."""
    from teaching.grade import new_attempt

    _judge(context, "grade_project", {"attempt_id": attempt or new_attempt()}, _find(path, project), as_json)


def _judge(context: typer.Context, tool: str, extra: dict[str, Any], place: Place, as_json: bool) -> None:
    prove_again(context, place.project)
    arguments = {"project": place.project, "path": str(place.path), **extra}
    report = call_tool(context, tool, arguments, show_progress)
    if as_json:
        print_json(report)
    else:
        print(report_text(report, catalog_of(context)))
    if not report["passed"]:
        raise typer.Exit(1)


def report_text(report: dict[str, Any], catalog: Catalog) -> str:
    """A report for a terminal: one line a check, and what was seen and expected where one failed."""
    named = any(row["misconception"] for row in report["checks"])
    beliefs = catalog.misconceptions_of(report["project"]) if named else {}
    lines = [_check_text(row, beliefs) for row in report["checks"]]
    verdict = "passed" if report["passed"] else "not passed yet"
    lines.append(
        f"\n{report['score']:g} of {report['max_score']:g} points, {verdict} ({report['seconds']:.1f} s)"
    )
    if any(row["hint_available"] for row in report["checks"]):
        lines.append("A hint for the first failed check: mltutor hint PATH")
    lines += [f"figure: {path}" for path in report["figures"]]
    return "\n".join(lines)


def _check_text(row: dict[str, Any], beliefs: Mapping[str, Misconception]) -> str:
    head = f"{SIGNS[row['status']]} {row['points']:g}/{row['max_points']:g}  {row['title']}  [{row['id']}]"
    if row["status"] == "passed":
        return head
    parts = [head]
    if row["message"]:
        parts.append(wrap(plain(row["message"]), "     "))
    for name in ("seen", "expected"):
        if row[name]:
            parts.append(wrap(f"{name}: {plain(row[name])}", "     "))
    if row["misconception"]:
        parts.append(wrap(plain(_belief(row["misconception"], beliefs)), "     "))
    return "\n".join(parts)


def _belief(misconception: str, beliefs: Mapping[str, Misconception]) -> str:
    known = beliefs.get(misconception)
    return f"It looks like this belief: “{known.belief}” {known.repair}" if known else misconception


def hint(
    context: typer.Context,
    path: WorkPath,
    check_id: Annotated[
        str | None, typer.Option("--check", help="A check; the first failed one by default.")
    ] = None,
    project: ProjectId = None,
    as_json: Json = False,
) -> None:
    """The next hint. Hints climb from a question to a nearly-there; help counts against mastery."""
    place = _find(path, project)
    prove_again(context, place.project)
    wanted = check_id or _first_failed(context, place)
    given = call_tool(context, "give_hint", {"project": place.project, "check": wanted})
    if as_json:
        print_json(given)
        return
    print(f"{given['check']}, hint {given['rung']} of {given['of']}")
    print(wrap(given["text"]))


def _first_failed(context: typer.Context, place: Place) -> str | None:
    """The first visible check that fails now; None when the last grade must tell."""
    report = call_tool(
        context, "check_project", {"project": place.project, "path": str(place.path)}, show_progress
    )
    failed = [row["id"] for row in report["checks"] if row["status"] == "failed" and row["hint_available"]]
    return failed[0] if failed else None


def watch(context: typer.Context, path: WorkPath, project: ProjectId = None) -> None:
    """Check on every save, until Ctrl-C."""
    from watchfiles import watch as changes

    place = _find(path, project)
    folder = place.path if place.path.is_dir() else place.path.parent
    note(f"Watching {folder}. Ctrl-C ends it.")
    arguments = {"project": place.project, "path": str(place.path)}
    while True:
        try:
            report = call_tool(context, "check_project", arguments, show_progress)
            print(report_text(report, catalog_of(context)), flush=True)
        except TutorError as error:
            # A file that is half written or empty is told, and the next save tried again.
            print(f"{error.message} {error.remedy}", flush=True)
        try:
            next(changes(folder, raise_interrupt=False))
        except StopIteration:
            return


def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .py or .ipynb file.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Wall-clock limit.")] = 60.0,
    save: Annotated[
        Path | None, typer.Option(help="Where a notebook goes with its new outputs; a new file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a file in the sandbox and tell what happened."""
    import uuid

    from sandbox.budget import KernelBudget
    from sandbox.lease import lease_device
    from sandbox.limits import Limits
    from sandbox.run import run_file

    if save is not None:
        _refuse_to_save(file, save)
    settings = settings_of(context)
    live = LiveOutput()
    figures = settings.home / "figures" / f"run-{uuid.uuid4().hex[:8]}"
    place = KernelBudget(settings.home, settings.kernels).place(on_wait=_tell_line)
    with place, lease_device("optional", settings.home, purpose=f"run {file.name}") as granted:
        report = run_file(
            file,
            limits=Limits(seconds=seconds),
            figures_dir=figures,
            save=save,
            on_stream=None if as_json else live.take,
            gpus=granted.minors,
            # The user names the file themselves, so a weaker isolation is their own choice.
            allow_unisolated=True,
        )
    if as_json:
        print_json(report.as_json())
    else:
        live.end()
        _tell_run(report)
    if report.outcome != "ok":
        raise typer.Exit(1)


def _tell_line(ahead: int) -> None:
    note(f"waiting for a kernel; {ahead} come first" if ahead else "waiting for a kernel")


def _refuse_to_save(file: Path, save: Path) -> None:
    if file.suffix != ".ipynb":
        raise TutorError(
            "no-notebook", f"{file.name} is no notebook, so it has no outputs.", "Leave --save out."
        )
    if save.exists() or not save.absolute().parent.is_dir():
        why = "is there already" if save.exists() else "lies in a folder that is not there"
        raise TutorError("no-place", f"{save} {why}.", "Name a new file: --save executed.ipynb")


def _tell_run(report: RunReport) -> None:
    if report.error:
        at = f", line {report.error.line}" if report.error.line else ""
        note(f"{report.error.name}{at}: {plain(report.error.message)}")
    for line in curve_lines(report.metrics):
        note(plain(line))
    if report.truncated:
        note("The output was longer than what is shown.")
    for path in report.figures:
        note(f"figure: {path}")
    note(f"{report.outcome} in {report.seconds:.1f} s on {report.device}, isolation {report.isolation}")


def _find(path: Path, project: str | None) -> Place:
    """The work at a path. TutorError `unreadable-submission` or `no-workspace`."""
    from mcp_server.workspace import find_workspace

    place = path.expanduser().absolute()
    if not place.exists():
        raise TutorError(
            "unreadable-submission", f"{path} is not there.", "Give a workspace, a file or a folder."
        )
    if project is not None:
        return Place(place, project)
    found = find_workspace(place)
    if found is None:
        raise TutorError(
            "no-workspace",
            f"{path} is no workspace of a project.",
            "Name the project: --project ID. `mltutor start ID` makes a workspace.",
        )
    return Place(place, found.project)
