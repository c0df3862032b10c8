"""Ways to spoil a file: its bytes, its cells, the values in its JSON, its kind of entry. All are drawn from a seed."""

from __future__ import annotations

import copy
import json
import math
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Mutation = Callable[[Path, random.Random], None]

NUMBERS = (0, -1, 3, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**25, 10**400, 0.5, -1e308, 1e-320, math.nan, math.inf)
WORDS = (
    "",
    " ",
    "x",
    "1_000",
    "nan",
    "\uff11\uff12",
    "\ud800",
    "\x00",
    "\x1b[31m",
    "\u202eabc",
    "\U0001f600" * 9,
    "y" * 70_000,
)
NAMES = ("[/red]", "<script>", "$\\frac{$", "=1+1", "../../etc/passwd", "/dev/zero", "{t:>1000000000}")
NESTED = ([], {}, [[]], [[1], [2, 3]], {"": 1}, {"a": {"b": []}}, ["a", 1, None], [1.5] * 1_000)
ODD: tuple[Any, ...] = (None, True, False, *NUMBERS, *WORDS, *NAMES, *NESTED)
"""Values of the wrong kind, size or script."""
MARKS = (
    b"",
    b"\x00",
    b"\n",
    b"\r",
    b'"',
    b",",
    b"\t",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"-",
    b"---\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
)
LARGE = (b"[" * 100_000, b'{"a":' * 5_000, b"9" * 5_000, b"z" * 200_000, b"1e999", b"NaN")
FOREIGN = (
    b"\\ud800",
    b"\xed\xa0\x80",
    b"&a [*a,*a]",
    b"!!python/object:os.system",
    b"PAR1",
    b"\x1f\x8b\x08",
    b"\x80\x04\x95",
)
RAW = (*MARKS, *LARGE, *FOREIGN, "\u202e\U0001f600\xe9".encode())
"""Bytes that mean something to one reader or another."""


def flip(path: Path, chance: random.Random) -> None:
    """Flip up to eight bits."""
    content = bytearray(path.read_bytes() or b"0")
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def overwrite(path: Path, chance: random.Random) -> None:
    """Write a number of up to eight bytes over what is there."""
    content = bytearray(path.read_bytes().ljust(16, b"0"))
    size = chance.choice((1, 4, 8))
    start = chance.choice((0, 4, 8, len(content) - 8, chance.randrange(len(content) - 8)))
    content[start : start + size] = chance.choice((bytes(size), b"\xff" * size, b"\x7f" * size, chance.randbytes(size)))
    path.write_bytes(content)


def truncate(path: Path, chance: random.Random) -> None:
    """Leave out the end, the beginning or a piece from the middle."""
    content = path.read_bytes()
    start, stop = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    path.write_bytes(chance.choice((content[:start], content[start:], content[:start] + content[stop:])))


def insert(path: Path, chance: random.Random) -> None:
    """Put odd bytes somewhere, or instead of everything."""
    content, odd = path.read_bytes(), chance.choice(RAW)
    place = chance.choice((0, len(content), chance.randrange(len(content) + 1)))
    path.write_bytes(chance.choice((content[:place] + odd + content[place:], content[:place] + odd + content[place:], odd)))


def repeat(path: Path, chance: random.Random) -> None:
    """Say a piece of it many times."""
    content = path.read_bytes()
    start = chance.randrange(len(content) + 1)
    piece = content[start : start + chance.choice((1, 10, 100))]
    path.write_bytes(content[:start] + piece * chance.choice((2, 50, 3_000)) + content[start:])


def in_place(path: Path, chance: random.Random) -> None:
    """Something that is no file in its place."""
    path.unlink()
    makes: tuple[Callable[[], object], ...] = (
        *(path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("nowhere"), lambda: path.symlink_to(path.name)),
        *(lambda: path.symlink_to("/dev/zero"), lambda: path.symlink_to(".."), lambda: None),
    )
    chance.choice(makes)()


def cell(path: Path, chance: random.Random) -> None:
    """Another value in a cell of a text of rows."""
    lines = path.read_bytes().split(b"\n")
    mark = b"\t" if path.suffix == ".tsv" else b","
    row = chance.choice((0, chance.randrange(len(lines))))
    cells = lines[row].split(mark)
    value = chance.choice(ODD)
    cells[chance.randrange(len(cells))] = (value if isinstance(value, str) else written(value)).encode(
        "utf-8", "surrogatepass"
    )
    lines[row] = mark.join(cells)
    path.write_bytes(b"\n".join(lines))


def json_value(path: Path, chance: random.Random) -> None:
    """Another value, name or nothing, somewhere in a JSON file or in one of its lines."""
    if path.suffix not in (".json", ".jsonl"):
        return insert(path, chance)
    text = path.read_text()
    lines = path.suffix == ".jsonl"
    value = [json.loads(line) for line in text.splitlines()] if lines else json.loads(text)
    for _ in range(chance.choice((1, 1, 3))):
        value = changed(value, chance)
    try:
        content = "\n".join(map(written, value)) if lines and isinstance(value, list) else written(value)
    except RecursionError:
        content = "[" * 2_000 + "]" * 2_000
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    return None


def changed(value: Any, chance: random.Random) -> Any:
    """`value` with one change at a place that is drawn on the way down."""
    if isinstance(value, dict | list) and value and chance.random() < 0.93:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = chance.choice(keys)
        match chance.randrange(10):
            case 0:
                del value[key]
            case 1 if isinstance(value, dict):
                value[str(chance.choice(ODD))] = value.pop(key)
            case 2:
                value[key] = nested(value[key], chance.choice((2, 70, 900)))
            case _:
                value[key] = changed(value[key], chance)
        return value
    return swapped(value, chance)


def swapped(value: Any, chance: random.Random) -> Any:
    """Another value, or the same as another type."""
    match chance.randrange(6):
        case 0 if isinstance(value, int | float):
            return str(value)
        case 1 if isinstance(value, str):
            return value[: len(value) // 2] + chance.choice(("\x00", "é", "\n", "\ud800", "😀"))
        case 2 if isinstance(value, int | float):
            return chance.choice((-value, value * 10**9, value / 3 if abs(value) < 2**70 else 0))
        case 3:
            return [value]
        case 4:
            return {"value": value}
    return copy.deepcopy(chance.choice(ODD))


def nested(value: Any, depth: int) -> Any:
    """`value` inside that many lists."""
    for _ in range(depth):
        value = [value]
    return value


def written(value: Any) -> str:
    """As JSON, as far as Python goes: NaN and half surrogate pairs, too."""
    return json.dumps(value, ensure_ascii=False)


def restore(pristine: Path, folder: Path) -> None:
    """Make `folder` what `pristine` is."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(pristine, folder)


BYTES: tuple[Mutation, ...] = (flip, flip, overwrite, truncate, insert, insert, repeat)
PLACES: tuple[Mutation, ...] = (in_place,)
