"""Any pretrained checkpoint as a frozen, pure encoder of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import MinLen

from w2s.errors import ModelError, require
from w2s.identity import identity
from w2s.model.checkpoint.hub import checkpoint_at
from w2s.model.checkpoint.loading import Precision
from w2s.model.checkpoint.tiny import TinyCheckpoint, TinyDepth, TinyWidth
from w2s.model.encoder.devices import parallelism
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.encoder.text_network import Pooling, TextNetwork, Tokens, load_texts
from w2s.model.model import Model
from w2s.model.representation import texts_of
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.input_hashes import HashArray, hashes_of
from w2s.types import Column, Inputs, IntArray
from w2s.utils.ranges import Count, Workers

VERSION = 2
"""Raised when the code gives other vectors of texts than before."""
CPU_BATCH_TOKENS = 512
"""What a batch computes on the way still fits a core's cache; larger batches were slower for small networks."""
GPU_BATCH_TOKENS = 32_768


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

    def open(self, folder: Path, device: str) -> TextNetwork:
        """The network of a checked folder, loaded."""
        return load_texts(
            folder, name=str(folder), device=device, dtype=self.dtype, max_tokens=self.max_tokens, layers=self.layers
        )

    def prepare(self, network: TextNetwork, items: Sequence[str]) -> tuple[list[Tokens], int]:
        """The tokens of each text in its prompt."""
        return network.tokenize([self.prompt.replace("{text}", text) for text in items])

    def batch(self, network: TextNetwork) -> tuple[int, int, int | None]:
        """By the token."""
        budget = CPU_BATCH_TOKENS if network.device == "cpu" else GPU_BATCH_TOKENS
        return self.batch_tokens or budget, *parallelism(network.device)

    def cut_to(self, network: TextNetwork) -> str:
        """Tokens, and who sets the limit."""
        limit = "max_tokens" if network.max_tokens == self.max_tokens else "all that the checkpoint reads"
        return f"{network.max_tokens} tokens ({limit})"

    def trained(self, max_tokens: int | None, dtype: Precision) -> Self:
        """The encoder as fine-tuning reads it."""
        return replace(self, max_tokens=max_tokens or self.max_tokens, dtype=dtype)

    def examples(self, network: TextNetwork, items: Sequence[str], *, drop_long: bool) -> tuple[list[Tokens], IntArray]:
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


@identity(runtime=("store",))
def tiny_model(
    *,
    store: Store,
    learner: Learner,
    width: TinyWidth = 32,
    layers: TinyDepth = 2,
    pooling: Pooling = "last",
    max_tokens: Count = 512,
) -> Model:
    """A model that reads texts with a `TinyCheckpoint`; arguments as there and in `encoder_model`."""
    checkpoint = TinyCheckpoint(width=width, layers=layers)
    return Model(FrozenEncoder(checkpoint=checkpoint, store=store, pooling=pooling, max_tokens=max_tokens), learner)
