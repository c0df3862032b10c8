"""A stand-in for the hub on loopback: lists the files of one data set and serves them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "5" * 40


class Hub(ThreadingHTTPServer):
    """Serves the folder `files` as data set `name`; counts the files it gave away. Gated, it lists them and gives none."""

    def __init__(self, name: str, files: Path, *, gated: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.files, self.gated, self.given = name, files, gated, list[str]()

    @property
    def address(self) -> str:
        """What HF_ENDPOINT has to be."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """As much of the hub's HTTP interface as a download needs."""

    server: Hub

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        names = sorted(
            file.relative_to(self.server.files).as_posix() for file in self.server.files.rglob("*") if file.is_file()
        )
        api, files = f"/api/datasets/{self.server.name}", f"/datasets/{self.server.name}/resolve/"
        if path == api or path.startswith(f"{api}/revision/"):
            if path.endswith("/nowhere"):
                return self.refuse("RevisionNotFound")
            siblings = [{"rfilename": name} for name in names]
            found = {
                "id": self.server.name,
                "sha": COMMIT,
                "siblings": siblings,
                "private": False,
                "gated": False,
                "tags": [],
            }
            return self.send(json.dumps(found).encode(), "application/json", body=body)
        if path.startswith(f"{api}/tree/"):
            sizes = [
                {"type": "file", "path": n, "size": (self.server.files / n).stat().st_size, "oid": "0" * 40} for n in names
            ]
            return self.send(json.dumps(sizes).encode(), "application/json", body=body)
        if path.startswith(files):
            if self.server.gated:
                return self.refuse("GatedRepo", status=401)
            name = path.removeprefix(files).split("/", 1)[1]
            if name in names:
                if body:
                    self.server.given.append(name)
                return self.send((self.server.files / name).read_bytes(), "application/octet-stream", body=body)
        return self.refuse("RepoNotFound")

    def send(self, content: bytes, kind: str, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.end_headers()
        if body:
            self.wfile.write(content)

    def refuse(self, reason: str, *, status: int = 404) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", reason)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(name: str, files: Path, *, gated: bool = False) -> Iterator[Hub]:
    """The hub, for as long as the block lasts."""
    with Hub(name, files, gated=gated) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
