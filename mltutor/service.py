"""Commands about the installation: mcp, doctor, config, index."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mltutor.cli import catalog_of, settings_of
from mltutor.output import Json, note, print_json, table
from tutor_error import TutorError, did_you_mean


def register(app: typer.Typer) -> None:
    app.command("mcp")(mcp)
    app.command("doctor")(doctor)
    app.command("config")(config)
    app.command("index")(index)


def mcp(
    context: typer.Context,
    transport: Annotated[str, typer.Option(help="stdio or http.")] = "stdio",
    host: Annotated[str | None, typer.Option(help="Address to bind; 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to bind; 8765, 0 for a free one.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="Lines `LEARNER TOKEN`: who may enter, each with work of their own.")
    ] = None,
    new_token: Annotated[
        str | None, typer.Option(metavar="LEARNER", help="Add a token to the token file and print it.")
    ] = None,
    node: Annotated[str, typer.Option(help="This server's name among several.")] = "",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name by which clients call the server.")
    ] = None,
    allow_origin: Annotated[list[str] | None, typer.Option(help="A web page's origin that may call.")] = None,
    public_url: Annotated[str | None, typer.Option(help="Where clients see it, behind a proxy.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Requests a second of each token; 0 for any number.")
    ] = None,
    print_config: Annotated[
        str | None, typer.Option(help="Print the entry for a host: vscode, cursor, ...")
    ] = None,
    root: Annotated[
        list[Path] | None, typer.Option(help="A folder that tools may read and write; may be repeated.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the server runs, for an entry that connects to it.")
    ] = None,
) -> None:
    """Serve the tutor to IDEs and other MCP clients, over stdio or streamable HTTP."""
    if url is not None and (print_config is None or transport != "http"):
        raise TutorError(
            "usage", "--url is of an entry for a running server.", "Add --print-config HOST --transport http."
        )
    roots = tuple(root or ())
    if print_config is not None and transport in ("stdio", "http"):
        _print_config(context, print_config, transport, url, roots, token_file is not None)
        return
    from mltutor.serving import Asked, add_token, serve

    if new_token is not None:
        add_token(new_token, token_file)
        return
    hosts, origins = tuple(allow_host or ()), tuple(allow_origin or ())
    serve(
        context,
        transport,
        Asked(host, port, token_file, node, hosts, origins, public_url, rate),
        roots,
    )


def _print_config(
    context: typer.Context, host: str, transport: str, url: str | None, roots: Sequence[Path], secured: bool
) -> None:
    """The entry alone on stdout; what to do with it on stderr."""
    from mltutor.hosts import entry_to_connect, entry_to_start, running_command, started_with

    if transport == "http":
        printed = entry_to_connect(host, url or "http://127.0.0.1:8765/mcp", secured or None)
    else:
        given: dict[str, Any] = context.find_root().obj or {}
        home = given.get("home") or os.environ.get("MLTUTOR_HOME")
        learner = given.get("learner") or os.environ.get("MLTUTOR_LEARNER")
        printed = entry_to_start(host, started_with(running_command(), home, learner, roots))
    print(printed.text)
    for told in printed.notes:
        note(told)


def doctor(
    context: typer.Context,
    probe: Annotated[
        bool, typer.Option("--probe", help="Exceed each limit of the sandbox and see it hold.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What this machine offers: isolation, limits, GPU, search, model; the remedy where something lacks."""
    found = _findings(context)
    if probe:
        found["probe"] = _probe_limits()
    if as_json:
        print_json(found)
    else:
        _print_findings(found)
    if not all(finding["holds"] for finding in found.get("probe", ())):
        raise typer.Exit(1)


def _probe_limits() -> list[dict[str, Any]]:
    from dataclasses import asdict

    from sandbox.limit_probe import probe_limits

    note("exceeding each limit of the sandbox")
    # What runs is ours alone, so it may run also where a learner's code would need consent.
    return [asdict(finding) for finding in probe_limits(allow_unisolated=True)]


def _print_findings(found: dict[str, Any]) -> None:
    for name, value in found.items():
        if name in ("limits", "probe", "endpoints"):
            continue
        if not isinstance(value, dict):
            print(f"{name:10} {value}")
            continue
        shown = {k: v for k, v in value.items() if v not in ("", None, [], ())}  # pyright: ignore[reportUnknownVariableType]
        print(f"{name:10} " + "; ".join(f"{k}: {v}" for k, v in shown.items()))
    rows = [[name, mechanism] for name, mechanism in found["limits"].items()]
    print("\n" + table(rows, ["limit", "held by"]))
    for line in _endpoint_lines(found.get("endpoints", ())):
        print(line)
    if "probe" in found:
        seen = [[f["limit"], "holds" if f["holds"] else "DOES NOT HOLD", f["seen"]] for f in found["probe"]]
        print("\n" + table(seen, ["limit", "tried", "seen"]))


