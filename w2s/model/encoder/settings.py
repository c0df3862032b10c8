"""How a checkpoint is read: all that determines a vector beside its text, and where and how fast it is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen

from w2s.errors import require
from w2s.model.encoder.checkpoint import Checkpoint
from w2s.model.encoder.loading import load
from w2s.model.encoder.network import Network, Pooling, Precision
from w2s.store import Store
from w2s.utils.ranges import Count, Workers, checked

VERSION = 2
"""Raised when the code gives other vectors than before."""
DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True, kw_only=True)
@checked
class EncoderSettings:
    """The settings of a `w2s.model.encoder.frozen.FrozenEncoder`."""

    checkpoint: Checkpoint
    store: Store = field(default_factory=Store)
    pooling: Pooling = "last"
    """`last`: the last real token's hidden state (the paper's). `mean`: the mean over the real tokens."""
    layers: Annotated[tuple[int, ...], MinLen(1)] = (-1,)
    """Hidden states read, 0 for the embeddings, -1 for the last layer; several stand side by side."""
    max_tokens: Count = 512
    """Tokens read of a text; fewer where the architecture reads fewer."""
    dtype: Precision = "auto"
    """Numbers computed with; `auto` is the checkpoint's own. Vectors are float32 whatever it is."""
    prompt: str = "{text}"
    """What the network reads; `{text}` stands for the text."""
    batch_tokens: Count | None = None
    """Padded tokens in a batch; None is 512 on a processor and 32,768 on a GPU. Changes the speed alone."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1`, `mps`."""
    workers: Workers | None = None
    """Processes that share the work; None is one for each GPU that `device` allows."""

    def __post_init__(self) -> None:
        require("{text}" in self.prompt, f"prompt={self.prompt!r} does not say where the text goes: write {{text}} there.")
        require(DEVICE.fullmatch(self.device) is not None, f"device={self.device}: auto, cpu, cuda, cuda:0 or mps.")

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its text."""
        return {
            "version": VERSION,
            "checkpoint": self.checkpoint.identify(self.store),
            "pooling": self.pooling,
            "layers": list(self.layers),
            "max_tokens": self.max_tokens,
            "dtype": self.dtype,
            "prompt": self.prompt,
        }

    def open(self, folder: Path, device: str) -> Network:
        """The network of a checked folder, loaded."""
        return load(
            folder, name=str(folder), device=device, dtype=self.dtype, max_tokens=self.max_tokens, layers=self.layers
        )
