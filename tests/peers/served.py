"""`mltutor mcp --transport http` with the conformance suite's fixtures on the server's own object.

    python tests/peers/served.py HOME

Tells its address on a line of stderr when it listens, as the command does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fixtures import register_fixtures
from mcp.server import MCPServer

from mcp_server import http
from mcp_server.context import ServerContext

_built = http.build_server


def build_with_fixtures(*arguments: Any) -> MCPServer[Any]:
    server = _built(*arguments)
    register_fixtures(server)
    return server


def main() -> None:
    http.build_server = build_with_fixtures
    context = ServerContext(Path(sys.argv[1]), embedder_setting="none", vectors="off")
    http.serve_http(context, http.HttpOptions(port=0), lambda url: print(f"Serving {url}", file=sys.stderr))


if __name__ == "__main__":
    main()
