"""Watching a sweep from another shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.runs import write_run
from w2s.report.watch import last_line, watch
from w2s.results.progress import write_plan


def test_each_change_is_a_line_until_the_last_job_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [tmp_path / "full" / f"job{k}" for k in range(2)]
    (tmp_path / "full").mkdir()
    write_plan(tmp_path / "full", jobs)
    left = iter(jobs)
    watch(tmp_path, sleep=lambda _: write_run(next(left)))
    said = capsys.readouterr().out.splitlines()[1:]
    assert [line.split(",")[0] for line in said] == ["0 of 2 finished", "1 of 2 finished", "2 of 2 finished"]


def test_a_running_job_shows_what_it_said_last(tmp_path: Path) -> None:
    (tmp_path / "main.log").write_text("#3 [2026][w2s][INFO] - data took 1 s\n#3 [2026][w2s][INFO] - detection took 2 s\n")
    assert last_line(tmp_path) == "detection took 2 s"
