"""What the training loop is given: a network with a head, and points to train it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from w2s.types import FloatArray, IntArray

if TYPE_CHECKING:
    from torch import Tensor


class Trainable(Protocol):
    """A network with a head."""

    @property
    def device(self) -> str:
        """Where it is."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What is trained, float32, by name."""
        ...

    @property
    def state(self) -> Mapping[str, Any]:
        """These, and what training changes beside them."""
        ...

    def logits(self, batch: Sequence[Any]) -> Tensor:
        """(b, C) float32 of b token lists or pictures."""
        ...

    def mode(self, *, training: bool) -> None:
        """Switch what behaves otherwise in training, such as dropout."""
        ...


@dataclass(frozen=True)
class Examples:
    """n points to train on."""

    tokens: Sequence[Any]
    """What the network reads of each: a list of tokens, or a picture."""
    targets: FloatArray
    """(n, C) probabilities."""
    weights: FloatArray
    """(n,) of mean 1."""
    sizes: IntArray | None = None
    """(n,) how much of a forward pass each takes; None: its tokens."""

    @cached_property
    def lengths(self) -> IntArray:
        """(n,) how much of a forward pass each takes."""
        return np.array([len(each) for each in self.tokens]) if self.sizes is None else self.sizes
