"""Model servers on this machine: found by their answer, and nothing else is waited for."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tutor.speaker.discovery import find_endpoints


@contextmanager
def listing(status: int, body: bytes) -> Iterator[int]:
    class Models(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/v1/models" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_server_is_named_with_its_models_and_a_command() -> None:
    rows = [{"id": "qwen3:8b", "owned_by": "library"}, {"id": "a b", "owned_by": "library"}]
    with listing(200, json.dumps({"object": "list", "data": rows}).encode()) as port:
        (found,) = find_endpoints([(port, "vLLM")], 20)
    assert found.server == "Ollama" and found.models == ("qwen3:8b", "a b")
    assert found.choose[1].endswith("mltutor config model 'a b'") and f":{port}/v1" in found.choose[0]


def test_a_server_that_wants_a_key_is_told_as_such() -> None:
    with listing(401, b"no") as port:
        (found,) = find_endpoints([(port, "vLLM")], 20)
    assert found.needs_key and found.models == ()


def test_other_programs_on_the_port_are_no_models() -> None:
    with listing(200, b"<html>hello</html>") as page, listing(200, b'{"data": "x"}') as other:
        assert find_endpoints([(page, "a"), (other, "b")], 20) == []


def test_a_port_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert find_endpoints([(port, "silent")], 0.1) == []
    assert find_endpoints([(port, "closed")], 20) == []
