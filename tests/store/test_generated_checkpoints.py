import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from w2s.errors import StoreError
from w2s.store import Store
from w2s.store.generated_checkpoints import checksums_of, damage_of, generated_folder

FILES = {"weights": b"0123456789", "settings": b"{}"}


def make(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).write_bytes(content)


def whole(folder: Path) -> bool:
    return {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


@pytest.fixture
def folder(store: Store) -> Path:
    return generated_folder(store, "small", make)


def test_a_sound_folder_is_made_once(store: Store, folder: Path) -> None:
    assert whole(folder)
    assert generated_folder(store, "small", lambda _: pytest.fail("made again")) == folder


def flip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def turn_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def turn_into_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def turn_into_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: list[Callable[[Path], None]] = [
    flip,
    Path.unlink,
    turn_into_folder,
    turn_into_link,
    turn_into_pipe,
    lambda path: path.write_bytes(b""),
    lambda path: path.with_name("added").touch(),
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_folder_is_made_again(store: Store, folder: Path, damage: Callable[[Path], None], name: str) -> None:
    damage(folder / name)
    assert damage_of(folder) is not None
    assert whole(generated_folder(store, "small", make))
    assert damage_of(folder) is None


@pytest.mark.parametrize("damage", [flip, Path.unlink, turn_into_folder, turn_into_pipe])
def test_a_folder_without_sound_checksums_is_made_again(store: Store, folder: Path, damage: Callable[[Path], None]) -> None:
    damage(checksums_of(folder))
    assert damage_of(folder) is not None
    assert whole(generated_folder(store, "small", make))
    assert damage_of(folder) is None


def test_a_file_or_a_link_in_the_place_of_the_folder_gives_way(store: Store, folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("a file")
    assert whole(generated_folder(store, "small", make))
    folder.rename(tmp_path / "moved")
    folder.symlink_to("nowhere")
    assert whole(generated_folder(store, "small", make))


def test_another_sound_folder_under_this_name_is_damaged(store: Store, folder: Path) -> None:
    other = generated_folder(store, "other", lambda made: (made / "weights").write_bytes(b"else") and None)
    shutil.rmtree(folder)
    other.rename(folder)
    checksums_of(other).rename(checksums_of(folder))
    assert damage_of(folder) is not None
    assert whole(generated_folder(store, "small", make))


def test_what_a_killed_maker_left_goes_away(store: Store) -> None:
    script = f"""
import os, signal
from w2s.store import Store
from w2s.store.generated_checkpoints import generated_folder
def make(folder):
    (folder / "weights").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
generated_folder(Store({str(store.folder)!r}), "small", make)
"""
    subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).resolve().parents[2])
    assert len(list(store.checkpoints.glob(".partial-*"))) == 1
    assert whole(generated_folder(store, "small", make))
    assert not list(store.checkpoints.glob(".partial-*"))


def test_a_maker_that_fails_is_one_clear_error_and_leaves_nothing(store: Store) -> None:
    def fails(folder: Path) -> None:
        raise RuntimeError("No space left on device\n(os error 28)")

    with pytest.raises(StoreError, match="No space left") as raised:
        generated_folder(store, "small", fails)
    assert str(raised.value).count("\n") == 1
    assert [path.name for path in store.checkpoints.iterdir()] == [".lock"]
