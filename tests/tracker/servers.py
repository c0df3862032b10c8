"""Servers that stand in for W&B on loopback and misbehave: just enough HTTP for a client to begin."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = {
    "id": "bucket",
    "name": "abc-7-1",
    "displayName": "a run",
    "description": None,
    "config": "{}",
    "sweepName": None,
    "project": {"id": "project", "name": "w2s", "entity": {"id": "entity", "name": "someone"}},
    "historyLineCount": 0,
}
VIEWER = {"id": "viewer", "entity": "someone", "username": "someone", "email": "", "flags": "{}", "teams": {"edges": []}}


class Server(BaseHTTPRequestHandler):
    """Answers the beginning of a run and drops every other connection, or keeps all of them waiting."""

    protocol_version = "HTTP/1.1"
    hangs = False
    gone = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.hangs:
            self.gone.wait(120)
        name = json.loads(body).get("operationName") if self.path == "/graphql" else None
        data: dict[str, Any] | None = {
            "Viewer": {"viewer": VIEWER},
            "RunResumeStatus": {
                "model": {"id": "project", "name": "w2s", "entity": {"id": "e", "name": "someone"}, "bucket": None}
            },
            "UpsertBucket": {"upsertBucket": {"bucket": BUCKET, "inserted": True}},
        }.get(name or "")
        if data is None:
            self.close_connection = True
            self.connection.close()
            return
        answer = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def server(*, hangs: bool) -> Iterator[str]:
    """The address of a server that hangs, or that drops the connection once a run has begun."""
    handler = type("Handler", (Server,), {"hangs": hangs, "gone": threading.Event()})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    running.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}"
    finally:
        handler.gone.set()
        running.shutdown()
        running.server_close()
