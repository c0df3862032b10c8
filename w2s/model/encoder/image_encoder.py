"""Any pretrained checkpoint with an image processor as a frozen, pure encoder of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import MinLen

from w2s.identity import identity
from w2s.model.checkpoint.hub import checkpoint_at
from w2s.model.checkpoint.loading import Precision
from w2s.model.checkpoint.residual import Blocks, ResidualCheckpoint, Side
from w2s.model.encoder.devices import MAX_BATCHES_AT_ONCE, cores
from w2s.model.encoder.image_network import ImageNetwork, ImagePooling, Pixels, load_images
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.model import Model
from w2s.model.representation import images_of
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.input_hashes import HashArray, as_hashes
from w2s.types import Column, Inputs, IntArray, Picture
from w2s.utils.ranges import Count, Seed, Width, Workers

VERSION = 1
"""Raised when the code gives other vectors of pictures than before."""
CPU_BATCH_TOKENS, GPU_BATCH_TOKENS = 2_048, 65_536
CPU_BATCH, GPU_BATCH = 16, 256
"""Pictures in a batch at most: a batch is decoded by one thread, so that there are some for each."""
HELD_BYTES = 2**30
"""Pictures up to this size together are decoded once for a fit; more of them once an epoch."""


@identity(runtime=("store", "device", "batch_images", "workers"))
@dataclass(frozen=True, kw_only=True)
class ImageEncoder(StoredVectors):
    """A checkpoint read as a fixed function of each picture; vectors are stored by the SHA-256 of the picture's file."""

    reads: ClassVar[Column] = "images"
    unit: ClassVar[str] = "picture"

    pooling: ImagePooling = "first"
    """`first`: the class token. `mean`: the mean of all tokens. `own`: what the network itself pools (CLIP's is normed).
    Maps of a convolutional network are averaged over their places, whichever it is."""
    batch_images: Count | None = None
    """Pictures in a batch; None is by size and device. Changes the speed alone."""

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its picture."""
        return super().key() | {"images": VERSION, "pooling": self.pooling}

    def items(self, inputs: Inputs) -> tuple[Picture, ...]:
        """The pictures."""
        return images_of(inputs)

    def hashes(self, items: Sequence[Picture]) -> HashArray:
        """Of the bytes of their files."""
        return as_hashes(picture.sha256 for picture in items)

    def contents(self, items: Sequence[Picture]) -> list[str]:
        """The hashes."""
        return [picture.sha256.hex() for picture in items]

    def open(self, folder: Path, device: str) -> ImageNetwork:
        """The network of a checked folder, loaded."""
        unused = None if self.pooling == "own" else "pooler."
        return load_images(folder, name=str(folder), device=device, dtype=self.dtype, layers=self.layers, unused=unused)

    def prepare(self, network: ImageNetwork, items: Sequence[Picture]) -> tuple[Sequence[Picture], int]:  # noqa: ARG002
        """The pictures themselves: they are decoded batch by batch."""
        return items, 0

    def batch(self, network: ImageNetwork) -> tuple[int, int, int | None]:
        """By the patch. Each of several threads decodes its batch, so that the device seldom waits."""
        size, cpu = network.size(np.empty(0)), network.device == "cpu"
        most = size * (CPU_BATCH if cpu else GPU_BATCH)
        budget = min(CPU_BATCH_TOKENS if cpu else GPU_BATCH_TOKENS, most)
        return size * self.batch_images if self.batch_images else budget, min(cores(), MAX_BATCHES_AT_ONCE), 1

    def cut_to(self, network: ImageNetwork) -> str:  # noqa: ARG002
        """Pictures are never cut."""
        return "nothing"

    def trained(self, max_tokens: int | None, dtype: Precision) -> Self:  # noqa: ARG002
        """The encoder as fine-tuning reads it."""
        return replace(self, dtype=dtype)

    def examples(
        self,
        network: ImageNetwork,
        items: Sequence[Picture],
        *,
        drop_long: bool,  # noqa: ARG002
    ) -> tuple[Sequence[Picture | Pixels], IntArray]:
        """The pictures, decoded once for the whole fit where memory holds them."""
        everyone = np.arange(len(items))
        if not len(items) or len(items) * network.pixels(items[0]).nbytes > HELD_BYTES:
            return items, everyone
        return [network.pixels(item) for item in items], everyone


@identity(runtime=("store", "device", "batch_images", "workers"), content=("checkpoint",))
def image_model(
    *,
    checkpoint: str,
    store: Store,
    learner: Learner,
    revision: str | None = None,
    pooling: ImagePooling = "first",
    layer: int | Annotated[list[int], MinLen(1)] = -1,
    dtype: Precision = "auto",
    batch_images: Count | None = None,
    device: str = "auto",
    workers: Workers | None = None,
) -> Model:
    """A model that reads pictures with a pretrained checkpoint and trains `learner` on the vectors.

    Args:
        checkpoint: a folder that `save_pretrained` wrote, with its image processor, or a hub id such as
            `facebook/dinov2-small`.
        store: where vectors are kept.
        learner: trained on the vectors.
        revision: commit, tag or branch of a hub checkpoint; None is its main branch.
        pooling: see `ImageEncoder`, as all that follow.
        layer: one hidden state, or several that stand side by side.
        dtype: numbers computed with.
        batch_images: pictures in a batch.
        device: where the network runs.
        workers: processes that share the work.
    """
    encoder = ImageEncoder(
        checkpoint=checkpoint_at(checkpoint, revision, "images"),
        store=store,
        pooling=pooling,
        layers=(layer,) if isinstance(layer, int) else tuple(layer),
        dtype=dtype,
        batch_images=batch_images,
        device=device,
        workers=workers,
    )
    return Model(encoder, learner)


@identity(runtime=("store", "device"))
def residual_model(
    *,
    store: Store,
    learner: Learner,
    widths: Annotated[tuple[Width, ...], MinLen(1)] = (16, 32, 64),
    blocks: Blocks = 1,
    side: Side = 32,
    seed: Seed = 0,
    device: str = "auto",
) -> Model:
    """A model that reads pictures with a `ResidualCheckpoint`; arguments as there and in `image_model`."""
    checkpoint = ResidualCheckpoint(widths=tuple(widths), blocks=blocks, side=side, seed=seed)
    return Model(ImageEncoder(checkpoint=checkpoint, store=store, device=device), learner)
