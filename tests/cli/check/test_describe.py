"""Parts of a run in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pictures import picture_folder
from w2s.cli.check.describe import described, free_near, size_text
from w2s.dataset.images import Images
from w2s.model.checkpoint.config_json import width_of


def test_the_free_space_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert free_near(tmp_path / "a" / "b") == pytest.approx(free_near(tmp_path), rel=0.1)


@pytest.mark.parametrize(("size", "text"), [(0, "0.0 MB"), (1_250_000, "1.2 MB"), (2_340_000_000, "2.3 GB")])
def test_sizes_are_in_megabytes_or_gigabytes(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize("name", ["hidden_size", "n_embd", "d_model"])
def test_the_width_of_a_network_is_found_by_whichever_name_it_has(name: str) -> None:
    assert width_of({name: 768}) == 768
    assert not width_of({})


def test_a_folder_of_pictures_is_told_by_the_number_of_its_files(tmp_path: Path) -> None:
    text, size = described(Images(path=str(picture_folder(tmp_path, 30))))
    assert text.startswith(f"{tmp_path}: 30 files, ")
    assert size == 0
