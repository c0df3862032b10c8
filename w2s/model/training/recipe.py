"""Recipes: everything that fine-tuning leaves to choice, so that a published one is a file of `conf/recipe`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import MinLen

from w2s.errors import ConfigError, require
from w2s.identity import identity
from w2s.utils.ranges import Count, CountOrZero, NotNegative, Positive, Share, Steps, Width, checked

Rate = float | Annotated[tuple[tuple[float | None, float], ...], MinLen(1)]
"""A learning rate; or (millions of parameters, rate): the rate of networks up to this size, None for all larger ones."""
Moment = Annotated[float, Share]
LARGEST_RATE = 1.0
"""A learning rate above is a typo."""


@dataclass(frozen=True, kw_only=True)
@checked
class Lora:
    """Low-rank adapters: W + (alpha / rank) B A in the place of W (Hu et al., "LoRA", ICLR 2022)."""

    rank: Width = 8
    alpha: Positive = 16.0
    dropout: Share = 0.0
    """Of what an adapter reads, in training."""
    targets: str | tuple[str, ...] = "all-linear"
    """Ends of the names of the layers that get one; `all-linear` is every linear layer."""
    learning_rate: Rate | None = None
    """None: the recipe's."""

    def __post_init__(self) -> None:
        if self.learning_rate is not None:
            check_rate("lora.learning_rate", self.learning_rate)


@identity(runtime=("micro_tokens", "gradient_checkpointing", "sharded", "minutes_between_saves"))
@dataclass(frozen=True, kw_only=True)
@checked
class Recipe:
    """How a network is trained. The defaults are ours, for a few thousand texts; published ones have names."""

    learning_rate: Rate = 2e-5
    """Of all weights; adapters may have their own."""
    optimizer: Literal["adam", "adamw"] = "adamw"
    beta2: Share = 0.999
    weight_decay: NotNegative = 0.0
    clip: Positive | None = 1.0
    """Greatest norm of a step's gradient; None for no limit."""
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    """Of the learning rate after its warm-up; the last two end at 0."""
    warmup_steps: CountOrZero = 0
    warmup_share: Share = 0.06
    """Of all steps, where `warmup_steps` is 0."""
    batch: Count = 32
    """Texts of an optimiser step."""
    epochs: Steps = 1
    max_tokens: Count | None = None
    """Tokens read of a text; None: as the model's file says."""
    long_texts: Literal["cut", "drop"] = "cut"
    """What becomes of longer training texts."""
    dropout: bool = True
    """Whether the network's own dropout is on in training."""
    precision: Literal["float32", "bfloat16", "int8", "nf4"] = "float32"
    """Numbers of the forward pass; what is trained is kept in float32. Weights of 8 and 4 bits are frozen, beside adapters
    (extra `quantised`)."""
    head: Literal["zero", "small", "words"] = "zero"
    """How the last layer starts: at 0, small and random, or as the language model's own weights of `label_words`."""
    label_words: tuple[str, ...] = ("No", "Yes")
    """A word for each class, read where `head` is `words`."""
    keep: Literal["last", "best"] = "last"
    """`best`: the state that agrees best with the weak labels of validation points, never with the truth."""
    evaluations: Count = 2
    """In an epoch, where the best state is kept."""
    patience: Count | None = None
    """Evaluations without improvement after which training ends; None: it goes on."""
    lora: Lora = field(default_factory=Lora)
    """Of adapters; `learner=full` has none."""
    micro_tokens: Count | None = None
    """Padded tokens of a forward pass, of which a step has as many as it needs; None: by device."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: less memory, a third more time."""
    sharded: bool = False
    """Of several processes each holds a part of every layer's weights (FSDP2): less memory, more traffic between them."""
    minutes_between_saves: NotNegative = 5.0
    """How much training a kill can cost."""

    def __post_init__(self) -> None:
        check_rate("recipe.learning_rate", self.learning_rate)
        require(self.beta2 < 1, f"recipe.beta2={self.beta2}: it should be less than 1.")

    def rate(self, parameters: int, *, adapters: bool) -> float:
        """The learning rate of a network of this many parameters."""
        own = self.lora.learning_rate if adapters else None
        return rate_for(self.learning_rate if own is None else own, parameters)

    def warmup(self, steps: int) -> int:
        """Steps of the warm-up among all."""
        return self.warmup_steps or round(self.warmup_share * steps)


def check_rate(name: str, rate: Rate) -> None:
    """Refuse what is no learning rate.

    Raises:
        ConfigError: naming the setting and the range.
    """
    pairs = [(None, rate)] if isinstance(rate, int | float) else list(rate)
    sizes = [math.inf if size is None else size for size, _ in pairs]
    if not all(0 < each <= LARGEST_RATE for _, each in pairs) or sizes != sorted(sizes) or sizes[-1] != math.inf:
        raise ConfigError(
            f"{name}={rate}: a rate above 0 and up to {LARGEST_RATE:g}, or pairs of millions of parameters and a rate,\n"
            "the smallest networks first and null in the last pair: [[400, 5e-5], [null, 1e-5]]."
        )


def rate_for(rate: Rate, parameters: int) -> float:
    """The rate of the first size that holds a network of this many parameters."""
    pairs: Sequence[tuple[float | None, float]] = [(None, rate)] if isinstance(rate, int | float) else rate
    return next(float(each) for size, each in pairs if size is None or parameters <= size * 1e6)
