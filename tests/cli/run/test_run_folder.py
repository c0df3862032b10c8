"""Where a run writes: a folder that cannot be written is refused before the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.configured import check_command
from w2s.errors import ConfigError

CHEAP = ["study=transfer", "tracker=none"]


@pytest.mark.parametrize(("setting", "multirun"), [("hydra.run.dir", False), ("hydra.sweep.dir", True)])
def test_a_folder_below_a_file_is_refused_by_its_setting(tmp_path: Path, setting: str, *, multirun: bool) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match=f"^{setting}={file}/below/it: {file} is a file"):
        check_command([*CHEAP, f"{setting}={file}/below/it"], multirun=multirun)
    check_command([*CHEAP, f"{setting}={tmp_path}/new/folder"], multirun=multirun)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"hydra\.run\.dir is empty"):
        check_command([*CHEAP, "hydra.run.dir="])


def test_the_folder_of_another_kind_of_run_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_command([*CHEAP, f"hydra.sweep.dir={tmp_path}/file"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_one_may_not_write_in_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="nothing can be written"):
        check_command([*CHEAP, f"hydra.run.dir={tmp_path}/x"])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no such file system here")
def test_a_file_system_that_takes_no_files_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing can be written in /proc"):
        check_command([*CHEAP, "hydra.run.dir=/proc/x"])


def test_a_name_that_only_the_job_knows_is_left_to_it() -> None:
    check_command([*CHEAP, "hydra.sweep.dir='${hydra.job.num}'"], multirun=True)


def test_a_store_below_a_file_is_refused_even_where_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Exception, match=r"^store\.root=.*: .*/file is a file; the store is a folder"):
        check_command([*CHEAP, f"store.root={tmp_path}/file/x"])
