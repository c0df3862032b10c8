"""One request to an encoder: what is missing is announced, computed on one or several devices, and accounted for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from w2s.errors import DataError, ModelError
from w2s.identity import digest
from w2s.model.checkpoint.config_json import read_config, width_of
from w2s.model.checkpoint.file_checks import check_reader
from w2s.model.encoder.batches import Batches, out_of_memory
from w2s.model.encoder.devices import available_devices, cores
from w2s.model.encoder.meter import Meter, duration, thousands
from w2s.model.encoder.settings import EncoderSettings, LoadedNetwork
from w2s.model.encoder.text_network import ALIKE
from w2s.store.store import write_key
from w2s.types import BoolArray, CacheStats, FloatArray, IntArray
from w2s.utils.processes import end_with_parent
from w2s.utils.progress import bar
from w2s.utils.reading import reading, reason

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class Encoding:
    """The work of encoding n items, texts or pictures; called with the positions of those whose vectors are missing."""

    def __init__(self, encoder: EncoderSettings, items: tuple[Any, ...]) -> None:
        self.encoder = encoder
        self.unit = encoder.unit
        self.items = items
        self.hashes = encoder.hashes(items)
        key = encoder.key()
        self.cache = encoder.store.embeddings(key)
        self.identity = digest(key)
        self.begun = time.monotonic()
        self.todo = 0
        self.cut, self.limit = 0, ""
        self.name = ""
        self._batches: Batches | None = None
        self._meter: Meter | None = None
        self._key = key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._meter is not None:
            self._meter.close()

    def vectors(self) -> FloatArray:
        """(n, d) the vectors."""
        shared = self.share_out()
        vectors, stats = self.cache.get_or_compute(self.hashes, self)
        self.report(stats, shared)
        distinct = len(np.unique(self.hashes))
        if distinct >= ALIKE and (vectors == vectors[0]).all():
            raise ModelError(
                f"checkpoint={self.name or self.encoder.checkpoint}: {distinct} different {self.unit}s have one vector.\n"
                f"Its weights are damaged, or it reads too little of each {self.unit} (max_tokens, pooling)."
            )
        return vectors

    def fill(self) -> CacheStats:
        """Store the vectors only."""
        shared = self.share_out()
        return self.report(self.cache.fill(self.hashes, self), shared)

    def __call__(self, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield (positions, vectors) pieces of the items at `positions`."""
        network = self.network()
        with reading(f"checkpoint={self.name}: its tokenizer cannot read a text", ModelError):
            prepared, cut = self.encoder.prepare(network, [self.items[i] for i in positions.tolist()])
        self.cut, self.limit = self.cut + cut, self.encoder.cut_to(network)
        if self._batches is None:
            self._batches = self.begin(network, prepared)
        for done, vectors in self._batches.pieces(prepared):
            yield positions[done], vectors

    def network(self) -> LoadedNetwork:
        """The loaded network; before the first load, everything that can fail early is tried."""
        encoder = self.encoder
        folder = encoder.checkpoint.fetch(encoder.store)
        self.name = str(folder)
        if self._batches is None:
            check_reader(folder, self.name, encoder.reads)
        if self._batches is None and encoder.store.keeps:
            self.cache.check_room(self.todo, width_of(read_config(folder, self.name)) * len(encoder.layers))
            write_key(encoder.store.embeddings_folder(self._key), self._key)
        device = available_devices(encoder.device)[0]
        network = opened(self.identity, encoder, folder, device)
        if self._batches is None and encoder.key() != self._key:
            forget()
            raise ModelError(f"checkpoint={self.name} was changed while it was loaded. Run it again.")
        return network

    def begin(self, network: LoadedNetwork, prepared: Sequence[Any]) -> Batches:
        """Set up the batches for items like those of the first group."""
        encoder = self.encoder
        budget, at_once, threads = encoder.batch(network)
        log.info("encoding %s %ss on %s", thousands(self.todo), self.unit, network.device)
        meter = self._meter = Meter(self.todo, self.todo * sum(map(network.size, prepared)) / len(prepared), self.unit)

        def forward(batch: Sequence[Any]) -> FloatArray:
            """(len(batch), d) vectors, counted."""
            try:
                vectors = network.pool(batch, pooling=encoder.pooling, layers=encoder.layers)
            except DataError:
                raise
            except Exception as error:
                if out_of_memory(error):
                    raise
                told = f"checkpoint={self.name}: the network cannot read a {self.unit}"
                raise ModelError(f"{told}: {reason(error)}") from error
            if not np.isfinite(vectors).all():
                raise ModelError(
                    f"checkpoint={self.name}: the network gives a {self.unit} numbers that are not finite.\n"
                    "Its weights are damaged, or too large for its numbers: try dtype=float32."
                )
            meter.add(len(batch), sum(map(network.size, batch)))
            return vectors

        return Batches(
            forward,
            budget,
            padded=network.device != "cpu",
            at_once=at_once,
            threads=threads,
            size=network.size,
            unit=self.unit,
        )

    def share_out(self) -> CacheStats:
        """Say what is to do; where several workers are asked for or several GPUs are there, let them do it."""
        missing = self.cache.missing(self.hashes)
        distinct = np.unique(self.hashes[missing])
        self.todo = len(distinct)
        idle = CacheStats(len(self.items), 0, 0)
        if not self.todo:
            return idle
        n, stored, absent = map(thousands, self.counts(missing))
        log.info("%s %ss: %s vectors are stored, %s are to compute", n, self.unit, stored, absent)
        if self.encoder.workers == 1:
            return idle
        devices = available_devices(self.encoder.device)
        workers = self.encoder.workers or len(devices)
        return idle if workers == 1 else self.employ(workers, devices)

    def counts(self, missing: BoolArray) -> tuple[int, int, int]:
        """Items, distinct ones stored, distinct ones missing."""
        return len(self.items), len(np.unique(self.hashes[~missing])), self.todo

    def employ(self, workers: int, devices: list[str]) -> CacheStats:
        """Let several processes fill the cache; its locks divide the work among them."""
        self.encoder.checkpoint.fetch(self.encoder.store)
        threads = max(1, cores() // workers)
        log.info("%d workers on %s", workers, ", ".join(devices))
        with (
            ProcessPoolExecutor(workers, get_context("spawn"), set_up_worker, (threads,)) as pool,
            bar(self.todo, "encoding", unit=self.unit) as progress,
        ):
            encoders = [replace(self.encoder, device=devices[i % len(devices)], workers=1) for i in range(workers)]
            futures = [pool.submit(fill_alone, encoder, self.items) for encoder in encoders]
            while wait(futures, timeout=POLL_SECONDS).not_done:
                left = len(np.unique(self.hashes[self.cache.missing(self.hashes)]))
                progress.update(self.todo - left - progress.n)
            found = [future.result() for future in futures]
        return CacheStats(len(self.items), sum(stats.computed for stats in found), 0)

    def report(self, stats: CacheStats, shared: CacheStats) -> CacheStats:
        """Say what was computed and what was reused."""
        stats = CacheStats(stats.texts, stats.computed + shared.computed, stats.reused - shared.computed)
        seconds = time.monotonic() - self.begun
        n, computed, reused = map(thousands, (stats.texts, stats.computed, stats.reused))
        log.info("%s %ss: %s vectors computed, %s reused, in %s", n, self.unit, computed, reused, duration(seconds))
        if self.cut:
            log.warning("%s %ss were cut to %s", thousands(self.cut), self.unit, self.limit)
        return stats


_OPENED: dict[tuple[str, str], LoadedNetwork] = {}
"""The network used last stays in memory, so that the splits of one data set share one load."""


def opened(identity: str, encoder: EncoderSettings, folder: Path, device: str) -> LoadedNetwork:
    """The network on a device, `identity` being its key's digest: a folder whose content has changed is loaded anew."""
    if (identity, device) not in _OPENED:
        forget()
        log.info("loading %s", folder)
        _OPENED[identity, device] = encoder.open(folder, device)
    return _OPENED[identity, device]


def forget() -> None:
    """Let the network in memory go."""
    _OPENED.clear()


def set_up_worker(count: int) -> None:
    """In a worker: take this many of the machine's cores, and end with the process that started it, however that ends."""
    os.environ["OMP_NUM_THREADS"] = str(count)
    end_with_parent()


def fill_alone(encoder: EncoderSettings, items: tuple[Any, ...]) -> CacheStats:
    """In a worker: compute and store what is missing and no other process is computing; what that cost."""
    with Encoding(encoder, items) as work:
        return work.fill()
