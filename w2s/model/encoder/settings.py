"""How a checkpoint is read, whatever it reads: what a request to an encoder knows of it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self

from annotated_types import MinLen

from w2s.errors import require
from w2s.model.checkpoint.folder import Checkpoint
from w2s.model.checkpoint.loading import Precision
from w2s.store import Store
from w2s.store.input_hashes import HashArray
from w2s.types import Column, FloatArray, Inputs, IntArray
from w2s.utils.ranges import Workers, checked

DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


class LoadedNetwork(Protocol):
    """A checkpoint in memory."""

    model: Any

    @property
    def device(self) -> str:
        """Where it is."""
        ...

    def pool(self, batch: Sequence[Any], *, pooling: Any, layers: Sequence[int]) -> FloatArray:
        """(b, d) float32 vectors of b prepared items."""
        ...

    def size(self, prepared: Any) -> int:
        """How much of a batch a prepared item takes."""
        ...


@dataclass(frozen=True, kw_only=True)
@checked
class EncoderSettings(ABC):
    """Where and with which numbers a checkpoint is read.

    What it reads, texts or pictures, is the matter of its subclasses, the *readers*.
    """

    reads: ClassVar[Column]
    unit: ClassVar[str]
    """What one input is called."""

    checkpoint: Checkpoint
    pooling: str
    """How hidden states become one vector."""
    store: Store = field(default_factory=Store)
    layers: Annotated[tuple[int, ...], MinLen(1)] = (-1,)
    """Hidden states read, 0 for the embeddings, -1 for the last layer; several stand side by side."""
    dtype: Precision = "auto"
    """Numbers computed with; `auto` is the checkpoint's own. Vectors are float32 whatever it is."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1`, `mps`."""
    workers: Workers | None = None
    """Processes that share the work; None is one for each GPU that `device` allows."""

    def __post_init__(self) -> None:
        require(DEVICE.fullmatch(self.device) is not None, f"device={self.device}: auto, cpu, cuda, cuda:0 or mps.")

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its input."""
        return {"checkpoint": self.checkpoint.identify(self.store), "layers": list(self.layers), "dtype": self.dtype}

    @abstractmethod
    def items(self, inputs: Inputs) -> tuple[Any, ...]:
        """What it reads of n inputs.

        Raises:
            ModelError: the data has no such column.
        """

    @abstractmethod
    def hashes(self, items: Sequence[Any]) -> HashArray:
        """(n,) of each item."""

    @abstractmethod
    def open(self, folder: Path, device: str) -> Any:
        """The `LoadedNetwork` of a checked folder."""

    @abstractmethod
    def prepare(self, network: Any, items: Sequence[Any]) -> tuple[Sequence[Any], int]:
        """What the network's batches are made of, and how many of the items were cut."""

    @abstractmethod
    def batch(self, network: Any) -> tuple[int, int, int | None]:
        """Sizes that a batch may sum up to; batches on their way at once; processor threads for each."""

    @abstractmethod
    def cut_to(self, network: Any) -> str:
        """What items were cut to, in words."""

    @abstractmethod
    def contents(self, items: Sequence[Any]) -> list[str]:
        """What a fit on the items is stored by."""

    @abstractmethod
    def trained(self, max_tokens: int | None, dtype: Precision) -> Self:
        """The encoder as fine-tuning reads it."""

    @abstractmethod
    def examples(self, network: Any, items: Sequence[Any], *, drop_long: bool) -> tuple[Sequence[Any], IntArray]:
        """Prepared items to train on, and (m,) positions of these among the items."""
