"""Any pretrained checkpoint as a frozen, pure encoder, whose vectors are computed once and stored; and the one of texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import MinLen

from w2s.errors import ModelError, require
from w2s.identity import identity
from w2s.model.encoder.checkpoint import Checkpoint, FolderCheckpoint, folder_named
from w2s.model.encoder.encoding import Encoding
from w2s.model.encoder.hub import HUB_ID, HubCheckpoint
from w2s.model.encoder.loading import check_layers, check_quantised, load
from w2s.model.encoder.network import Network, Pooling, Precision, Tokens, parallelism
from w2s.model.encoder.settings import EncoderSettings
from w2s.model.model import Model
from w2s.model.representation import texts_of
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.input_hashes import BUCKETS, HashArray, hashes_of, part_of
from w2s.types import CacheStats, Column, FloatArray, Inputs, IntArray
from w2s.utils.ranges import Count, Workers

VERSION = 2
"""Raised when the code gives other vectors of texts than before."""
CPU_BATCH_TOKENS = 512
"""What a batch computes on the way still fits a core's cache; larger batches were slower for small networks."""
GPU_BATCH_TOKENS = 32_768


class StoredVectors(EncoderSettings):
    """What every encoder with a checkpoint does.

    `check()`, `checkpoint.check()` and `store.check()` say within seconds, without importing torch, what stands in the way.
    """

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

    def fit(self, inputs: Inputs) -> Self:
        """Nothing to fit: the encoder itself."""
        self.items(inputs)
        return self

    def pinned(self) -> Self:
        """The same encoder, whose checkpoint is named by its content: for a model that is saved."""
        return replace(self, checkpoint=self.checkpoint.pinned(self.store))

    @property
    def provenance(self) -> dict[str, str]:
        """What the checkpoint is: the hash of its content, or the commit that its revision means now."""
        return self.checkpoint.identify(self.store)

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d) float32 vectors of the n inputs, from the store where they are known.

        Raises:
            ModelError: the checkpoint cannot be opened, or memory does not hold a single input.
            StoreError: the store is full or cannot be written, and something is missing in it.
        """
        with Encoding(self, self.items(inputs)) as work:
            return work.vectors()

    def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> CacheStats:
        """Compute and store what is missing of one of `shards` parts of the inputs; what that cost.

        Parts are divided by the hash of the input, so they never overlap, whatever the order of the inputs.
        """
        require(shards <= BUCKETS, f"study.shards={shards}: inputs are divided into at most {BUCKETS} parts.")
        items = self.items(inputs)
        own = part_of(self.hashes(items), shard=shard, shards=shards)
        with Encoding(self, tuple(items[i] for i in own)) as work:
            return work.fill()


@identity(runtime=("store", "device", "batch_tokens", "workers"))
@dataclass(frozen=True, kw_only=True)
class FrozenEncoder(StoredVectors):
    """A checkpoint read as a fixed function of each text: last layer by default, without the head, one vector a text."""

    reads: ClassVar[Column] = "texts"
    unit: ClassVar[str] = "text"

    pooling: Pooling = "last"
    """`last`: the last real token's hidden state (the paper's). `mean`: the mean over the real tokens."""
    max_tokens: Count = 512
    """Tokens read of a text; fewer where the architecture reads fewer."""
    prompt: str = "{text}"
    """What the network reads; `{text}` stands for the text."""
    batch_tokens: Count | None = None
    """Padded tokens in a batch; None is 512 on a processor and 32,768 on a GPU. Changes the speed alone."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("{text}" in self.prompt, f"prompt={self.prompt!r} does not say where the text goes: write {{text}} there.")

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its text."""
        own = {"version": VERSION, "pooling": self.pooling, "max_tokens": self.max_tokens, "prompt": self.prompt}
        return super().key() | own

    def items(self, inputs: Inputs) -> tuple[str, ...]:
        """The texts."""
        return texts_of(inputs)

    def hashes(self, items: Sequence[str]) -> HashArray:
        """Of the texts without the prompt."""
        return hashes_of(items)

    def contents(self, items: Sequence[str]) -> list[str]:
        """What a fit is stored by: the texts themselves."""
        return list(items)

    def open(self, folder: Path, device: str) -> Network:
        """The network of a checked folder, loaded."""
        return load(
            folder, name=str(folder), device=device, dtype=self.dtype, max_tokens=self.max_tokens, layers=self.layers
        )

    def prepare(self, network: Network, items: Sequence[str]) -> tuple[list[Tokens], int]:
        """The tokens of each text in its prompt."""
        return network.tokenize([self.prompt.replace("{text}", text) for text in items])

    def batch(self, network: Network) -> tuple[int, int, int | None]:
        """By the token."""
        budget = CPU_BATCH_TOKENS if network.device == "cpu" else GPU_BATCH_TOKENS
        return self.batch_tokens or budget, *parallelism(network.device)

    def cut_to(self, network: Network) -> str:
        """Tokens, and who sets the limit."""
        limit = "max_tokens" if network.max_tokens == self.max_tokens else "all that the checkpoint reads"
        return f"{network.max_tokens} tokens ({limit})"

    def trained(self, max_tokens: int | None, dtype: Precision) -> Self:
        """The encoder as fine-tuning reads it."""
        return replace(self, max_tokens=max_tokens or self.max_tokens, dtype=dtype)

    def examples(self, network: Network, items: Sequence[str], *, drop_long: bool) -> tuple[list[Tokens], IntArray]:
        """Tokens of the texts to train on, and (m,) positions of these: all, cut, unless longer ones are dropped.

        Raises:
            ModelError: every text is longer.
        """
        if not drop_long:
            return self.prepare(network, items)[0], np.arange(len(items))
        tokens, _ = self.prepare(replace(network, max_tokens=network.max_tokens + 1), items)
        kept = np.flatnonzero([len(each) <= network.max_tokens for each in tokens])
        require(len(kept) > 0, f"recipe.max_tokens={network.max_tokens}: every text is longer.", ModelError)
        return [tokens[i] for i in kept.tolist()], kept


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


def checkpoint_at(checkpoint: str, revision: str | None, reads: Column = "texts") -> Checkpoint:
    """A folder where there is one, or where the name cannot be a hub id; else a checkpoint on the hub."""
    if not os.path.lexists(folder_named(checkpoint)) and HUB_ID.fullmatch(checkpoint):
        return HubCheckpoint(checkpoint, revision, reads)
    require(revision is None, f"revision={revision} belongs to a hub id, but checkpoint={checkpoint} is a folder.")
    return FolderCheckpoint(checkpoint, reads=reads)
