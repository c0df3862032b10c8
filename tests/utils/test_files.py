import json
import math
from pathlib import Path

import pytest

from w2s.utils.files import atomic_write, write_json, write_text


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "old")
    with pytest.raises(ZeroDivisionError), atomic_write(file) as partial:
        raise ZeroDivisionError(partial.write_text("new", encoding="utf-8"))
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_file_is_there_until_the_block_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "old")
    with atomic_write(file) as partial:
        partial.write_text("new", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == "old"
    assert file.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a") as first, atomic_write(tmp_path / "a") as second:
        assert first != second
        first.touch()
        second.touch()


def test_a_value_that_json_cannot_hold_leaves_the_old_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_json(file, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(file, {"a": math.nan})
    assert json.loads(file.read_text(encoding="utf-8")) == {"a": 1}
