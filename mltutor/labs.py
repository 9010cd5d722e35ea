"""Commands about labs: the environments that projects run in."""

from __future__ import annotations

from typing import Annotated

import typer

from mltutor.cli import settings_of
from mltutor.output import Json, note, print_json

group = typer.Typer(help="The environments that projects run in.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="labs")


@group.callback()
def labs(context: typer.Context, as_json: Json = False) -> None:
    """List the labs, and whether each is installed."""
    if context.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    from sandbox.lab import lab_statuses

    statuses = lab_statuses(settings_of(context).home)
    if as_json:
        print_json([asdict(status) for status in statuses])
        return
    for status in statuses:
        state = "installed" if status.installed else f"mltutor labs install {status.name}"
        print(f"{status.name:10} {status.about}  ({state})")


@group.command("install")
def install(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A lab that `mltutor labs` lists.")],
    as_json: Json = False,
) -> None:
    """Build a lab from its lock file, in the state folder; takes minutes, once."""
    from sandbox.lab import install_lab

    lab = install_lab(name, settings_of(context).home, note)
    if as_json:
        print_json({"name": lab.name, "folder": str(lab.prefix), "python": str(lab.python)})
        return
    print(f"The lab {lab.name} is ready: {lab.prefix}")
