"""Length-sorted batches under a token budget that shrinks when memory runs out.

On a processor a batch holds texts of one length only. Nothing is padded there, each text runs through the arithmetic that
it would run through alone, and its vector is the same to the last bit whatever its companions, the size of the batch or
what was computed before. A graphics card wants large batches: texts of several lengths share one, padded to the longest,
and a vector depends on the batch by about 1e-6 of its size.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from w2s.errors import ModelError
from w2s.types import FloatArray, IntArray

log = logging.getLogger(__name__)

PIECE_ROWS = 1024
PIECE_BYTES = 64 * 2**20
PIECE_SECONDS = 20.0
"""A piece is handed over when it has this many rows or bytes, or took this long: what a kill can cost."""

Forward = Callable[[Sequence[Any]], FloatArray]


class Batches:
    """Runs a forward pass over items (token lists), longest first, so that memory runs out at the first batch or never."""

    def __init__(
        self,
        forward: Forward,
        budget: int,
        *,
        padded: bool = True,
        at_once: int = 1,
        threads: int | None = None,
        size: Callable[[Any], int] = len,
        unit: str = "text",
    ) -> None:
        self.forward = forward
        self.size = size
        """Of an item, as the budget counts it: the tokens of a text."""
        self.unit = unit
        self.padded = padded
        """Whether texts of several lengths may share a batch."""
        self.budget = budget
        """Padded tokens in a batch, at most; halved when memory runs out, and never raised again."""
        self.at_once = at_once
        """Batches on their way at once."""
        self.threads = threads
        """Processor threads for each of them; None leaves that alone."""

    def pieces(self, items: Sequence[Any]) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield (positions (m,), vectors (m, d)) until every item has its vector.

        Raises:
            ModelError: one item alone does not fit into memory, or a vector is not finite.
        """
        lengths = np.array([self.size(item) for item in items])
        order = np.argsort(-lengths, kind="stable")
        batches = [order[part] for part in cut(lengths[order], self.budget, padded=self.padded)]
        places: list[IntArray] = []
        vectors: list[FloatArray] = []
        begun = time.monotonic()
        for done, block in zip(batches, self._run([[items[i] for i in batch.tolist()] for batch in batches]), strict=True):
            places.append(done)
            vectors.append(block)
            n_rows, n_bytes = sum(map(len, places)), sum(block.nbytes for block in vectors)
            full = n_rows >= PIECE_ROWS or n_bytes >= PIECE_BYTES or time.monotonic() - begun > PIECE_SECONDS
            if full or done is batches[-1]:
                yield np.concatenate(places), np.concatenate(vectors)
                places, vectors, begun = [], [], time.monotonic()

    def _run(self, batches: Sequence[Sequence[Any]]) -> Iterator[FloatArray]:
        """Vectors of each batch, in order; torch's number of threads is restored, whatever limit the run had set."""
        if self.threads is None:
            yield from map(self.run, batches)
            return
        import torch

        before = torch.get_num_threads()
        pool = ThreadPoolExecutor(self.at_once, initializer=torch.set_num_threads, initargs=(self.threads,))
        try:
            yield from pool.map(self.run, batches)
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(before)

    def run(self, batch: Sequence[Any]) -> FloatArray:
        """(b, d) vectors of one batch, the longest item first; in parts once memory has run out.

        Raises:
            ModelError: see `pieces`.
        """
        parts = cut(np.array([self.size(item) for item in batch]), self.budget)
        if len(parts) > 1:
            return np.concatenate([self.run(batch[part]) for part in parts])
        try:
            vectors = self.forward(batch)
        except (RuntimeError, MemoryError) as error:
            self._halve(error, batch)
            return self.run(batch)
        check_finite(vectors)
        return vectors

    def _halve(self, error: BaseException, batch: Sequence[Any]) -> None:
        """Go on with half the budget after memory ran out.

        Raises:
            ModelError: the batch was a single item.
        """
        if not out_of_memory(error):
            raise error
        if len(batch) == 1:
            raise ModelError(
                f"One {self.unit} of {self.size(batch[0])} tokens does not fit into memory; what was finished is kept.\n"
                f"Read less of each {self.unit} (max_tokens), or use dtype=bfloat16."
            ) from error
        self.budget = min(self.budget, len(batch) * self.size(batch[0]) // 2)
        log.warning("Out of memory: going on with at most %d tokens a batch.", self.budget)
        release_memory()


def cut(lengths: IntArray, budget: int, *, padded: bool = True) -> list[slice]:
    """Cut n texts of descending lengths into runs that hold at most `budget` tokens when padded, or a single text.

    Runs of texts that need no padding end where the length changes.
    """
    parts, start = [], 0
    while start < len(lengths):
        end = min(start + max(1, budget // int(lengths[start])), len(lengths))
        if not padded:
            end = min(end, int(np.searchsorted(-lengths, -lengths[start], side="right")))
        parts.append(slice(start, end))
        start = end
    return parts


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: a GPU's, or the machine's (torch says that in words only)."""
    import torch

    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def release_memory() -> None:
    """Give the failed batch's blocks back to the device."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def check_finite(vectors: FloatArray) -> None:
    """Refuse infinities, which half precision can produce.

    Raises:
        ModelError: naming the remedy.
    """
    if not np.isfinite(vectors).all():
        raise ModelError("The network gave infinite or undefined numbers: use dtype=bfloat16 or dtype=float32.")
