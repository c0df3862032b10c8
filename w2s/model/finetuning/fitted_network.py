"""A fine-tuned network as data: what was trained, and the checkpoint that it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from w2s.identity import identity
from w2s.model.encoder.image_encoder import ImageEncoder
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.encoder.text_encoder import FrozenEncoder
from w2s.model.finetuning.trainable import with_weights
from w2s.model.representation import features_of
from w2s.model.training.recipe import Lora
from w2s.types import Column, FloatArray, History, Inputs
from w2s.utils.numerics import softmax


@dataclass(frozen=True, kw_only=True)
class _Tuned(StoredVectors):
    """A checkpoint with trained weights, read as a fixed function of each input; its vectors are stored like any others."""

    fit_key: str
    """The digest of all that determined the fit."""
    lora: Lora | None
    """The adapters' shape; None where all weights were trained."""
    weights: Mapping[str, FloatArray] = field(repr=False)
    """What was trained, by name, without the last layer."""

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its input."""
        return super().key() | {"fit": self.fit_key, "weights": self.content}

    @cached_property
    def content(self) -> str:
        """The SHA-256 of the trained weights: the same fit on another machine, or with more threads, has others."""
        sha = hashlib.sha256()
        for name in sorted(self.weights):
            sha.update(name.encode())
            sha.update(self.weights[name].tobytes())
        return sha.hexdigest()

    def open(self, folder: Path, device: str) -> Any:
        """The checkpoint with the trained weights in their places."""
        return with_weights(super().open(folder, device), self.lora, self.weights)  # type: ignore[safe-super]


@identity(runtime=("store", "device", "batch_tokens", "workers"))
@dataclass(frozen=True, kw_only=True)
class TunedEncoder(_Tuned, FrozenEncoder):
    """A fine-tuned reader of texts."""


@identity(runtime=("store", "device", "batch_images", "workers"))
@dataclass(frozen=True, kw_only=True)
class TunedImageEncoder(_Tuned, ImageEncoder):
    """A fine-tuned reader of pictures."""


@dataclass(frozen=True)
class LastLayer:
    """A fine-tuned classifier of the vectors that its network gives."""

    weight: FloatArray
    """(C, d)"""
    bias: FloatArray
    """(C,)"""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities."""
        return softmax(self.represent(inputs) @ self.weight.T.astype(np.float64) + self.bias)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) the vectors."""
        return features_of(inputs)


@dataclass(frozen=True)
class FittedNetwork:
    """A fine-tuned classifier of texts or of pictures."""

    encoder: TunedEncoder | TunedImageEncoder
    weight: FloatArray
    """(C, d) of the last layer."""
    bias: FloatArray
    """(C,)"""
    history: History
    """How its training went."""

    @property
    def reads(self) -> Column:
        """Texts or pictures."""
        return self.encoder.reads

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities."""
        encoder, last = self.apart()
        return last.predict(Inputs(features=encoder.encode(inputs)))

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) float32 pooled hidden states: what the last layer reads."""
        return self.encoder.encode(inputs)

    def apart(self) -> tuple[TunedEncoder | TunedImageEncoder, LastLayer]:
        """The network, and what reads its vectors: for who asks it several things of the same inputs."""
        return self.encoder, LastLayer(self.weight, self.bias)
