"""The `mcp` command's work: which server is started, and the tokens that let learners in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mltutor.cli import settings_of
from mltutor.output import note
from tutor_error import TutorError, did_you_mean

if TYPE_CHECKING:
    from mcp_server.context import ServerContext

TRANSPORTS = ("stdio", "http")
_OF_HTTP = "--transport http"


@dataclass(frozen=True)
class Asked:
    """What the command line said of HTTP; None and empty where it said nothing."""

    host: str | None = None
    port: int | None = None
    token_file: Path | None = None
    node: str = ""
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    public_url: str | None = None
    rate: float | None = None

    def flags(self) -> list[str]:
        """The flags that were given."""
        named = {"allow_hosts": "--allow-host", "allow_origins": "--allow-origin"}
        given = [name for name, value in vars(self).items() if value not in (None, "", ())]
        return [named.get(name, f"--{name.replace('_', '-')}") for name in given]


def add_token(learner: str, token_file: Path | None) -> None:
    """Make a token, print it once, and keep its hash in the file."""
    from mcp_server.tokens import new_token

    if token_file is None:
        raise TutorError(
            "usage", "A token needs a file that keeps its hash.", "Add --token-file FILE, such as tokens.txt."
        )
    print(new_token(token_file, learner))
    note(f"This is the token of {learner}, shown this once; {token_file} keeps its hash alone.")


def serve(context: typer.Context, transport: str, asked: Asked, roots: tuple[Path, ...] = ()) -> None:
    """Serve until the client leaves (stdio), or SIGTERM or SIGINT comes.

    roots: folders that tools may read and write, beside the workspaces.
    """
    if transport not in TRANSPORTS:
        remedy = did_you_mean(transport, TRANSPORTS) or f"Use {' or '.join(TRANSPORTS)}."
        raise TutorError("unknown-transport", f"`{transport}` is not served.", remedy)
    if transport == "stdio":
        if asked.flags():
            raise TutorError(
                "usage", f"{', '.join(asked.flags())}: nothing of that is for stdio.", f"Add {_OF_HTTP}."
            )
        from mcp_server.stdio import serve_stdio

        serve_stdio(_context(context, roots))
        return
    from mcp_server.http import HttpOptions, serve_http
    from mcp_server.node import Node

    given: dict[str, Any] = {
        name: value
        for name, value in (("host", asked.host), ("port", asked.port), ("a_second", asked.rate))
        if value is not None
    }
    options = HttpOptions(
        token_file=asked.token_file,
        allow_hosts=asked.allow_hosts,
        allow_origins=asked.allow_origins,
        public_url=asked.public_url,
        **given,
    )
    options.check()
    opened = replace(_context(context, roots), node=Node(asked.node))
    if asked.token_file is not None:
        if roots:
            raise TutorError(
                "usage",
                "--root opens your folders, and learners by token have theirs alone.",
                "Leave it out.",
            )
        # Consent to run without isolation is about one's own machine, and theirs is another's.
        opened = replace(opened, by_token=True, allow_unisolated=False, roots=())
    whose = f"the learners of {asked.token_file}" if asked.token_file else f"the learner {opened.owner}"
    serve_http(opened, options, lambda url: note(f"Serving {url} for {whose}. Ctrl-C ends it."))


def _context(context: typer.Context, roots: tuple[Path, ...]) -> ServerContext:
    """A server stays: words answer until the vectors are there, and kernels are kept ready."""
    from mcp_server.roots import default_roots
    from mltutor.tools import open_context

    allowed = default_roots((*roots, *settings_of(context).roots), Path.cwd(), Path.home())
    return replace(open_context(context), vectors="background", roots=allowed)