def _endpoint_lines(endpoints: Sequence[dict[str, Any]]) -> list[str]:
    """Model servers on this machine, and what to type for one."""
    lines: list[str] = []
    for found in endpoints:
        models = ", ".join(found["models"]) or "none that it names"
        lines.append(f"\n{found['server']} at {found['url']}: models {models}")
        lines += [f"  choose one: {command}" for command in found["choose"][:1]]
    return lines


def _findings(context: typer.Context) -> dict[str, Any]:
    from dataclasses import asdict

    from knowledge.index import index_status
    from mltutor import __version__
    from sandbox.gpu import gpu_findings
    from sandbox.isolation import current_isolation
    from sandbox.limit_probe import name_mechanisms
    from tutor.speaker.discovery import find_endpoints

    settings = settings_of(context)
    model: dict[str, Any] = {"speaker": "embedded", "note": "no model chosen; nothing leaves this machine"}
    if settings.model:
        model = {
            "speaker": settings.model,
            "endpoint": settings.endpoint,
            "on_this_machine": settings.stays_here,
            "consent": not settings.needs_consent,
            "key": "set" if settings.secret() else "none",
        }
    try:
        search = asdict(
            index_status(settings.home, catalog_of(context), settings.embedder, settings.chroma_url)
        )
    except TutorError as error:
        search = {"state": "broken", "reason": error.message, "remedy": error.remedy}
    return {
        "mltutor": __version__,
        "python": sys.version.split()[0],
        "home": str(settings.home),
        "learner": settings.learner,
        "isolation": asdict(current_isolation()) | {"kernels": _kernel_start()},
        "gpu": gpu_findings(),
        "limits": name_mechanisms(),
        "index": search,
        "model": model,
        "endpoints": [found.as_json() for found in find_endpoints()],
    }


def _kernel_start() -> str:
    from sandbox.isolation import current_isolation
    from sandbox.pool import why_no_zygote

    if current_isolation().tier != "namespaces":
        return "a fresh process each"
    barred = why_no_zygote()
    return "forked from a warm process" if barred is None else f"a fresh process each: {barred}"


def config(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help="A setting.")] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value.")] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Remove it from config.toml.")] = False,
    as_json: Json = False,
) -> None:
    """Show the settings in force, or write one to config.toml."""
    from tutor.settings import save_setting, setting_names

    settings = settings_of(context)
    if key is not None and key not in setting_names():
        remedy = did_you_mean(key, setting_names()) or f"Known: {', '.join(setting_names())}."
        raise TutorError("bad-setting", f"`{key}` is no known setting.", remedy)
    if key is not None and (value is not None or unset):
        path = save_setting(key, None if unset else _typed(value or ""), settings.home)
        note(f"{path}: {key} {'removed' if unset else 'set'}")
        return
    shown = {name: getattr(settings, name) for name in ("home", *setting_names()) if key in (None, name)}
    printable = {
        name: list(v) if isinstance(v, tuple) else (None if v is None else v) for name, v in shown.items()
    }  # pyright: ignore[reportUnknownVariableType]
    printable = {name: v if isinstance(v, bool | list | None) else str(v) for name, v in printable.items()}
    if as_json:
        print_json(printable)
    else:
        print(
            table(
                [[name, "" if v is None else str(v)] for name, v in printable.items()], ["setting", "value"]
            )
        )


def _typed(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text.lower(), text)


def index(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help="build or status.")] = "status",
    as_json: Json = False,
) -> None:
    """The search index: build it now, or tell what it holds."""
    from dataclasses import asdict

    from knowledge.index import build_index, index_status

    settings, catalog = settings_of(context), catalog_of(context)
    if action == "build":
        status = build_index(settings.home, catalog, _told, settings.embedder, settings.chroma_url)
    elif action == "status":
        status = index_status(settings.home, catalog, settings.embedder, settings.chroma_url)
    else:
        raise TutorError(
            "usage", f"`{action}` is nothing that can be done to the index.", "Use build or status."
        )
    if as_json:
        print_json(asdict(status))
    else:
        print("\n".join(f"{name:10} {value}" for name, value in asdict(status).items()))
    if action == "build" and status.problem:
        raise typer.Exit(1)


def _told(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\rembedding {done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)
