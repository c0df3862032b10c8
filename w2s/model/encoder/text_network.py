"""A frozen network of texts: token ids, the forward pass without the head, pooling."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from w2s.errors import ModelError
from w2s.model.checkpoint.config_json import SHORTEST
from w2s.model.checkpoint.loading import OPTIONS, Precision, load_with
from w2s.types import FloatArray

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

Pooling = Literal["last", "mean"]
Tokens = list[int]

ALIKE = 16
"""So many distinct texts that the network sees as the same tokens are a mistake in the settings, not a coincidence."""


@dataclass(frozen=True)
class TextNetwork:
    """A loaded checkpoint."""

    model: Any
    tokenizer: Any
    device: str
    max_tokens: int
    """Tokens read of a text at most: what was asked for, or what the architecture can read."""

    def size(self, tokens: Tokens) -> int:
        """How much of a batch a text takes: its tokens."""
        return len(tokens)

    @property
    def width(self) -> int:
        """D of one layer."""
        return int(self.model.config.hidden_size)

    def tokenize(self, texts: Sequence[str]) -> tuple[list[Tokens], int]:
        """The token ids of each of distinct texts, cut to `max_tokens`, and how many texts were cut.

        A text without any token (an empty one, where the tokenizer adds nothing) is read as one begin-of-text token, or
        end-of-text where there is none.

        Raises:
            ModelError: the ids are none of the network's, or the same for all texts.
        """
        options: dict[str, Any] = {"return_attention_mask": False, "return_token_type_ids": False, "verbose": False}
        whole: list[Tokens] = self.tokenizer(list(texts), **options)["input_ids"]
        long = [i for i, tokens in enumerate(whole) if len(tokens) > self.max_tokens]
        if long:
            cut = self.tokenizer([texts[i] for i in long], truncation=True, max_length=self.max_tokens, **options)
            for i, tokens in zip(long, cut["input_ids"], strict=True):
                whole[i] = tokens
        whole = [tokens or [self._stand_in()] for tokens in whole]
        self._check_tokens(whole)
        return whole, len(long)

    def _check_tokens(self, texts: Sequence[Tokens]) -> None:
        """Refuse ids that the network has no embedding for, and distinct texts that all look the same to it."""
        known = getattr(self.model.get_input_embeddings(), "num_embeddings", math.inf)
        highest, lowest = max(map(max, texts)), min(map(min, texts))
        if lowest < 0 or highest >= known:
            raise ModelError(
                f"The tokenizer gives token {highest}, and the network knows {known}: they do not belong together."
            )
        if len(texts) >= ALIKE and all(tokens == texts[0] for tokens in texts):
            raise ModelError(
                f"{len(texts)} different texts are the same {len(texts[0])} tokens to the network, so all have one vector.\n"
                "Read more of each text with max_tokens, or put the text first in the prompt."
            )

    def _stand_in(self) -> int:
        for token in (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id):
            if token is not None:
                return int(token)
        raise ModelError(
            "A text is empty, and the tokenizer has no token to stand in for it: drop empty texts from the data."
        )

    def pool(self, batch: Sequence[Tokens], *, pooling: Pooling, layers: Sequence[int]) -> FloatArray:
        """(b, d) float32 vectors of b token lists; several layers stand side by side."""
        import torch

        with torch.inference_mode():
            return np.asarray(self.forward(batch, pooling=pooling, layers=layers).cpu().numpy())

    def forward(self, batch: Sequence[Tokens], *, pooling: Pooling, layers: Sequence[int]) -> torch.Tensor:
        """What `pool` gives, on the device and with gradients where they are recorded.

        The batch is padded on the right by hand, whatever the tokenizer's padding side and token: with a causal or a
        masked attention no real position sees a padded one, and positions count from the first real token.
        """
        import torch

        lengths = torch.tensor([len(tokens) for tokens in batch])
        width = int(lengths.max())
        ids = torch.zeros((len(batch), width), dtype=torch.int64)
        for row, tokens in zip(ids, batch, strict=True):
            row[: len(tokens)] = torch.tensor(tokens)
        real = torch.arange(width)[None, :] < lengths[:, None]
        mask = None if bool(real.all()) else real.long().to(self.device)
        only_last = tuple(layers) == (-1,)
        out = self.model(input_ids=ids.to(self.device), attention_mask=mask, output_hidden_states=not only_last)
        states = [out.last_hidden_state] if only_last else [out.hidden_states[layer] for layer in layers]
        return torch.cat([pool_states(state, lengths.to(self.device), pooling) for state in states], dim=1)


def pool_states(states: torch.Tensor, lengths: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """(b, d) float32 from (b, t, d) hidden states padded on the right, with (b,) real lengths."""
    import torch

    b, t, _ = states.shape
    if pooling == "last":
        return states[torch.arange(b, device=states.device), lengths - 1].float()
    real = (torch.arange(t, device=states.device)[None, :] < lengths[:, None])[:, :, None]
    summed: torch.Tensor = torch.where(real, states.float(), 0.0).sum(dim=1)
    return summed / lengths[:, None]


def load_texts(
    folder: Path, *, name: str, device: str, dtype: Precision, max_tokens: int, layers: Sequence[int]
) -> TextNetwork:
    """Load a checked checkpoint folder: the files that its content hash covers, and no others.

    Raises:
        ModelError: transformers cannot build it, a layer is asked for that it does not have, or it reads next to nothing.
    """

    def tokenizer_in(place: Path) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(place, **OPTIONS)

    model, tokenizer = load_with(tokenizer_in, folder, name=name, device=device, dtype=dtype, layers=layers)
    model.config.use_cache = False
    return TextNetwork(model, tokenizer, device, readable_tokens(model, tokenizer, name=name, max_tokens=max_tokens))


def readable_tokens(model: Any, tokenizer: Any, *, name: str, max_tokens: int) -> int:
    """Tokens read of a text at most: what was asked for, or what network and tokenizer can read.

    Raises:
        ModelError: next to nothing of a text would be left, so that all texts had one vector.
    """
    positions = getattr(model.config, "max_position_embeddings", None)
    limits = {"its network reads": positions, "its tokenizer reads": tokenizer.model_max_length}
    numbers = {who: limit for who, limit in limits.items() if isinstance(limit, int | float)}
    for who, limit in numbers.items():
        if not limit >= SHORTEST:
            raise ModelError(
                f"checkpoint={name}: {who} {limit} tokens of a text at most; that is too few to tell texts apart."
            )
    readable = int(min(max_tokens, *numbers.values()))
    added = int(tokenizer.num_special_tokens_to_add())
    if readable <= added:
        raise ModelError(
            f"max_tokens={max_tokens}: the tokenizer of checkpoint={name} adds {added} tokens to every text.\n"
            f"Read at least {added + 1}; the default is 512."
        )
    return readable
