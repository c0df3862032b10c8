"""How large a run is before it starts: points, vectors, memory, fits, time at rates measured here, what it could show."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from w2s.cli.describe import free_near, size_text, weights_of
from w2s.model.encoder.config import width_of
from w2s.model.encoder.frozen import FrozenEncoder, StoredVectors
from w2s.model.finetuning.learner import FineTuning
from w2s.pool.halves import halved
from w2s.pool.preparation import Preparation
from w2s.protocols import Learner
from w2s.results.progress import spell
from w2s.statistics.power import FEWEST_SEEDS, least_difference
from w2s.study.base import CountsFits, OnPool
from w2s.types import FloatArray, Inputs, Splits
from w2s.utils.optional import optional

DISCORDANT = 0.1
"""Share of test points on which two students are taken to differ."""
LETTERS_PER_TOKEN = 4
TOKENS_OF_A_PICTURE = 197
"""Of 224 by 224 pixels in patches of 16 by 16."""
MOST_TIMED = 2_000
"""Points and coordinates of the fit whose time is measured."""
MATMUL = 1024
FLOAT = 4
"""Bytes of a number of a vector."""
BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0, "nf4": 0.55}
"""Of a weight in memory; where linear layers are quantised, a little more in all."""


@dataclass(frozen=True)
class Estimate:
    """One line of what is known beforehand."""

    topic: str
    text: str
    fits_here: bool = True
    """Whether this machine has room for it."""


def estimates(study: OnPool, *, jobs: int, seeds: Sequence[int], here: bool) -> Iterator[Estimate]:
    """What a study on a pool needs, from its data, which are loaded, and its models, which are not.

    Args:
        study: of the first job.
        jobs: of the command.
        seeds: of the jobs.
        here: whether jobs run on this machine.
    """
    recipe = study.preparation
    splits = halved(recipe.dataset.load(recipe.data_seed), recipe.seed)
    roles = {name: len(getattr(splits, name)) for name in ("weak_train", "pool", "validation", "test")}
    yield Estimate("points", ", ".join(f"{count:,} {name}" for name, count in roles.items()))
    seconds = 0.0
    for name in ("weak_model", "strong_model"):
        encoder = getattr(recipe, name).representation
        if isinstance(encoder, StoredVectors):
            found = _Network.of(encoder, splits)
            yield from found.estimates(name, here=here)
            seconds += found.seconds
    student = recipe.learners.student
    if isinstance(student, FineTuning) and student.encoder is not None:
        yield from _Network.of(student.encoder, splits).trained(
            student.recipe.precision if student.train == "adapters" else None, here=here
        )
    if isinstance(analysis := study.analyses[0], CountsFits):
        yield _fits(recipe, splits, analysis.fits + 1, jobs, seconds)
    yield Estimate("differences", differences(roles["test"], len(set(seeds))))


def differences(n_test: int, n_seeds: int) -> str:
    """What test points and seeds could show."""
    points = 100 * least_difference(n_test, DISCORDANT)
    text = f"{n_test:,} test points show differences from about {points:.1f} points on, if students differ on one of ten"
    if n_seeds < FEWEST_SEEDS:
        return f"{text}; {n_seeds} seed{'s' if n_seeds > 1 else ''} cannot reach p = .05: at least {FEWEST_SEEDS} are needed"
    return f"{text}; {n_seeds} seeds can reach p = .05"


@dataclass(frozen=True)
class _Network:
    """A checkpoint that reads all points once."""

    weights: float
    """Bytes in memory."""
    vectors: int
    """Bytes of the vectors of all points."""
    parameters: float
    tokens: float
    folder: Any
    device: str

    @staticmethod
    def of(encoder: StoredVectors, splits: Splits) -> _Network:
        parts = [part.inputs for part in (splits.weak_train, splits.pool, splits.validation, splits.test)]
        config = encoder.checkpoint.config() or {}
        vectors = sum(map(len, parts)) * len(encoder.layers) * width_of(config) * FLOAT
        own = "16" if "16" in str(config.get("dtype", config.get("torch_dtype", "float32"))) else "float32"
        parameters = weights_of(encoder.checkpoint) / BYTES[own]
        if isinstance(encoder, FrozenEncoder):
            texts = (text for part in parts for text in part.texts or ())
            tokens = sum(min(encoder.max_tokens, 1 + len(text) / LETTERS_PER_TOKEN) for text in texts)
        else:
            tokens = float(sum(map(len, parts)) * TOKENS_OF_A_PICTURE)
        gpu = encoder.device.startswith("cuda") or (encoder.device == "auto" and gpu_memory() is not None)
        device = "cuda" if gpu else "cpu"
        weights = parameters * BYTES[own if encoder.dtype == "auto" else encoder.dtype]
        return _Network(weights, vectors, parameters, tokens, encoder.store.folder, device)

    @property
    def seconds(self) -> float:
        """Of reading all points once, at the speed of this machine's products: a lower bound; 0 where nothing is known."""
        if not self.parameters or (self.device == "cuda" and gpu_memory() is None):
            return 0.0
        return 2 * self.parameters * self.tokens / products_per_second(self.device)

    def room(self, size: float, what: str, *, here: bool) -> tuple[bool, str]:
        """Whether so many bytes fit the machine, and that in words."""
        gpu = gpu_memory() if self.device == "cuda" else None
        room, kind = (memory(), "memory") if gpu is None else (gpu, "GPU memory")
        fits = size < room or not here
        place = f"{size_text(room)} of {kind} here" if here else "on the nodes"
        return fits, f"{'' if fits else 'does not fit: '}{size_text(int(size))} of {what}, {place}"

    def trained(self, frozen: str | None, *, here: bool) -> Iterator[Estimate]:
        """What fine-tuning holds: weights in the numbers they are `frozen` in, or in float32 with gradients and moments."""
        size = self.parameters * (BYTES[frozen] if frozen else 4 * FLOAT)
        what = "frozen weights" if frozen else "weights, gradients and moments"
        fits, text = self.room(size, what, here=here)
        if size:
            yield Estimate("learner", text, fits_here=fits)

    def estimates(self, name: str, *, here: bool) -> Iterator[Estimate]:
        if not self.weights:
            return
        fits, text = self.room(self.weights, "weights", here=here)
        if here:
            text += f"; reading all points once takes at least {spell(self.seconds)}, where they are not stored"
        yield Estimate(name, text, fits_here=fits)
        if self.vectors:
            free = free_near(self.folder)
            text = f"{size_text(self.vectors)} of vectors, {size_text(free)} free in {self.folder}"
            yield Estimate(f"{name}, vectors", text, fits_here=self.vectors < free or not here)


