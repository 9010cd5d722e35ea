"""Commands that measure the tutor: evals list, run, match, report, compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mltutor.cli import settings_of
from mltutor.output import Json, note, print_json, table

if TYPE_CHECKING:
    from evals.record import Sample

evals_app = typer.Typer(
    help="Measure the tutor: does it find, and does it judge right?", no_args_is_help=True
)
RunFile = Annotated[Path, typer.Argument(help="A run file.")]


def register(app: typer.Typer) -> None:
    app.add_typer(evals_app, name="evals")


@evals_app.command("list")
def list_suites(as_json: Json = False) -> None:
    """The suites, and what each measures."""
    from evals.run import list_suites as suites

    found = [{"name": suite.NAME, "description": suite.DESCRIPTION} for suite in suites().values()]
    if as_json:
        print_json(found)
    else:
        print(table([[suite["name"], suite["description"]] for suite in found], ["suite", "measures"]))


@evals_app.command("run")
def run(
    context: typer.Context,
    suites: Annotated[list[str] | None, typer.Argument(help="Suites; all by default.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything drawn.")] = 0,
    as_json: Json = False,
) -> None:
    """Run suites and tell their figures; exit 1 when a floor does not hold."""
    from evals.run import check_floors, report, run_suites

    settings = settings_of(context)

    def told(suite: str, sample: Sample) -> None:
        note(f"{suite}  {sample.id}  " + "  ".join(f"{k} {v:.3g}" for k, v in sample.scores.items()))

    path = run_suites(suites or [], settings.home, seed=seed, on_sample=told)
    floors = check_floors(path)
    if as_json:
        print_json(_as_json(path) | {"floors": [vars(floor) | {"holds": floor.holds} for floor in floors]})
    else:
        print(report(path), end="")
        print(f"run file: {path}")
    if not all(floor.holds for floor in floors):
        raise typer.Exit(1)


@evals_app.command("match")
def match(context: typer.Context, answers: Annotated[Path, typer.Argument(help="JSON lines.")]) -> None:
    """Judge answers: lines {id, question, expectation, variants, answer} give lines {id, p, verdict}."""
    from evals.match_lines import match_lines
    from knowledge.embed import open_embedder

    for judged in match_lines(answers, open_embedder(settings_of(context).embedder)):
        # Each line is out before the next is read: a broken line loses nothing.
        print(json.dumps(judged, ensure_ascii=False), flush=True)


@evals_app.command("report")
def show_report(run_file: RunFile, as_json: Json = False) -> None:
    """The figures of an earlier run."""
    from evals.run import report

    if as_json:
        print_json(_as_json(run_file))
    else:
        print(report(run_file), end="")


@evals_app.command("compare")
def compare(before: RunFile, after: RunFile, as_json: Json = False) -> None:
    """Two runs, sample by sample, with a paired bootstrap; exit 1 when a score is worse."""
    from dataclasses import asdict

    from evals.run import compare as compare_runs
    from evals.run import compare_report

    differences = compare_runs(before, after)
    if as_json:
        print_json([asdict(item) | {"verdict": item.verdict} for item in differences])
    else:
        print(compare_report(differences), end="")
    if any(item.verdict == "worse" for item in differences):
        raise typer.Exit(1)


def _as_json(path: Path) -> dict[str, Any]:
    from evals.record import read_run
    from evals.run import figures

    suites = [
        {"suite": run.header.suite, "samples": len(run.samples), "skipped": run.header.skipped}
        | {"figures": {} if run.header.skipped else figures(run)}
        for run in read_run(path)
    ]
    return {"run": str(path), "suites": suites}
