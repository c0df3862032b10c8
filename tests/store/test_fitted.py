"""Fitted values on disk: what goes in comes out bit for bit, and whatever else lies there is refused in one line."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from w2s.detector.rows import LinearMap
from w2s.errors import StoreError
from w2s.identity import identity
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import BoolArray, FloatArray, Region

OWN = ("tests",)
"""This module's classes may be built."""


class Colour(Enum):
    RED = "r"
    BLUE = "b"


@dataclass(frozen=True)
class Pair:
    first: Any
    second: Any


@dataclass(frozen=True, kw_only=True)
class Typed:
    weights: FloatArray = field(default_factory=lambda: np.ones(2))
    hard: BoolArray | None = None
    kind: Literal["max", "mean"] = "max"
    parts: tuple[FloatArray, ...] = ()
    tau: float = 0.5


@identity(runtime=("device",))
@dataclass(frozen=True)
class Placed:
    weights: FloatArray
    device: str = "auto"


NUMBERS = st.sampled_from(["bool", "int8", "int64", "uint8", "uint64", "float16", "float32", "float64"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
ARRAYS = st.one_of(
    NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)),
    NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)).map(lambda array: array.T),
    NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)).map(lambda array: array[..., ::2] if array.ndim else array),
    arrays.arrays("<U5", SHAPES),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from([*Region, *Colour]),
    st.just(np.float32(2)),
)
VALUES = st.recursive(
    st.one_of(SCALARS, ARRAYS),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(tuple), st.builds(Pair, parts, parts), st.dictionaries(st.text(), parts, max_size=3)
    ),
    max_leaves=12,
)


