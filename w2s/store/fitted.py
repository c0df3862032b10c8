"""Fitted things on disk: `<name>.safetensors` holds the arrays, `<name>.json` what they belong to and the checksums.

The structure is that of `w2s.store.dataclass_json`: dataclasses of named packages alone, so no file runs code of its own.
In the JSON, `arrays` is the SHA-256 of the safetensors file and `sha256` that of the JSON itself with zeros in this place.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from w2s.errors import StoreError
from w2s.store.dataclass_json import Array, StructureError, flatten, rebuild
from w2s.utils.files import JSON_BYTES, atomic_write, file_checksum, open_regular, write_text
from w2s.utils.reading import reading, reason
from w2s.utils.sealing import ZEROS, is_whole, sealed

FORMAT = 1
"""Raised when a reader of the older format would misread the newer one."""
PACKAGE = "w2s"


def save_fitted(folder: Path, name: str, value: Any) -> tuple[Path, Path]:
    """Write a fitted value; each of the two files is there as a whole or not at all, and the JSON comes last.

    Args:
        folder: made where it is not there.
        name: of the files, without their suffixes.
        value: frozen dataclasses of arrays, numbers, texts, tuples and such dataclasses.

    Returns:
        The files: arrays, then structure.

    Raises:
        StoreError: something in `value` is no such data, or the folder cannot be written.
    """
    arrays: list[Array] = []
    arrays_path, structure_path = paths_of(folder, name)
    try:
        node = flatten(value, arrays)
        folder.mkdir(parents=True, exist_ok=True)
        checksum = write_arrays(arrays_path, arrays)
        content = {"sha256": ZEROS, "format": FORMAT, "arrays": checksum, "value": node}
        text = json.dumps(content, indent=1, allow_nan=False)
        write_text(structure_path, sealed(text))
    except (StructureError, OSError, RecursionError) as error:
        raise StoreError(f"{name} cannot be saved in {folder}: {reason(error)}.") from error
    return arrays_path, structure_path


def load_fitted(folder: Path, name: str, allowed: Sequence[str] = ()) -> Any:
    """The value that `save_fitted` wrote.

    Args:
        folder: where its files lie.
        name: of the files, without their suffixes.
        allowed: packages beside this one whose dataclasses may be built, as in `allow_targets`.

    Raises:
        StoreError: a file is missing, damaged, foreign or newer, or names what may not be built.
    """
    arrays_path, structure_path = paths_of(folder, name)
    with reading(f"{structure_path} cannot be used", StoreError, "Repeat the run that wrote it, or name another one."):
        content = read_structure(structure_path)
        arrays = read_arrays(arrays_path, content["arrays"])
        return rebuild(content["value"], arrays, (PACKAGE, *allowed))


def paths_of(folder: Path, name: str) -> tuple[Path, Path]:
    """The files of arrays and of structure."""
    return folder / f"{name}.safetensors", folder / f"{name}.json"


def write_arrays(path: Path, arrays: Sequence[Array]) -> str:
    """Write contiguous arrays, named by their number; returns the file's SHA-256."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    with atomic_write(path) as partial:
        partial.touch()
        mode = partial.stat().st_mode
        try:
            save_file({str(i): array for i, array in enumerate(arrays)}, partial)
        except SafetensorError as error:  # among others a full disk
            raise OSError(str(error)) from error
        partial.chmod(mode)  # the library makes files that their owner alone can read
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
            return hashlib.file_digest(stream, "sha256").hexdigest()


def read_arrays(path: Path, checksum: str) -> list[Array]:
    """The arrays of a file that has this SHA-256.

    Raises:
        StructureError: it has another one, or holds something else.
    """
    from safetensors.numpy import load_file

    with reading(f"{path.name} holds no numbered arrays", StructureError):
        if file_checksum(path) != checksum:
            raise StructureError(f"{path.name} is damaged, or belongs to another one")
        named = load_file(path)
        return [named[str(i)] for i in range(len(named))]


def read_structure(path: Path) -> dict[str, Any]:
    """What the JSON file holds, every byte of it checked.

    Raises:
        StructureError: it is no such file, is damaged, or was written by a newer version.
    """
    with open_regular(path) as stream:
        found = stream.read(JSON_BYTES + 1)
    if len(found) > JSON_BYTES:
        raise StructureError(f"it is larger than {JSON_BYTES / 2**20:g} MB")
    whole = is_whole(found)
    if whole is None:
        raise StructureError("it is no fitted value of this package, or is damaged")
    if not whole:
        raise StructureError("it is damaged: its checksum is another one")
    content = json.loads(found)  # of an unbroken seal: any text that was saved comes back
    if not isinstance(content, dict) or not {"format", "arrays", "value"} <= set(content):
        raise StructureError("it is no fitted value of this package")
    if content["format"] != FORMAT:
        raise StructureError(f"it has format {content['format']}, and this version of the package reads format {FORMAT}")
    return content
