"""The command `mltutor`: its options for all commands, and the one place where errors are told.

The rule owned here: a user sees a message and a remedy, never a traceback; with `--json`
the error, too, is one JSON document. Exit 0 success, 1 a negative verdict, 2 a user's error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from mltutor import __version__
from tutor_error import TutorError, did_you_mean

if TYPE_CHECKING:
    from knowledge.catalog import Catalog

app = typer.Typer(
    name="mltutor",
    help="A tutor for machine learning that runs and grades what you build.",
    epilog="Without a command it opens the tutor: screens on a terminal, plain lines on a pipe.",
    invoke_without_command=True,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    learner: Annotated[str | None, typer.Option(help="Whose progress this is (MLTUTOR_LEARNER).")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of all state (MLTUTOR_HOME).")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    context.obj = {"learner": learner, "home": home}
    if home is not None:
        os.environ["MLTUTOR_HOME"] = str(home.expanduser().absolute())
    if version:
        print(f"mltutor {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from mltutor.dialogue import open_dialogue

        raise typer.Exit(open_dialogue(context))


def main() -> None:
    """Run the command line; the process ends with the exit code of the contract."""
    _register()
    wants_json = "--json" in sys.argv[1:]
    try:
        code = app(standalone_mode=False)
    except TutorError as error:
        _tell(error, wants_json)
    except typer.TyperException as error:
        _tell(_usage_error(error), wants_json)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does. Nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        _tell(_log_unexpected(error), wants_json, code=70)
    _leave(code if isinstance(code, int) else 0)


def _leave(code: int) -> NoReturn:
    """End the process; at once where vectors are still computed, whose native threads abort an exit."""
    if any(thread.name == "vectors" for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _register() -> None:
    """Import the command groups; each defers whatever is heavy."""
    from mltutor import (
        authoring,
        batch,
        cases,
        catalogue,
        content,
        glossary,
        labs,
        measuring,
        placing,
        records,
        service,
        study,
        work,
    )

    groups = (
        catalogue, glossary, study, placing, work, batch, cases, content, authoring, measuring, records,
        labs, service,
    )  # fmt: skip
    for group in groups:
        group.register(app)


def _tell(error: TutorError, wants_json: bool, code: int = 2) -> NoReturn:
    if wants_json:
        print(json.dumps(error.as_json(), ensure_ascii=False))
    else:
        print(f"mltutor: {error.message}", file=sys.stderr)
        if error.remedy:
            print(error.remedy, file=sys.stderr)
    sys.exit(code)


def _usage_error(error: typer.TyperException) -> TutorError:
    message = error.format_message()
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "mltutor"
    remedy = f"`{command} --help` shows what it takes."
    if message.startswith("No such command"):
        commands: dict[str, object] = getattr(context.command if context else None, "commands", {})
        remedy = did_you_mean(message.split("'")[1], commands) or remedy
    return TutorError("usage", message, remedy)


def _log_unexpected(error: Exception) -> TutorError:
    from tutor.settings import home

    log = home() / "logs" / "mltutor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{' '.join(sys.argv)}\n{''.join(traceback.format_exception(error))}\n")
    return TutorError(
        "unexpected-error",
        f"This is a fault of mltutor ({type(error).__name__}), not yours.",
        f"The details are in {log}; please report them.",
    )


def catalog_of(context: typer.Context) -> Catalog:
    """The curriculum with the learner's packs; a note for each folder that is no sound pack."""
    from knowledge.shelf import open_catalog

    settings = settings_of(context)
    catalog = open_catalog(settings.home, settings.content_paths)
    told: set[str] = (context.find_root().obj or {}).setdefault("told", set())
    for error in catalog.broken_packs.values():
        if error.message in told:
            continue
        told.add(error.message)
        print(f"left out: {error.message} {error.remedy}".rstrip(), file=sys.stderr)
    return catalog


def settings_of(context: typer.Context) -> Any:
    """The settings in force for a command: its flags, the environment, the config file."""
    from tutor.settings import load_settings

    given: dict[str, Any] = context.find_root().obj or {}
    return load_settings(home=given.get("home"), learner=given.get("learner"))
