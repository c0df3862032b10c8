import hashlib
from pathlib import Path

import pytest

from w2s.identity import Identity, content_hash, digest, identity, identity_of


@identity(version=3, runtime=("device",), content=("path",))
class Marked:
    pass


class Plain:
    pass


def test_a_decorated_choice_says_what_changes_its_results() -> None:
    assert identity_of(Marked) == Identity(3, frozenset({"device"}), frozenset({"path"}))
    assert identity_of(Plain) == Identity(1, frozenset(), frozenset())


def test_a_function_can_be_decorated_too() -> None:
    @identity(version=2)
    def choice() -> int:
        return 7

    assert choice() == 7
    assert identity_of(choice).version == 2


def test_the_digest_is_the_sha256_of_the_canonical_json() -> None:
    assert digest({"b": 1, "a": [None, True]}) == hashlib.sha256(b'{"a":[null,true],"b":1}').hexdigest()


def test_the_digest_depends_on_values_and_not_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("\udcff") != digest("?")  # a byte of a file name that is no UTF-8


def test_the_content_of_a_file_does_not_know_its_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"weights")
    (tmp_path / "b").write_bytes(b"weights")
    (tmp_path / "c").write_bytes(b"weighty")
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b") == hashlib.sha256(b"weights").hexdigest()
    assert content_hash(tmp_path / "a") != content_hash(tmp_path / "c")


def folder(place: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def test_the_content_of_a_folder_is_its_names_and_bytes_wherever_it_lies(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", {"a/x": "1", "y": "2"})
    assert content_hash(one) == content_hash(folder(tmp_path / "two", {"y": "2", "a/x": "1"}))
    assert content_hash(one) != content_hash(folder(tmp_path / "three", {"a/x": "1", "y": "3"}))
    assert content_hash(one) != content_hash(folder(tmp_path / "four", {"a/z": "1", "y": "2"}))
    assert content_hash(one) != content_hash(folder(tmp_path / "five", {"a/x": "1"}))


def test_hidden_files_do_not_count_even_where_the_folder_itself_is_hidden(tmp_path: Path) -> None:
    plain = folder(tmp_path / "plain", {"x": "1"})
    hidden = folder(tmp_path / ".cache" / "plain", {"x": "1", ".lock": "7", ".git/head": "8"})
    assert content_hash(plain) == content_hash(hidden)


def test_what_is_not_there_has_no_content(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content_hash(tmp_path / "missing")
