"""What a network costs: memory, disk, and time here and on the GPUs that people rent."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from w2s.cli.check.describe import free_near, size_text
from w2s.model.checkpoint.config_json import width_of
from w2s.model.checkpoint.hub import weight_bytes
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.encoder.text_encoder import FrozenEncoder
from w2s.model.finetuning.learner import FineTuning
from w2s.model.training.loop import CPU_MICRO_TOKENS, GPU_MICRO_TOKENS
from w2s.results.progress import spell
from w2s.types import Splits

LETTERS_PER_TOKEN = 4
TOKENS_OF_A_PICTURE = 197
"""Of 224 by 224 pixels in patches of 16 by 16."""
MATMUL = 1024
FLOAT = 4
"""Bytes of a number of a vector."""
BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0, "nf4": 0.55}
"""Of a weight in memory; where linear layers are quantised, a little more in all."""
GPUS = {"L4": (24e9, 121e12), "A100": (80e9, 312e12), "H100": (80e9, 989e12)}
"""Bytes of memory, and dense bfloat16 operations a second, of NVIDIA's data sheets."""
REACHED = 0.4
"""Share of that rate that training reaches: .38 to .43 for Llama 3 (2024), .46 for PaLM (2022)."""
SHORTEST = 60.0
"""Seconds on the slowest of them, below which nothing is said."""


@dataclass(frozen=True)
class Estimate:
    """One line of what is known beforehand."""

    topic: str
    text: str
    fits_here: bool = True
    """Whether this machine has room for it."""


def gpu_hours(operations: float, size: float) -> Iterator[Estimate]:
    """How long so many operations take on one GPU of each kind, and whether `size` bytes fit it."""
    seconds = {kind: operations / (REACHED * rate) for kind, (_, rate) in GPUS.items()}
    if max(seconds.values()) >= SHORTEST:
        times = (
            f"{kind} ({memory / 1e9:.0f} GB) {spell(seconds[kind])}{'' if size < memory else ', does not fit'}"
            for kind, (memory, _) in GPUS.items()
        )
        said = f"{operations:.0e} operations a run, at {REACHED:.0%} of the bfloat16 rate of one"
        yield Estimate("GPUs", f"{said}: {'; '.join(times)}")


@dataclass(frozen=True)
class NetworkCost:
    """A checkpoint that reads all points once."""

    weights: float
    """Bytes in memory."""
    vectors: int
    """Bytes of the vectors of all points."""
    parameters: float
    tokens: float
    folder: Any
    device: str
    depth: int
    """Layers; 0 where the configuration does not say."""
    width: int
    """d."""

    @staticmethod
    def of(encoder: StoredVectors, splits: Splits) -> NetworkCost:
        """Of an encoder on a data set; nothing is loaded."""
        parts = [part.inputs for part in (splits.weak_train, splits.pool, splits.validation, splits.test)]
        config = encoder.checkpoint.config() or {}
        vectors = sum(map(len, parts)) * len(encoder.layers) * width_of(config) * FLOAT
        stored = str(config.get("dtype") or config.get("torch_dtype"))
        own = stored if stored in BYTES else "float32"
        parameters = weight_bytes(encoder.checkpoint) / BYTES[own]
        if isinstance(encoder, FrozenEncoder):
            texts = (text for part in parts for text in part.texts or ())
            tokens = sum(min(encoder.max_tokens, 1 + len(text) / LETTERS_PER_TOKEN) for text in texts)
        else:
            tokens = float(sum(map(len, parts)) * TOKENS_OF_A_PICTURE)
        gpu = encoder.device.startswith("cuda") or (encoder.device == "auto" and gpu_memory() is not None)
        device = "cuda" if gpu else "cpu"
        weights = parameters * BYTES[own if encoder.dtype == "auto" else encoder.dtype]
        depth = config.get("num_hidden_layers", config.get("n_layer", 0))
        shape = (int(depth) if isinstance(depth, int) else 0, width_of(config))
        return NetworkCost(weights, vectors, parameters, tokens, encoder.store.folder, device, *shape)

    @property
    def operations(self) -> float:
        """Of reading all points once: two for each weight and token."""
        return 2 * self.parameters * self.tokens

    @property
    def seconds(self) -> float:
        """Of reading all points once, at the speed of this machine's products: a lower bound; 0 where nothing is known."""
        if not self.operations or (self.device == "cuda" and gpu_memory() is None):
            return 0.0
        return self.operations / products_per_second(self.device)

    def passes(self, learner: FineTuning, splits: Splits) -> float:
        """How often training on the whole pool costs what reading all points does.

        Forward and backward passes cost as much as three readings, as two where no weight of the network has a gradient,
        and one more where activations are computed again.
        """
        points = sum(map(len, (splits.weak_train, splits.pool, splits.validation, splits.test)))
        each = (2 if learner.train == "adapters" else 3) + learner.recipe.gradient_checkpointing
        return each * learner.recipe.epochs * len(splits.pool) / max(1, points)

    def tokens_at_once(self, learner: FineTuning) -> int:
        """Padded tokens of a forward pass in training."""
        return learner.recipe.micro_tokens or (CPU_MICRO_TOKENS if self.device == "cpu" else GPU_MICRO_TOKENS)

    def activations(self, learner: FineTuning) -> float:
        """Bytes that a forward pass keeps for the backward one, with fused attention.

        34 d for each token and layer in numbers of two bytes (V. Korthikanti et al., "Reducing Activation Recomputation in
        Large Transformer Models", 2022), or each layer's input and one layer in full where they are computed again.
        """
        numbers = 2 if learner.recipe.precision == "float32" else 1
        layers = 34 * self.depth if not learner.recipe.gradient_checkpointing else 2 * self.depth + 34
        return numbers * layers * self.width * self.tokens_at_once(learner) if self.depth else 0.0

    def bytes_to_train(self, learner: FineTuning) -> float:
        """Weights, what is trained of them with gradients and two moments in float32, and activations."""
        frozen = BYTES[learner.recipe.precision] if learner.train == "adapters" else 4 * FLOAT
        return self.parameters * frozen + self.activations(learner)

    def room(self, size: float, what: str, *, here: bool) -> tuple[bool, str]:
        """Whether so many bytes fit the machine, and that in words."""
        gpu = gpu_memory() if self.device == "cuda" else None
        room, kind = (memory(), "memory") if gpu is None else (gpu, "GPU memory")
        fits = size < room or not here
        place = f"{size_text(room)} of {kind} here" if here else "on the nodes"
        return fits, f"{'' if fits else 'does not fit: '}{size_text(int(size))} of {what}, {place}"

    def trained(self, learner: FineTuning, *, here: bool) -> Iterator[Estimate]:
        """What fine-tuning holds at once."""
        if not self.parameters:
            return
        what = "frozen weights" if learner.train == "adapters" else "weights, gradients and moments"
        kept = size_text(int(self.activations(learner)))
        what += f" and activations ({kept} for {self.tokens_at_once(learner):,} tokens at once)"
        fits, text = self.room(self.bytes_to_train(learner), what, here=here)
        yield Estimate("learner", text, fits_here=fits)

    def estimates(self, name: str, *, here: bool) -> Iterator[Estimate]:
        """Memory, time and disk of reading all points once."""
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


@cache
def products_per_second(device: str) -> float:
    """Floating-point operations a second of a matrix product, measured once."""
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
