"""The product's server over HTTP on loopback; with the conformance suite's fixtures on the same object.

    python tests/peers/served.py HOME [--fixtures]

Prints its address on a line when it listens.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from fixtures import register_fixtures

from mcp_server.context import ServerContext
from mcp_server.server import build_server


def main() -> None:
    context = ServerContext(Path(sys.argv[1]), embedder_setting="none", vectors="off")
    server = build_server(context)
    if "--fixtures" in sys.argv:
        register_fixtures(server)
    listening = socket.create_server(("127.0.0.1", 0))
    app = server.streamable_http_app()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)
    try:
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
    finally:
        context.close()


if __name__ == "__main__":
    main()
