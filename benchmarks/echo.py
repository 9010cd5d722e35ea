"""The peer of `benchmarks.calls`: a server of the same SDK whose one tool gives back what it got.

python -m benchmarks.echo stdio
python -m benchmarks.echo http      tells its address on stderr
"""

from __future__ import annotations

import socket
import sys

from mcp.server import MCPServer
from pydantic import BaseModel


class Echo(BaseModel):
    text: str


def echo_server() -> MCPServer[object]:
    server: MCPServer[object] = MCPServer("echo", log_level="WARNING")

    @server.tool()
    def echo(text: str) -> Echo:
        """Give the text back."""
        return Echo(text=text)

    return server


def main() -> None:
    if sys.argv[1:] == ["stdio"]:
        echo_server().run("stdio")
        return
    # Imported late: stdio needs no HTTP server.
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    print(f"Serving http://127.0.0.1:{listening.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
    app = echo_server().streamable_http_app()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
