"""A stand-in for the hub on loopback, speaking just enough HTTP for one checkpoint folder."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c0ffee" + "0" * 34


@contextmanager
def hub(folder: Path, *, gated: bool = False, hangs: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Serve `folder` as `someone/model`; yields the address and the list of requests."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            if hangs:
                time.sleep(30)
            self.answer(*reply(self.path.split("?")[0], folder, gated=gated))

        def answer(self, content: bytes, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()


def reply(path: str, folder: Path, *, gated: bool) -> tuple[bytes, int, dict[str, str]]:
    """Content, status and headers for a request."""
    files = sorted(folder.iterdir())
    if gated and ("auth-check" in path or "/resolve/" in path):
        return b"{}", 403, {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"}
    if path.startswith(f"/someone/model/resolve/{COMMIT}/"):
        content = (folder / path.rsplit("/", 1)[1]).read_bytes()
        return content, 200, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
    if path.startswith("/api/models/someone/model/tree/"):
        return json.dumps([tree_entry(file) for file in files]).encode(), 200, {}
    if path.startswith("/api/models/someone/model"):
        siblings = [{"rfilename": file.name} for file in files]
        about = {"id": "someone/model", "sha": COMMIT, "gated": "auto" if gated else False, "siblings": siblings}
        return json.dumps(about).encode(), 200, {}
    return b"{}", 404, {"X-Error-Code": "RepoNotFound"}


def tree_entry(file: Path) -> dict[str, object]:
    content = file.read_bytes()
    return {"type": "file", "path": file.name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
