"""One shard: a safetensors file with m input hashes, their vectors, their key, and a checksum of every byte.

The vectors carry a CRC-32 each, so that a reader checks only the rows it takes. The header, which names the key, the
hashes and these checksums are covered by the SHA-256 that is the file's name. A header says no more than m, the width and
the key, so a reader writes the one that these three have and compares: any other is damaged. The layout is read here by
hand, because only that gives memory-mapped access to single rows.
Format: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from w2s.store.input_hashes import HASH_BYTES, HashArray
from w2s.types import FloatArray, IntArray
from w2s.utils.files import open_regular
from w2s.utils.reading import reading

SUFFIX = ".safetensors"
NAME_CHARACTERS = 32
"""Hex digits of the checksum in a file's name."""
ROW_OVERHEAD_BYTES = HASH_BYTES + 4
"""Bytes a row takes beside its vector."""
MAX_HEADER_BYTES = 10_000


class DamagedShardError(Exception):
    """A shard that is not what was written under its key; its rows are computed again."""


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
    width: int
    """d, numbers in a vector."""

    def read(self, rows: IntArray) -> FloatArray:
        """(len(rows), d) float32 vectors, each checked.

        Raises:
            DamagedShardError: a vector is not the one that was written.
        """
        with reading("its vectors cannot be read", DamagedShardError), open_regular(self.path) as stream:
            mapped = np.memmap(stream, np.float32, mode="r", offset=self.offset, shape=(len(self.inputs), self.width))
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


def open_shard(path: Path, key: str) -> Shard:
    """Open a shard and check all of it but the vectors.

    Args:
        path: the file.
        key: whose vectors are wanted.

    Raises:
        DamagedShardError: it is no shard of that key, or not the one that was written.
    """
    with reading("its header cannot be read", DamagedShardError), open_regular(path) as stream:
        length = int.from_bytes(stream.read(8), "little")
        count, width, owner = described(stream.read(min(length, MAX_HEADER_BYTES)))
        header = header_of(count, width, owner)
        size = len(header) + count * (ROW_OVERHEAD_BYTES + 4 * width)
        if os.fstat(stream.fileno()).st_size != size:
            raise DamagedShardError(f"it should have {size} bytes")
        stream.seek(0)
        start = stream.read(len(header))
        inputs, checksums = stream.read(count * HASH_BYTES), stream.read(count * 4)
    if start != header or name_of(header, inputs, checksums) != path.name:
        raise DamagedShardError("its header or index does not match the checksum in its name")
    if owner != key:
        raise DamagedShardError(f"it holds vectors of another key ({owner[:12]!r})")
    hashes = np.frombuffer(inputs, dtype=f"S{HASH_BYTES}")
    offset = len(header) + len(inputs) + len(checksums)
    return Shard(path, hashes, np.frombuffer(checksums, dtype="<u4"), offset, width)


def write_shard(folder: Path, partial: Path, inputs: HashArray, vectors: FloatArray, *, key: str) -> Path:
    """Write a shard into `folder`: first as `partial`, flushed to the disk, then renamed. Either all of it exists or none.

    Args:
        folder: where the shard will lie.
        partial: temporary file on the same file system; gone afterwards, whatever happens short of a kill.
        inputs: (m,) hashes.
        vectors: (m, d).
        key: whose vectors they are.

    Raises:
        OSError: the file system is full or refuses.
    """
    content, name = shard_bytes(inputs, vectors, key=key)
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


def shard_bytes(inputs: HashArray, vectors: FloatArray, *, key: str) -> tuple[bytes, str]:
    """A shard's content and its name."""
    vectors = np.ascontiguousarray(vectors, dtype="<f4")
    sums = np.array([checksum(i, v) for i, v in zip(inputs, vectors, strict=True)], dtype="<u4").tobytes()
    m, d = vectors.shape
    header = header_of(m, d, key)
    return b"".join((header, inputs.tobytes(), sums, vectors.tobytes())), name_of(header, inputs.tobytes(), sums)


def header_of(count: int, width: int, key: str) -> bytes:
    """The length and the JSON header of a shard with `count` vectors of `width` numbers, padded to eight bytes."""
    tensors = (("inputs", "U8", [count, HASH_BYTES]), ("checksums", "U32", [count]), ("vectors", "F32", [count, width]))
    header: dict[str, object] = {"__metadata__": {"key": key}}
    start = 0
    for name, dtype, shape in tensors:
        end = start + math.prod(shape) * int(dtype[1:]) // 8
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
        start = end
    content = json.dumps(header, separators=(",", ":")).encode()
    content += b" " * (-len(content) % 8)
    return len(content).to_bytes(8, "little") + content


def described(header: bytes) -> tuple[int, int, str]:
    """Number and width of the vectors, and their key, as a header says them.

    Raises:
        ValueError: it says something else; or whatever JSON that is odd makes of the reading.
    """
    content = json.loads(header)
    (count, width), key = content["vectors"]["shape"], content["__metadata__"]["key"]
    if type(count) is not int or type(width) is not int or not isinstance(key, str) or count < 1 or width < 1:
        raise ValueError("no numbers where numbers should be")
    return count, width, key


def name_of(header: bytes, inputs: bytes, checksums: bytes) -> str:
    """A shard's file name: the SHA-256 of its header, hashes and checksums."""
    return hashlib.sha256(header + inputs + checksums).hexdigest()[:NAME_CHARACTERS] + SUFFIX


def checksum(hashed: np.bytes_, vector: FloatArray) -> int:
    """CRC-32 of an input's hash and its vector."""
    return zlib.crc32(vector.data, zlib.crc32(bytes(hashed)))


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