def bits(value: Any) -> Any:
    """All that there is to know of a value, NaNs and the order in memory included."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "U":
            return ("text", value.shape, value.tolist())
        order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
        return (value.dtype.str, value.shape, order, value.tobytes())
    if isinstance(value, tuple):
        return tuple(map(bits, value))
    if isinstance(value, dict):
        return [(key, bits(part)) for key, part in value.items()]
    if isinstance(value, Pair):
        return (Pair, bits(value.first), bits(value.second))
    return (type(value), repr(value))


def reseal(path: Path, text: str) -> None:
    """Write `text` as someone would who knows how checksums are made; its own checksum is zeros."""
    path.write_text(text.replace("0" * 64, hashlib.sha256(text.encode()).hexdigest(), 1))


def rewrite(path: Path, change: dict[str, Any]) -> None:
    """Change what a JSON file holds."""
    reseal(path, json.dumps(json.loads(path.read_text()) | {"sha256": "0" * 64} | change, indent=1))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(VALUES)
def test_any_value_comes_back_as_it_was(tmp_path: Path, value: Any) -> None:
    save_fitted(tmp_path, "value", value)
    assert bits(load_fitted(tmp_path, "value", OWN)) == bits(value)


def test_every_flipped_or_missing_byte_of_either_file_is_detected(tmp_path: Path) -> None:
    value = Pair(np.arange(3.0), (Region.HARD, float("nan"), "text"))
    for file in save_fitted(tmp_path, "value", value):
        content = file.read_bytes()
        changed = [bytes([*content[:i], content[i] ^ 1 << i % 8, *content[i + 1 :]]) for i in range(len(content))]
        for damaged in [*changed, *(content[:i] for i in range(len(content))), content + b" "]:
            file.write_bytes(damaged)
            with pytest.raises(StoreError, match=r"value\.json cannot be used: .*\nRepeat the run"):
                load_fitted(tmp_path, "value", OWN)
        file.write_bytes(content)
    assert bits(load_fitted(tmp_path, "value", OWN)) == bits(value)


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_a_missing_file_a_folder_and_a_pipe_are_refused_by_name(tmp_path: Path, suffix: str) -> None:
    save_fitted(tmp_path, "value", 1.0)
    path = tmp_path / f"value.{suffix}"
    for make in (lambda: None, path.mkdir, lambda: os.mkfifo(path)):
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        make()
        with pytest.raises(StoreError, match=rf"value\.{suffix} (cannot be used|holds no numbered arrays): "):
            load_fitted(tmp_path, "value")


def test_arrays_of_another_value_under_the_same_name_are_noticed(tmp_path: Path) -> None:
    structure = save_fitted(tmp_path, "value", np.zeros(3))[1]
    old = structure.read_bytes()
    save_fitted(tmp_path, "value", np.ones(3))
    structure.write_bytes(old)  # as after a kill between the two files
    with pytest.raises(StoreError, match="belongs to another one"):
        load_fitted(tmp_path, "value")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"sha256": 1}', b"\xff\x00", b"[" * 100_000])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    save_fitted(tmp_path, "value", 1.0)
    (tmp_path / "value.json").write_bytes(content)
    with pytest.raises(StoreError, match="no fitted value of this package"):
        load_fitted(tmp_path, "value")


ROWS = "w2s.detector.rows"


def a(path: str, **fields: Any) -> dict[str, Any]:
    """The JSON of an object of a class."""
    return {"value": {"class": path, "fields": fields}}


def linear_map(part: Any) -> dict[str, Any]:
    return a(f"{ROWS}.LinearMap", centre=part, scale=part, weights=part, mean=part)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2, and this version of the package reads format 1"),
        (a("os.system"), r"os\.system lies outside the packages w2s"),
        (a("w2sx.Evil"), "lies outside"),
        (a("tests.store.test_fitted.Pair"), r"lies outside the packages w2s \(see allow_targets"),
        (a(f"{ROWS}.Nothing"), r"there is no w2s\.detector\.rows\.Nothing"),
        (a("w2s.nowhere.Nothing"), r"there is no w2s\.nowhere\.Nothing"),
        (a(f"{ROWS}.np"), "no class that is defined there"),
        (a(f"{ROWS}.row_uniform"), "no class that is defined there"),
        (a(f"{ROWS}.Evidence"), "no class that is defined there"),
        (a("w2s.results.recorder.Recorder"), "no frozen dataclass"),
        (a("w2s.detector.online.OnlineMaxSimilarity"), "no frozen dataclass"),
        (a(f"{ROWS}.LinearMap", centre=1), r"other fields .*\(mean, scale, weights\)"),
        (linear_map(1), r"LinearMap\.centre is no int"),
        (linear_map({"array": 0, "order": "C"}), r"LinearMap\.centre is no ndarray of int64"),
        (a("w2s.detector.threshold.Quantile", below=2.0), r"Quantile refuses its fields \(below=2\.0"),
        ({"value": {"enum": "w2s.types.Region", "name": "NORTH"}}, "NORTH is no member"),
        ({"value": {"enum": f"{ROWS}.LinearMap", "name": "centre"}}, "is no member"),
        ({"value": {"array": 7, "order": "C"}}, "stands for no value"),
        ({"value": {"scalar": 0}}, "stands for no value"),
        ({"value": {"strings": ["a"], "shape": [-1, -1]}}, "stands for no value"),
        ({"value": {"pickle": "gASV"}}, "stands for no value"),
        ({"arrays": "0" * 64}, "damaged, or belongs to another one"),
    ],
)
def test_what_can_only_be_forged_or_of_another_version_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    rewrite(save_fitted(tmp_path, "value", np.arange(3))[1], change)
    with pytest.raises(StoreError, match=message) as caught:
        load_fitted(tmp_path, "value")
    assert str(caught.value).count("\n") <= 1


def test_endless_nesting_is_refused(tmp_path: Path) -> None:
    path = save_fitted(tmp_path, "value", 1.0)[1]
    rewrite(path, {"value": "here"})
    seal = json.loads(path.read_text())["sha256"]
    reseal(path, path.read_text().replace(seal, "0" * 64).replace('"here"', "[" * 5_000 + "]" * 5_000))
    with pytest.raises(StoreError, match="nested too deeply"):
        load_fitted(tmp_path, "value")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda x: x, "value is a function"),
        (Pair(1, {"a": object()}), r"value\.second\['a'\] is a object"),
        (Pair(1, {2: 3}), r"value\.second is a mapping with keys that are no strings"),
        ((np.array([1 + 2j]),), r"value\[0\] holds numbers of type complex128"),
        (Typed(weights=np.arange(3)), r"value\.weights is no .*floating.* but a ndarray"),
        (Typed(kind="median"), r"value\.kind is no .*Literal"),
        (Typed(parts=(np.ones(1, dtype=bool),)), r"value\.parts is no"),
        (Typed(hard=np.ones(1)), r"value\.hard is no"),
        (Typed(tau="high"), r"value\.tau is no .*float.* but a str"),
    ],
)
def test_what_is_no_data_is_refused_when_it_is_written_and_leaves_nothing(tmp_path: Path, value: Any, message: str) -> None:
    with pytest.raises(StoreError, match=f"cannot be saved .*{message}"):
        save_fitted(tmp_path / "fitted", "thing", value)
    assert not (tmp_path / "fitted").exists()


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"thing cannot be saved in .*file"):
        save_fitted(tmp_path / "file", "thing", 1.0)


def test_settings_of_speed_and_place_are_not_saved(tmp_path: Path) -> None:
    save_fitted(tmp_path, "value", Placed(np.ones(2), device="cuda:3"))
    assert load_fitted(tmp_path, "value", OWN).device == "auto"
    assert "cuda" not in (tmp_path / "value.json").read_text()


def test_the_same_value_gives_the_same_bytes_and_no_other_files(tmp_path: Path) -> None:
    value = LinearMap(np.ones(2), np.ones(2), np.eye(2), np.zeros(2))
    first = [file.read_bytes() for file in save_fitted(tmp_path, "value", value)]
    assert [file.read_bytes() for file in save_fitted(tmp_path, "value", value)] == first
    modes = {file.name: file.stat().st_mode for file in sorted(tmp_path.iterdir())}
    assert list(modes) == ["value.json", "value.safetensors"]
    assert len(set(modes.values())) == 1
