import os
from collections.abc import Callable
from pathlib import Path

import pytest

from w2s.errors import StoreError
from w2s.store import Store
from w2s.store.store import read_key, write_key

KEY = {"checkpoint": {"sha256": "0" * 64}, "pooling": "last"}


def refusal(root: str) -> str:
    with pytest.raises(StoreError) as raised:
        Store(root).check()
    message = str(raised.value)
    assert "\n" not in message
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ("/dev/null", "/dev/null is a device"),
        ("/dev/null/store", "/dev/null is a device"),
        ("~nobody-of-this-name", "not known"),
        ("/" + "a" * 300, "File name too long"),
        ("/a\0b", "null byte"),
        ("/a\ud800", "surrogates not allowed"),
    ],
)
def test_a_root_that_can_be_no_folder_is_refused_in_one_line(root: str, reason: str) -> None:
    assert reason in refusal(root)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert "leads nowhere" in refusal(str(tmp_path / "link"))
    assert "leads nowhere" in refusal(str(tmp_path / "link" / "store"))
    (tmp_path / "round").symlink_to("round")
    assert "symbolic links" in refusal(str(tmp_path / "round"))


@pytest.mark.parametrize(
    "put", [Path.touch, os.mkfifo, lambda path: path.symlink_to("nowhere")], ids=["file", "pipe", "link"]
)
@pytest.mark.parametrize("place", ["vectors", "checkpoints", "fingerprints"])
def test_something_else_in_the_place_of_its_folders_is_refused(
    tmp_path: Path, place: str, put: Callable[[Path], None]
) -> None:
    put(tmp_path / place)
    assert place in refusal(str(tmp_path))


def test_a_root_that_is_a_folder_a_link_to_one_or_nothing_yet_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    for root in (tmp_path, tmp_path / "link", tmp_path / "not" / "yet"):
        Store(str(root)).check()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"pooling": "mean"}', '{"pooling": "\\ud800"}', "[" * 10**5, "7" * 5000]
)
def test_a_damaged_key_is_written_again(tmp_path: Path, content: str) -> None:
    store = Store(str(tmp_path))
    write_key(store.embeddings_folder(KEY), KEY)
    folder = store.embeddings_folder(KEY)
    assert read_key(folder) == KEY
    (folder / "key.json").write_text(content)
    assert read_key(folder) is None
    write_key(store.embeddings_folder(KEY), KEY)
    assert read_key(folder) == KEY
