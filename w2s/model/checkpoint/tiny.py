"""A real causal language model, a thousand times too small: random weights, made on the spot, for trying and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le, MultipleOf

from w2s.identity import digest
from w2s.model.checkpoint.folder import folder_fingerprint
from w2s.model.checkpoint.loading import quiet_transformers
from w2s.store import Store
from w2s.store.generated_checkpoints import generated_folder
from w2s.utils.ranges import Seed, checked

VERSION = 1
VOCABULARY = 400
HEAD_WIDTH = 16
TinyWidth = Annotated[int, Ge(HEAD_WIDTH), Le(1_024), MultipleOf(HEAD_WIDTH)]
TinyDepth = Annotated[int, Ge(1), Le(64)]
SCHOOLBOOK = (
    "The sun warms the sea, and water rises into the air as vapour.",
    "A plant turns light, water and carbon dioxide into sugar and oxygen.",
    "What holds the planets in their paths? Gravity, which pulls every mass towards every other.",
    "This film is a joy from the first scene to the last; the sequel is not.",
)
"""A few lines for the tokenizer to learn its merges from."""


@dataclass(frozen=True, kw_only=True)
@checked
class TinyCheckpoint:
    """A Qwen2 with random weights, written into the store's folder; the same settings always give the same weights."""

    width: TinyWidth = 32
    """Hidden size d."""
    layers: TinyDepth = 2
    seed: Seed = 0

    def check(self) -> None:
        """Nothing outside this machine is needed."""

    def config(self) -> dict[str, Any]:
        """Its depth."""
        return {"num_hidden_layers": self.layers}

    def identify(self, store: Store) -> dict[str, str]:
        """The hash of its content."""
        return {"sha256": folder_fingerprint(self.fetch(store), store, "tiny")}

    def pinned(self, store: Store) -> TinyCheckpoint:  # noqa: ARG002
        """Its settings stand for its content."""
        return self

    def fetch(self, store: Store) -> Path:
        """The folder, made first where it is not there or damaged."""
        settings = digest([VERSION, self.width, self.layers, self.seed])[:12]
        return generated_folder(store, f"tiny-{self.width}x{self.layers}-{settings}", self.make)

    def make(self, folder: Path) -> None:
        """Write configuration, weights and tokenizer."""
        heads = self.width // HEAD_WIDTH
        save_network(folder, width=self.width, layers=self.layers, heads=heads, vocabulary=VOCABULARY, seed=self.seed)
        save_tokenizer(folder, SCHOOLBOOK, vocabulary=VOCABULARY)


def save_network(folder: Path, *, width: int, layers: int, heads: int, vocabulary: int, seed: int) -> None:
    """Write a Qwen2 with random weights; torch's own random state stays what it was."""
    import torch
    from transformers import Qwen2Config, Qwen2Model

    config = Qwen2Config(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        vocab_size=vocabulary,
        max_position_embeddings=2048,
    )
    with torch.random.fork_rng(devices=[]), quiet_transformers():
        torch.manual_seed(seed)
        Qwen2Model(config).save_pretrained(folder)


def save_tokenizer(folder: Path, texts: Sequence[str], *, vocabulary: int) -> None:
    """Write a byte-level BPE tokenizer learnt from `texts`: it reads any text, and has no padding token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>")  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
