"""Any pretrained checkpoint as a frozen, pure encoder of texts, whose vectors are computed once and stored."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from annotated_types import MinLen

from w2s.errors import require
from w2s.identity import identity
from w2s.model.encoder.checkpoint import Checkpoint, FolderCheckpoint, folder_named
from w2s.model.encoder.encoding import Encoding
from w2s.model.encoder.hub import HUB_ID, HubCheckpoint
from w2s.model.encoder.loading import check_layers, check_quantised
from w2s.model.encoder.network import Pooling, Precision
from w2s.model.encoder.settings import EncoderSettings
from w2s.model.model import Model
from w2s.model.representation import texts_of
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.input_hashes import BUCKETS, hashes_of, part_of
from w2s.types import CacheStats, Column, FloatArray, Inputs
from w2s.utils.ranges import Count, Workers


@identity(runtime=("store", "device", "batch_tokens", "workers"))
@dataclass(frozen=True, kw_only=True)
class FrozenEncoder(EncoderSettings):
    """A checkpoint read as a fixed function of each text: last layer by default, without the head, one vector a text.

    `check()`, `checkpoint.check()` and `store.check()` say within seconds, without importing torch, what stands in the way.
    """

    reads: ClassVar[Column] = "texts"

    def check(self) -> None:
        """Refuse layers that the checkpoint does not have, where its configuration is at hand, and a missing library.

        Raises:
            ModelError: naming the range.
            ConfigError: with the command that installs it.
        """
        check_quantised(self.dtype)
        config = self.checkpoint.config()
        if config is not None:
            check_layers(config, self.layers)

    def fit(self, inputs: Inputs) -> FrozenEncoder:
        """Nothing to fit: the encoder itself."""
        texts_of(inputs)
        return self

    def pinned(self) -> FrozenEncoder:
        """The same encoder, whose checkpoint is named by its content: for a model that is saved."""
        return replace(self, checkpoint=self.checkpoint.pinned(self.store))

    @property
    def provenance(self) -> dict[str, str]:
        """What the checkpoint is: the hash of its content, or the commit that its revision means now."""
        return self.checkpoint.identify(self.store)

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d) float32 vectors of the n texts, from the store where they are known.

        Raises:
            ModelError: the checkpoint cannot be opened, or memory does not hold a single text.
            StoreError: the store is full or cannot be written, and something is missing in it.
        """
        with Encoding(self, texts_of(inputs)) as work:
            return work.vectors()

    def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> CacheStats:
        """Compute and store what is missing of one of `shards` parts of the texts; what that cost.

        Parts are divided by the hash of the text, so they never overlap, whatever the order of the texts.
        """
        require(shards <= BUCKETS, f"study.shards={shards}: texts are divided into at most {BUCKETS} parts.")
        texts = texts_of(inputs)
        with Encoding(self, tuple(texts[i] for i in part_of(hashes_of(texts), shard=shard, shards=shards))) as work:
            return work.fill()


@identity(runtime=("store", "device", "batch_tokens", "workers"), content=("checkpoint",))
def encoder_model(
    *,
    checkpoint: str,
    store: Store,
    learner: Learner,
    revision: str | None = None,
    pooling: Pooling = "last",
    layer: int | Annotated[list[int], MinLen(1)] = -1,
    max_tokens: Count = 512,
    dtype: Precision = "auto",
    prompt: str = "{text}",
    batch_tokens: Count | None = None,
    device: str = "auto",
    workers: Workers | None = None,
) -> Model:
    """A model that reads texts with a pretrained checkpoint and trains `learner` on the vectors.

    Args:
        checkpoint: a folder that `save_pretrained` wrote, or a hub id such as `Qwen/Qwen2.5-0.5B`.
        store: where vectors are kept.
        learner: trained on the vectors.
        revision: commit, tag or branch of a hub checkpoint; None is its main branch.
        pooling: see `FrozenEncoder`, as all that follow.
        layer: one hidden state, or several that stand side by side.
        max_tokens: tokens read of a text.
        dtype: numbers computed with.
        prompt: what the network reads.
        batch_tokens: padded tokens in a batch.
        device: where the network runs.
        workers: processes that share the work.
    """
    encoder = FrozenEncoder(
        checkpoint=checkpoint_at(checkpoint, revision),
        store=store,
        pooling=pooling,
        layers=(layer,) if isinstance(layer, int) else tuple(layer),
        max_tokens=max_tokens,
        dtype=dtype,
        prompt=prompt,
        batch_tokens=batch_tokens,
        device=device,
        workers=workers,
    )
    return Model(encoder, learner)


def checkpoint_at(checkpoint: str, revision: str | None) -> Checkpoint:
    """A folder where there is one, or where the name cannot be a hub id; else a checkpoint on the hub."""
    if not os.path.lexists(folder_named(checkpoint)) and HUB_ID.fullmatch(checkpoint):
        return HubCheckpoint(checkpoint, revision)
    require(revision is None, f"revision={revision} belongs to a hub id, but checkpoint={checkpoint} is a folder.")
    return FolderCheckpoint(checkpoint)
