"""A server on this computer that speaks the interface of OpenAI and always says the same."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "parrot"
USAGE = {"prompt_tokens": 70, "completion_tokens": 7}


@contextlib.contextmanager
def serving(reply: str) -> Iterator[str]:
    """Serve for as long as the context lasts; the address of the interface, for ``--model``.

    Args:
        reply: What the model says, whatever it is asked.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(reply))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(reply: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("application/json", json.dumps({"object": "list", "data": [{"id": MODEL}]}))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._answer("text/event-stream", "".join(_stream(reply)))

        def _answer(self, kind: str, body: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    return Handler


def _stream(reply: str) -> Iterator[str]:
    half = len(reply) // 2
    pieces: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": reply[:half]}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": reply[half:]}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ]
    for piece in pieces:
        yield f"data: {json.dumps(piece)}\n\n"
    yield "data: [DONE]\n\n"
