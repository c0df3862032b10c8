"""One shard: a safetensors file with m input hashes, their vectors, and a checksum of every byte.

The vectors carry a CRC-32 each, so that a reader checks only the rows it takes. Header, hashes and checksums are covered
by the SHA-256 that is the file's name. The layout is read here by hand (eight bytes of header length, a JSON header, the
tensors), because only that gives memory-mapped access to single rows.
Format: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from w2s.store.hashes import HASH_BYTES, HashArray
from w2s.types import FloatArray, IntArray

SUFFIX = ".safetensors"
ROW_OVERHEAD_BYTES = HASH_BYTES + 4
"""Bytes a row takes beside its vector."""
MAX_HEADER_BYTES = 100_000


class DamagedShardError(Exception):
    """A shard that is not what was written; caught by the shelf, which computes its rows again."""


@dataclass(frozen=True)
class Shard:
    """An opened shard: the index is in memory, the vectors stay on disk until their rows are read."""

    path: Path
    inputs: HashArray
    """(m,) hashes of the inputs."""
    checksums: npt.NDArray[np.uint32]
    """(m,) CRC-32 of each input's hash and vector."""
    offset: int
    """Where the vectors begin, in bytes."""
    size: int
    """Bytes that the whole file should have."""
    width: int
    """d, numbers in a vector."""

    def read(self, rows: IntArray) -> FloatArray:
        """(len(rows), d) float32 vectors, each checked.

        Raises:
            DamagedShardError: a vector is not the one that was written.
        """
        try:
            shape = (len(self.inputs), self.width)
            mapped = np.memmap(self.path, np.float32, mode="r", offset=self.offset, shape=shape)
        except (OSError, ValueError) as error:
            raise DamagedShardError(f"its vectors cannot be read ({error})") from error
        vectors = np.array(mapped[rows])
        for row, vector in zip(rows.tolist(), vectors, strict=True):
            if checksum(self.inputs[row], vector) != self.checksums[row]:
                raise DamagedShardError(f"row {row} does not match its checksum")
        return vectors

    def verify(self) -> None:
        """Read and check every row.

        Raises:
            DamagedShardError: see `read`.
        """
        self.read(np.arange(len(self.inputs)))
        if self.path.stat().st_size != self.size:
            raise DamagedShardError(f"it should have {self.size} bytes")


def open_shard(path: Path) -> Shard:
    """Open a shard and check its index.

    Raises:
        DamagedShardError: the file is not a shard, or its index is not the one that was written.
    """
    try:
        with path.open("rb") as stream:
            length = stream.read(8)
            header_bytes = stream.read(min(int.from_bytes(length, "little"), MAX_HEADER_BYTES))
            header: dict[str, Any] = json.loads(header_bytes)
            start = 8 + len(header_bytes)
            inputs = tensor_bytes(stream, start, header["inputs"])
            checksums = tensor_bytes(stream, start, header["checksums"])
        width, offset = int(header["vectors"]["shape"][1]), start + int(header["vectors"]["data_offsets"][0])
        size = start + max(int(entry["data_offsets"][1]) for entry in header.values())
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DamagedShardError(f"its header cannot be read ({error})") from error
    if name_of(length + header_bytes, inputs, checksums) != path.name:
        raise DamagedShardError("its header or index does not match the checksum in its name")
    hashes = np.frombuffer(inputs, dtype=f"S{HASH_BYTES}")
    return Shard(path, hashes, np.frombuffer(checksums, dtype="<u4"), offset, size, width)


def write_shard(folder: Path, partial: Path, inputs: HashArray, vectors: FloatArray) -> Path:
    """Write a shard into `folder`: first as `partial`, flushed to the disk, then renamed. Either all of it exists or none.

    Args:
        folder: where the shard will lie.
        partial: temporary file on the same file system; gone afterwards, whatever happens short of a kill.
        inputs: (m,) hashes.
        vectors: (m, d).

    Raises:
        OSError: the file system is full or refuses.
    """
    content, name = shard_bytes(inputs, vectors)
    try:
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(folder)
    return folder / name


def shard_bytes(inputs: HashArray, vectors: FloatArray) -> tuple[bytes, str]:
    """A shard's content and its name."""
    from safetensors.numpy import save

    vectors = np.ascontiguousarray(vectors, dtype="<f4")
    sums = np.array([checksum(i, v) for i, v in zip(inputs, vectors, strict=True)], dtype="<u4")
    hashes = np.frombuffer(inputs.tobytes(), dtype=np.uint8).reshape(len(inputs), HASH_BYTES)
    content = save({"inputs": hashes, "checksums": sums, "vectors": vectors})
    header_end = 8 + int.from_bytes(content[:8], "little")
    return content, name_of(content[:header_end], inputs.tobytes(), sums.tobytes())


def name_of(header: bytes, inputs: bytes, checksums: bytes) -> str:
    """A shard's file name: the SHA-256 of its header, hashes and checksums."""
    return hashlib.sha256(header + inputs + checksums).hexdigest()[:HASH_BYTES] + SUFFIX


def checksum(hashed: np.bytes_, vector: FloatArray) -> int:
    """CRC-32 of an input's hash and its vector."""
    return zlib.crc32(vector.data, zlib.crc32(bytes(hashed)))


def tensor_bytes(stream: Any, start: int, entry: dict[str, Any]) -> bytes:
    """The bytes of one tensor."""
    begin, end = entry["data_offsets"]
    stream.seek(start + begin)
    content: bytes = stream.read(end - begin)
    return content


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