def _fits(recipe: Preparation, splits: Splits, fits: int, jobs: int, reading: float) -> Estimate:
    """How many students are trained, and how long that takes, at the time that one takes here."""
    text = f"at most {fits:,} fits a run, {jobs:,} run{'s' if jobs > 1 else ''}"
    learner, least = recipe.learners.student, ""
    if isinstance(learner, FineTuning):
        seconds, least = training_seconds(learner, splits), "at least "
    else:
        seconds = optional("the time of a fit", partial(fit_seconds, learner, recipe, splits)) or 0.0
    if not seconds:
        return Estimate("fits", text)
    run = fits * seconds
    one = f"{1000 * seconds:,.0f} ms" if seconds < 1 else spell(seconds)
    text += f"; one on the whole pool takes {least}{one} here, a run of them all about {spell(run + reading)}"
    return Estimate("fits", text + (f", all one after the other {spell(jobs * run + reading)}" if jobs > 1 else ""))


def training_seconds(learner: FineTuning, splits: Splits) -> float:
    """Of fine-tuning on the whole pool: forward and backward passes cost three times as much as reading; a lower bound."""
    if learner.encoder is None:
        return 0.0
    points = sum(map(len, (splits.weak_train, splits.pool, splits.validation, splits.test)))
    share = len(splits.pool) / max(1, points)
    return 3 * learner.recipe.epochs * share * _Network.of(learner.encoder, splits).seconds


def vectors_like(recipe: Preparation, splits: Splits) -> FloatArray | None:
    """Vectors of some pool points: the model's own where that costs little, of its size where a network makes them."""
    representation = recipe.strong_model.representation
    inputs = splits.pool.inputs.take(slice(0, MOST_TIMED))
    if isinstance(representation, StoredVectors):
        size = width_of(representation.checkpoint.config() or {})
        if not size:
            return None
        return np.random.default_rng(0).normal(size=(len(inputs), size * len(representation.layers))).astype(np.float32)
    return np.asarray(representation.fit(inputs).encode(inputs))


def fit_seconds(learner: Learner, recipe: Preparation, splits: Splits) -> float:
    """Seconds of one fit on the whole pool, from one on some of its points; 0 where no vectors can be made up for it.

    The targets are made up (true labels stay sealed), and the second of two fits counts, as the first loads libraries.
    """
    vectors = vectors_like(recipe, splits)
    if vectors is None:
        return 0.0
    targets = np.random.default_rng(0).dirichlet(np.ones(len(splits.classes)), len(vectors))
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        learner.fit(Inputs(features=vectors), targets)
        taken.append(time.perf_counter() - start)
    return min(taken) * len(splits.pool) / len(vectors)


def products_per_second(device: str) -> float:
    """Floating-point operations a second of a matrix product, measured."""
    square = np.ones((MATMUL, MATMUL), dtype=np.float32)
    if device == "cuda":
        import torch

        tensor = torch.as_tensor(square).to("cuda", torch.bfloat16)
        _ = tensor @ tensor
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(10):
            _ = tensor @ tensor
        torch.cuda.synchronize()
        return 20 * MATMUL**3 / (time.perf_counter() - start)
    _ = square @ square
    start = time.perf_counter()
    _ = square @ square
    return 2 * MATMUL**3 / (time.perf_counter() - start)


def memory() -> int:
    """Bytes of this machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def gpu_memory() -> int | None:
    """Bytes of the first GPU's memory; None without one."""
    import torch

    return int(torch.cuda.get_device_properties(0).total_memory) if torch.cuda.is_available() else None
