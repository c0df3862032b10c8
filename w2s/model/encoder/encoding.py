"""One request to an encoder: what is missing is announced, computed on one or several devices, and accounted for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from w2s.errors import ModelError
from w2s.identity import digest
from w2s.model.encoder.batches import Batches, out_of_memory
from w2s.model.encoder.config import read_config
from w2s.model.encoder.folder import check_tokenizer
from w2s.model.encoder.meter import Meter, duration, thousands
from w2s.model.encoder.network import ALIKE, Network, available_devices, cores, parallelism
from w2s.model.encoder.settings import EncoderSettings
from w2s.store.input_hashes import hashes_of
from w2s.store.store import write_key
from w2s.types import BoolArray, CacheStats, FloatArray, IntArray
from w2s.utils.processes import end_with_parent
from w2s.utils.progress import bar
from w2s.utils.reading import reading, reason

log = logging.getLogger(__name__)

CPU_BATCH_TOKENS = 512
"""What a batch computes on the way still fits a core's cache; larger batches were slower for small networks."""
GPU_BATCH_TOKENS = 32_768
POLL_SECONDS = 0.5


class Encoding:
    """The work of encoding n texts; called with the positions of those whose vectors are missing."""

    def __init__(self, encoder: EncoderSettings, texts: tuple[str, ...]) -> None:
        self.encoder = encoder
        self.texts = texts
        self.hashes = hashes_of(texts)
        key = encoder.key()
        self.cache = encoder.store.embeddings(key)
        self.identity = digest(key)
        self.begun = time.monotonic()
        self.todo = 0
        self.cut, self.readable = 0, 0
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
        vectors, tally = self.cache.get_or_compute(self.hashes, self)
        self.report(tally, shared)
        distinct = len(np.unique(self.hashes))
        if distinct >= ALIKE and (vectors == vectors[0]).all():
            raise ModelError(
                f"checkpoint={self.name or self.encoder.checkpoint}: {distinct} different texts have one vector.\n"
                "Its weights are damaged, or it reads too little of each text (max_tokens, pooling)."
            )
        return vectors

    def fill(self) -> CacheStats:
        """Store the vectors only."""
        shared = self.share_out()
        return self.report(self.cache.fill(self.hashes, self), shared)

    def __call__(self, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield (positions, vectors) pieces of the texts at `positions`."""
        network = self.network()
        with reading(f"checkpoint={self.name}: its tokenizer cannot read a text", ModelError):
            tokens, cut = network.tokenize(prompted(self.encoder.prompt, [self.texts[i] for i in positions.tolist()]))
        self.cut, self.readable = self.cut + cut, network.max_tokens
        if self._batches is None:
            self._batches = self.begin(network, tokens)
        for done, vectors in self._batches.pieces(tokens):
            yield positions[done], vectors

    def network(self) -> Network:
        """The loaded network; before the first load, everything that can fail early is tried."""
        encoder = self.encoder
        folder = encoder.checkpoint.fetch(encoder.store)
        self.name = str(folder)
        if self._batches is None:
            check_tokenizer(folder, self.name)
            config = read_config(folder, self.name)
            width = int(config.get("hidden_size", config.get("n_embd", 0))) * len(encoder.layers)
            self.cache.check_room(self.todo, width)
            write_key(encoder.store.embeddings_folder(self._key), self._key)
        device = available_devices(encoder.device)[0]
        network = opened(self.identity, encoder, folder, device)
        if self._batches is None and encoder.key() != self._key:
            forget()
            raise ModelError(f"checkpoint={self.name} was changed while it was loaded. Run it again.")
        return network

    def begin(self, network: Network, tokens: Sequence[list[int]]) -> Batches:
        """Set up the batches for texts like those of the first group, `tokens`."""
        encoder = self.encoder
        budget = encoder.batch_tokens or (CPU_BATCH_TOKENS if network.device == "cpu" else GPU_BATCH_TOKENS)
        at_once, threads = parallelism(network.device)
        log.info("encoding %s texts on %s", thousands(self.todo), network.device)
        meter = self._meter = Meter(self.todo, self.todo * sum(map(len, tokens)) / len(tokens))

        def forward(batch: Sequence[list[int]]) -> FloatArray:
            """(len(batch), d) vectors, counted."""
            try:
                vectors = network.pool(batch, pooling=encoder.pooling, layers=encoder.layers)
            except Exception as error:
                if out_of_memory(error):
                    raise
                raise ModelError(f"checkpoint={self.name}: the network cannot read a text: {reason(error)}") from error
            if not np.isfinite(vectors).all():
                raise ModelError(
                    f"checkpoint={self.name}: the network gives a text numbers that are not finite.\n"
                    "Its weights are damaged, or too large for its numbers: try dtype=float32."
                )
            meter.add(len(batch), sum(map(len, batch)))
            return vectors

        return Batches(forward, budget, padded=network.device != "cpu", at_once=at_once, threads=threads)

    def share_out(self) -> CacheStats:
        """Say what is to do; where several workers are asked for or several GPUs are there, let them do it."""
        missing = self.cache.missing(self.hashes)
        distinct = np.unique(self.hashes[missing])
        self.todo = len(distinct)
        idle = CacheStats(len(self.texts), 0, 0)
        if not self.todo:
            return idle
        log.info("%s texts: %s vectors are stored, %s are to compute", *map(thousands, self.counts(missing)))
        if self.encoder.workers == 1:
            return idle
        devices = available_devices(self.encoder.device)
        workers = self.encoder.workers or len(devices)
        return idle if workers == 1 else self.employ(workers, devices)

    def counts(self, missing: BoolArray) -> tuple[int, int, int]:
        """Texts, distinct texts stored, distinct texts missing."""
        return len(self.texts), len(np.unique(self.hashes[~missing])), self.todo

    def employ(self, workers: int, devices: list[str]) -> CacheStats:
        """Let several processes fill the cache; its locks divide the work among them."""
        self.encoder.checkpoint.fetch(self.encoder.store)
        threads = max(1, cores() // workers)
        log.info("%d workers on %s", workers, ", ".join(devices))
        with (
            ProcessPoolExecutor(workers, get_context("spawn"), set_up_worker, (threads,)) as pool,
            bar(self.todo, "encoding", unit="text") as progress,
        ):
            encoders = [replace(self.encoder, device=devices[i % len(devices)], workers=1) for i in range(workers)]
            futures = [pool.submit(fill_alone, encoder, self.texts) for encoder in encoders]
            while wait(futures, timeout=POLL_SECONDS).not_done:
                left = len(np.unique(self.hashes[self.cache.missing(self.hashes)]))
                progress.update(self.todo - left - progress.n)
            tallies = [future.result() for future in futures]
        return CacheStats(len(self.texts), sum(tally.computed for tally in tallies), 0)

    def report(self, tally: CacheStats, shared: CacheStats) -> CacheStats:
        """Say what was computed and what was reused."""
        tally = CacheStats(tally.texts, tally.computed + shared.computed, tally.reused - shared.computed)
        seconds = time.monotonic() - self.begun
        log.info(
            "%s texts: %s vectors computed, %s reused, in %s",
            *map(thousands, (tally.texts, tally.computed, tally.reused)),
            duration(seconds),
        )
        if self.cut:
            limit = "max_tokens" if self.readable == self.encoder.max_tokens else "all that the checkpoint reads"
            log.warning("%s texts were cut to %d tokens (%s)", thousands(self.cut), self.readable, limit)
        return tally


_OPENED: dict[tuple[str, str], Network] = {}
"""The network used last stays in memory, so that the splits of one data set share one load."""


def opened(identity: str, encoder: EncoderSettings, folder: Path, device: str) -> Network:
    """The network on a device, `identity` being its key's digest: a folder whose content has changed is loaded anew."""
    if (identity, device) not in _OPENED:
        forget()
        log.info("loading %s", folder)
        _OPENED[identity, device] = encoder.open(folder, device)
    return _OPENED[identity, device]


def forget() -> None:
    """Let the network in memory go."""
    _OPENED.clear()


def prompted(prompt: str, texts: Iterable[str]) -> list[str]:
    """What the network reads of each text."""
    return [prompt.replace("{text}", text) for text in texts]


def set_up_worker(count: int) -> None:
    """In a worker: take this many of the machine's cores, and end with the process that started it, however that ends."""
    os.environ["OMP_NUM_THREADS"] = str(count)
    end_with_parent()


def fill_alone(encoder: EncoderSettings, texts: tuple[str, ...]) -> CacheStats:
    """In a worker: compute and store what is missing and no other process is computing; what that cost."""
    with Encoding(encoder, texts) as work:
        return work.fill()
