"""A stand-in for the hub on loopback: lists the files of one data set and serves them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "5" * 40


class Hub(ThreadingHTTPServer):
    """Serves the folder `files` as data set `name`; keeps a list of the files it gave away and of all requests.

    Gated, it lists the files and gives none.
    """

    def __init__(self, name: str, files: Path, *, gated: bool, commit: str = COMMIT) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.files, self.gated, self.commit = name, files, gated, commit
        self.given, self.asked = list[str](), list[str]()

    @property
    def address(self) -> str:
        """What HF_ENDPOINT has to be."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listing(self) -> list[str]:
        """Paths of all files, relative to the repository."""
        return sorted(file.relative_to(self.files).as_posix() for file in self.files.rglob("*") if file.is_file())


class Handler(BaseHTTPRequestHandler):
    """As much of the hub's HTTP interface as a download needs."""

    server: Hub

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        hub, url = self.server, urlsplit(self.path)
        path, api, files = unquote(url.path), f"/api/datasets/{hub.name}", f"/datasets/{hub.name}/resolve/"
        hub.asked.append(path)
        if path == api or path.startswith(f"{api}/revision/"):
            if path.endswith("/nowhere"):
                return self.refuse("RevisionNotFound")
            return self.send_json(self.info(), body=body)
        if path.startswith(f"{api}/tree/"):
            folder = path.removeprefix(f"{api}/tree/").partition("/")[2]
            return self.send_json(self.tree(folder, recursive=parse_qs(url.query).get("recursive") == ["true"]), body=body)
        if path.startswith(files):
            if hub.gated:
                return self.refuse("GatedRepo", status=401)
            name = path.removeprefix(files).split("/", 1)[1]
            if name not in hub.listing():
                return self.refuse("EntryNotFound")
            if body:
                hub.given.append(name)
            return self.send((hub.files / name).read_bytes(), "application/octet-stream", body=body)
        return self.refuse("RepoNotFound")

    def info(self) -> dict[str, Any]:
        siblings = [{"rfilename": name} for name in self.server.listing()]
        plain = {"private": False, "gated": False, "tags": []}
        return plain | {"id": self.server.name, "sha": self.server.commit, "siblings": siblings}

    def tree(self, folder: str, *, recursive: bool) -> list[dict[str, Any]]:
        root = self.server.files / folder
        found = sorted(root.rglob("*") if recursive else root.glob("*"))
        return [
            {"path": entry.relative_to(self.server.files).as_posix(), "oid": "0" * 40}
            | ({"type": "file", "size": entry.stat().st_size} if entry.is_file() else {"type": "directory", "size": 0})
            for entry in found
        ]

    def send_json(self, value: object, *, body: bool) -> None:
        self.send(json.dumps(value).encode(), "application/json", body=body)

    def send(self, content: bytes, kind: str, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", self.server.commit)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.end_headers()
        if body:
            self.wfile.write(content)

    def refuse(self, reason: str, *, status: int = 404) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", reason)
        self.send_header("X-Repo-Commit", self.server.commit)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(name: str, files: Path, *, gated: bool = False, commit: str = COMMIT) -> Iterator[Hub]:
    """The hub, for as long as the block lasts."""
    with Hub(name, files, gated=gated, commit=commit) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
