"""The vectors of one encoder: looked up by the hash of the input, computed where missing, once among all processes.

Inputs fall into buckets by their hash, whatever data set or split they come from. Whoever computes holds the locks of
the buckets concerned and looks again before computing, so no vector is computed twice, and processes that ask for the
same vectors divide the work among themselves. The operating system frees the locks of a killed process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from w2s.store.disk import explain_os_errors, room_for
from w2s.store.hashes import HashArray, buckets_of, groups_of
from w2s.store.shard import ROW_OVERHEAD_BYTES, SUFFIX, DamagedShardError, Shard, open_shard, write_shard
from w2s.types import BoolArray, CacheStats, FloatArray, IntArray

log = logging.getLogger(__name__)

Compute = Callable[[IntArray], Iterator[tuple[IntArray, FloatArray]]]
"""Given positions (m,) in the request, yields (positions, vectors) pieces that together cover them."""


class EmbeddingCache:
    """The vectors of one key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shards: dict[str, Shard] = {}
        self._rejected: set[str] = set()

    def get_or_compute(self, inputs: HashArray, compute: Compute) -> tuple[FloatArray, CacheStats]:
        """(n, d) vectors of n inputs, and what they cost.

        Args:
            inputs: (n,) hashes.
            compute: gives the vectors that are not there yet.

        Raises:
            StoreError: there is something to compute, and the store is full or cannot be written.
        """
        tally = self.fill(inputs, compute)
        while True:
            try:
                return self.read(inputs), tally
            except DamagedShardError:
                again = self.fill(inputs, compute)
                tally = CacheStats(tally.texts, tally.computed + again.computed, tally.reused)

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
        """Compute what is missing, as `obtain`, without reading the vectors back."""
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
            DamagedShardError: one was damaged; it is set aside and its inputs are missing from now on.
        """
        distinct, inverse = np.unique(inputs, return_inverse=True)
        owners, rows = self._locate(distinct)
        if (owners < 0).any():
            raise DamagedShardError("a shard vanished or was set aside")
        owners, rows = owners[inverse], rows[inverse]
        shards = list(self._shards.values())
        widths = {shards[i].width for i in np.unique(owners).tolist()}
        vectors = np.empty((len(inputs), widths.pop() if widths else 0), dtype=np.float32)
        for i in np.unique(owners).tolist():
            places = np.flatnonzero(owners == i)
            try:
                vectors[places] = shards[i].read(rows[places])
            except DamagedShardError as damage:
                self._set_aside(shards[i].path, damage)
                raise
        return vectors

    def _fill_group(self, inputs: HashArray, positions: IntArray, compute: Compute) -> int:
        """Compute what is still missing of a group whose locks are held; how many that were."""
        partial = self.folder / f".partial-{buckets_of(inputs)[0]:03d}"
        partial.unlink(missing_ok=True)
        missing = self.missing(inputs)
        if not missing.any():
            return 0
        hashes = dict(zip(positions.tolist(), inputs, strict=True))
        for done, vectors in compute(positions[missing]):
            chunk = np.array([hashes[i] for i in done.tolist()], dtype=inputs.dtype)
            with explain_os_errors(self.folder):
                write_shard(self.folder, partial, chunk, vectors)
        return int(missing.sum())

    @contextmanager
    def _locks(self, inputs: HashArray, *, wait: bool) -> Iterator[bool]:
        """Hold the locks of the buckets of `inputs`, in ascending order, so that two waiting processes never block."""
        from filelock import FileLock, Timeout

        with ExitStack() as held:
            try:
                with explain_os_errors(self.folder):
                    (self.folder / "locks").mkdir(parents=True, exist_ok=True)
                    for bucket in np.unique(buckets_of(inputs)).tolist():
                        lock = FileLock(self.folder / "locks" / f"{bucket:03d}")
                        held.enter_context(lock.acquire(blocking=wait))
            except Timeout:
                held.close()
                yield False
                return
            yield True

    def _refresh(self) -> None:
        """Open the shards that appeared since the last look, and forget those that vanished."""
        names = sorted(path.name for path in self.folder.glob(f"*{SUFFIX}"))
        self._shards = {name: shard for name, shard in self._shards.items() if name in set(names)}
        for name in names:
            if name not in self._shards and name not in self._rejected:
                try:
                    self._shards[name] = open_shard(self.folder / name)
                except DamagedShardError as damage:
                    self._set_aside(self.folder / name, damage)

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
            self._rejected.add(path.name)
