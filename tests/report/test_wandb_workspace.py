"""The workspace and report on W&B, sent to a stand-in of its server that writes the calls down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.report.runs import add_metrics, write_run

pytestmark = pytest.mark.slow

VIEWER = {"id": "v", "entity": "someone", "username": "someone", "email": "", "flags": "{}", "teams": {"edges": []}}
BEGAN = {"createdAt": "2026-01-01T00:00:00", "updatedAt": "2026-01-01T00:00:00"}
PROJECT = {
    "id": "p",
    "internalId": "UHJvamVjdDox",
    "name": "w2s",
    "entityName": "someone",
    "isBenchmark": False,
    "user": None,
    **BEGAN,
}
PROJECTS = {"edges": [{"node": PROJECT, "cursor": "c"}], "pageInfo": {"endCursor": None, "hasNextPage": False}}


class StandIn(BaseHTTPRequestHandler):
    """Answers what the two are made with, and keeps what they are made of."""

    protocol_version = "HTTP/1.1"
    views: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = json.loads(body) if self.path == "/graphql" else {}
        answer = json.dumps({"data": self.answered(asked.get("query", ""), asked.get("variables", {}))}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST

    def answered(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "upsertView" in query:
            self.views.append(variables)
            user = {"name": "s", "username": "someone", "userInfo": {}}
            known = {"id": "Vmlldzox", "name": "nw-abc-v", "description": "", "locked": False, "viewCount": 0, **BEGAN}
            given = {key: variables[key] for key in ("displayName", "type", "spec")}
            view = {**known, **given, "user": user, "project": PROJECT, "entityName": "someone"}
            return {"upsertView": {"view": view, "inserted": True}}
        if "models" in query or "projects" in query.lower().replace("projectname", ""):
            return {"models": PROJECTS, "project": PROJECT}
        return {"viewer": VIEWER, "project": PROJECT}

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stand_in() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and the views that it was given."""
    views: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (StandIn,), {"views": views}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", views
    server.shutdown()
    server.server_close()


def published(folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    own = {"WANDB_BASE_URL": address, "WANDB_API_KEY": "a" * 40, "WANDB_ENTITY": "someone", "WANDB_ERROR_REPORTING": "false"}
    command = [sys.executable, "-m", "w2s.report", str(folder), "--format", "csv", "--wandb"]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False, timeout=120)


def test_settings_are_grouped_and_every_panel_is_sent(tmp_path: Path, stand_in: tuple[str, list[dict[str, Any]]]) -> None:
    pytest.importorskip("wandb_workspaces")
    address, views = stand_in
    for k in range(4):
        write_run(tmp_path / f"{k}", seed=k // 2, signature=f"{k % 2}" * 12, setting=f"digits {'ab'[k % 2]}")
        add_metrics(tmp_path / f"{k}", {"mixing/gain": k / 100, "mixing/1.0": 0.8, "selection/gain": 0.01})
    done = published(tmp_path, address)
    assert done.returncode == 0, done.stderr
    workspace, report = (json.loads(view["spec"]) for view in views)
    assert [view["type"] for view in views] == ["project-view", "runs"]
    runs = workspace["section"]["runSets"][0]
    assert [key["name"] for key in runs["grouping"]] == ["group"]
    assert f"digits a {'0' * 12}" in json.dumps(runs["filters"])
    names = [section["name"] for section in workspace["section"]["panelBankConfig"]["sections"]]
    assert names == ["Findings", "Gains over controls", "Curves", "Tables"]
    for words in ("mixing/share", "mixing/accuracy", "selection/round", "selection/random_accuracy", "mixing/gain"):
        assert words in views[0]["spec"]
        assert words in views[1]["spec"]
    assert "The student gained" in json.dumps(report)


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("wandb_workspaces")
    write_run(tmp_path / "run")
    done = published(tmp_path, "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "W&B did not take the workspace" in done.stderr
