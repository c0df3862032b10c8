"""The vectors of one encoder: looked up by the hash of the input, computed where missing, once among all processes.

Inputs fall into buckets by their hash, whatever data set or split they come from. Whoever computes holds the locks of
the buckets concerned and looks again before computing, so no vector is computed twice, and processes that ask for the
same vectors divide the work among themselves. The operating system frees the locks of a killed process.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np

from w2s.errors import StoreError
from w2s.store.disk_errors import entries, explain_os_errors, numbers, room_for
from w2s.store.input_hashes import HashArray, buckets_of, groups_of
from w2s.store.vector_shard import ROW_OVERHEAD_BYTES, SUFFIX, DamagedShardError, Shard, open_shard, write_shard
from w2s.types import BoolArray, CacheStats, FloatArray, IntArray
from w2s.utils.files import PARTIAL, remove

log = logging.getLogger(__name__)

Compute = Callable[[IntArray], Iterator[tuple[IntArray, FloatArray]]]
"""Given positions (m,) in the request, yields (positions, vectors) pieces that together cover them."""


ATTEMPTS = 3
"""How often vectors are computed before a disk that gives back something else is given up."""


class EmbeddingCache:
    """The vectors of one key, in a folder that is named by the key's digest."""

    def __init__(self, folder: Path, *, keeps: bool = True) -> None:
        """`keeps`: whether vectors that are computed are written, and other processes wait for them."""
        self.folder, self.keeps = folder, keeps
        self._shards: dict[str, Shard] = {}
        self._rejected: dict[str, FileState] = {}

    @property
    def key(self) -> str:
        """The digest that every shard of this folder holds."""
        return self.folder.name

    def get_or_compute(self, inputs: HashArray, compute: Compute) -> tuple[FloatArray, CacheStats]:
        """(n, d) vectors of n inputs, and what they cost.

        Args:
            inputs: (n,) hashes.
            compute: gives the vectors that are not there yet.

        Raises:
            StoreError: the store cannot be read, or there is something to compute and it is full, cannot be written, or
                does not give back what was written.
        """
        reused, computed, damage = None, 0, DamagedShardError("its shards are damaged")
        for _ in range(ATTEMPTS):
            if not self.keeps:
                with suppress(DamagedShardError):
                    return self._passed_on(inputs, compute)
                continue
            stats = self.fill(inputs, compute)
            reused, computed = stats.reused if reused is None else reused, computed + stats.computed
            try:
                return self.read(inputs), CacheStats(len(inputs), computed, reused)
            except DamagedShardError as error:
                damage = error
        raise StoreError(
            f"The store {self.folder} does not give back what was written to it: {damage}.\n"
            "Choose a folder on another disk with W2S_STORE=/folder."
        ) from damage

    def _passed_on(self, inputs: HashArray, compute: Compute) -> tuple[FloatArray, CacheStats]:
        """As `get_or_compute`, but nothing is written."""
        distinct, first, inverse = np.unique(inputs, return_index=True, return_inverse=True)
        missing = self.missing(distinct)
        if not missing.any():
            return self.read(inputs), CacheStats(len(inputs), 0, len(distinct))
        known = self.read(distinct[~missing])
        vectors: FloatArray | None = None
        for done, found in compute(first[missing]):
            if vectors is None:
                vectors = np.empty((len(distinct), found.shape[1]), dtype=np.float32)
            vectors[inverse[done]] = found
        assert vectors is not None, "something was missing"
        if len(known):
            vectors[~missing] = known
        return vectors[inverse], CacheStats(len(inputs), int(missing.sum()), len(known))

    def missing(self, inputs: HashArray) -> BoolArray:
        """(n,) which of the inputs have no vector yet."""
        self._refresh()
        distinct, inverse = np.unique(inputs, return_inverse=True)
        owners, _ = self._locate(distinct)
        return np.asarray(owners[inverse] < 0)

    def check_room(self, rows: int, width: int) -> None:
        """Refuse to begin where `rows` new vectors of `width` numbers cannot be written.

        Raises:
            StoreError: the folder cannot be written, or the disk has too little room.
        """
        room_for(self.folder, rows, 4 * width + ROW_OVERHEAD_BYTES)

    def fill(self, inputs: HashArray, compute: Compute) -> CacheStats:
        """Compute and write what is missing, as `get_or_compute`, without reading the vectors back."""
        distinct, first = np.unique(inputs, return_index=True)
        missing = self.missing(distinct)
        computed = 0
        if missing.any():
            waiting = [group for group in groups_of(distinct) if missing[group].any()]
            while waiting:
                left = []
                for group in waiting:
                    with self._locks(distinct[group], wait=False) as mine:
                        if mine:
                            computed += self._fill_group(distinct[group], first[group], compute)
                        else:
                            left.append(group)
                if len(left) == len(waiting):
                    log.info("waiting for another process that computes the same vectors")
                    with self._locks(distinct[left[0]], wait=True):
                        pass
                waiting = left
        return CacheStats(len(inputs), computed, len(distinct) - computed)

    def read(self, inputs: HashArray) -> FloatArray:
        """(n, d) float32 vectors of inputs that are all there.

        Raises:
            DamagedShardError: some were damaged; their shards are set aside, and their inputs are missing from now on.
        """
        self._refresh()
        distinct, inverse = np.unique(inputs, return_inverse=True)
        owners, rows = self._locate(distinct)
        if (owners < 0).any():
            raise DamagedShardError("a shard vanished or was set aside")
        owners, rows = owners[inverse], rows[inverse]
        shards = list(self._shards.values())
        vectors = numbers(len(inputs), shards[0].width if shards else 0, folder=self.folder)
        damaged = None
        order = np.argsort(owners, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(owners[order])) + 1) if len(order) else []:
            shard = shards[owners[places[0]]]
            try:
                vectors[places] = shard.read(rows[places])
            except DamagedShardError as damage:
                self._set_aside(shard.path, damage)
                damaged = damage
        if damaged is not None:
            raise damaged
        return vectors

    def _fill_group(self, inputs: HashArray, positions: IntArray, compute: Compute) -> int:
        """Compute what is still missing of a group whose locks are held; how many that were."""
        partial = self.folder / f"{PARTIAL}{buckets_of(inputs)[0]:03d}"
        with explain_os_errors(self.folder):
            remove(partial)
        missing = self.missing(inputs)
        if not missing.any():
            return 0
        hashes = dict(zip(positions.tolist(), inputs, strict=True))
        for done, vectors in compute(positions[missing]):
            chunk = np.array([hashes[i] for i in done.tolist()], dtype=inputs.dtype)
            with explain_os_errors(self.folder):
                write_shard(self.folder, partial, chunk, vectors, key=self.key)
        return int(missing.sum())

    @contextmanager
    def _locks(self, inputs: HashArray, *, wait: bool) -> Iterator[bool]:
        """Hold the locks of the buckets of `inputs`, in ascending order, so that two waiting processes never block."""
        from filelock import FileLock, Timeout

        with ExitStack() as held:
            with explain_os_errors(self.folder):
                (self.folder / "locks").mkdir(parents=True, exist_ok=True)
                locks = [FileLock(self.folder / "locks" / f"{i:03d}") for i in np.unique(buckets_of(inputs)).tolist()]
                try:
                    for lock in locks:
                        held.enter_context(lock.acquire(blocking=wait))
                    taken = True
                except Timeout:
                    held.close()
                    taken = False
            yield taken

    def _refresh(self) -> None:
        """Open the shards that appeared since the last look, and forget those that vanished."""
        names = shard_names(self.folder)
        self._shards = {name: self._shards[name] for name in names if name in self._shards}
        for name in names:
            if name not in self._shards and not self._is_rejected(name):
                try:
                    self._shards[name] = open_shard(self.folder / name, self.key)
                except DamagedShardError as damage:
                    self._set_aside(self.folder / name, damage)
        for shard in odd_widths(self._shards.values()):
            self._set_aside(shard.path, DamagedShardError(f"its vectors have {shard.width} numbers, others have not"))

    def _is_rejected(self, name: str) -> bool:
        """Whether this entry was found damaged and could not be moved; another one under its name is looked at anew."""
        return name in self._rejected and self._rejected[name] == state_of(self.folder / name)

    def _locate(self, inputs: HashArray) -> tuple[IntArray, IntArray]:
        """(n,) position of the shard that holds each of n ascending distinct inputs, -1 for none; (n,) row in it."""
        owners = np.full(len(inputs), -1)
        rows = np.zeros(len(inputs), dtype=np.int64)
        for i, shard in enumerate(self._shards.values()):
            places = np.searchsorted(inputs, shard.inputs)
            places[places == len(inputs)] = 0
            found = np.flatnonzero(inputs[places] == shard.inputs) if len(inputs) else np.zeros(0, dtype=np.int64)
            owners[places[found]] = i
            rows[places[found]] = found
        return owners, rows

    def _set_aside(self, path: Path, damage: DamagedShardError) -> None:
        """Keep a damaged shard for a person to look at, out of the way; where that is impossible, ignore it."""
        log.warning("%s is damaged: %s. Its vectors are computed again.", path, damage)
        self._shards.pop(path.name, None)
        try:
            (self.folder / "damaged").mkdir(exist_ok=True)
            path.replace(self.folder / "damaged" / path.name)
        except FileNotFoundError:
            pass  # Another process has set it aside.
        except OSError as error:
            log.warning("It stays where it is: %s.", error)
            self._rejected[path.name] = state_of(path)


FileState = tuple[int, ...]
"""What changes when another file takes a name: inode, size, times."""


def state_of(path: Path) -> FileState:
    """The state of an entry itself, not of what it may link to; nothing where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def shard_names(folder: Path) -> list[str]:
    """The ascending names of all entries that should be shards; none where there is no folder.

    Raises:
        StoreError: the folder is there and cannot be read.
    """
    return [path.name for path in entries(folder) if path.name.endswith(SUFFIX)]


def odd_widths(shards: Iterable[Shard]) -> list[Shard]:
    """The shards whose vectors are not as wide as those of most others."""
    opened = list(shards)
    widths = Counter(shard.width for shard in opened)
    usual = max(widths, key=widths.__getitem__, default=0)
    return [shard for shard in opened if shard.width != usual]
