"""A loaded network made trainable: adapters or all of its weights, and a last layer on its pooled hidden states."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import ConfigError, ModelError, require
from w2s.model.checkpoint.file_checks import weight_files
from w2s.model.encoder.settings import LoadedNetwork
from w2s.model.training.recipe import Lora, Recipe
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import torch

HEAD = "head."
"""How the names of the last layer's weights begin among all that are trained."""
SMALL = 2e-4
"""Standard deviation of a small start: a hundredth of the usual .02."""
STATISTICS = ("running_mean", "running_var")
UNUSED = "pooler."
"""Weights that hidden states do not depend on."""
OUTPUT = "lm_head.weight"
"""A language model's last layer in a checkpoint, where it is not tied to the first one."""


@dataclass(frozen=True)
class TrainableNetwork:
    """What the training loop trains."""

    network: Any
    """A `LoadedNetwork`."""
    head: torch.nn.Linear
    pooling: Any
    layers: tuple[int, ...]
    half: bool
    """Whether float32 weights are used in bfloat16."""

    @property
    def device(self) -> str:
        """Where it is."""
        return str(self.network.device)

    @cached_property
    def parameters(self) -> Mapping[str, torch.nn.Parameter]:
        """What is trained, by name."""
        own = {name: each for name, each in self.network.model.named_parameters() if each.requires_grad}
        return own | {f"{HEAD}{name}": each for name, each in self.head.named_parameters()}

    @cached_property
    def state(self) -> Mapping[str, torch.Tensor]:
        """What training changes, by name: parameters, and the running statistics of normed batches."""
        return {**self.parameters, **statistics(self.network.model)}

    def logits(self, batch: Sequence[Any]) -> torch.Tensor:
        """(b, C) float32 of b token lists or pictures."""
        import torch

        kind = self.device.split(":")[0]
        with torch.autocast(kind, dtype=torch.bfloat16) if self.half else nullcontext():
            states = self.network.forward(batch, pooling=self.pooling, layers=self.layers)
        logits: torch.Tensor = self.head(states.float())
        return logits

    def mode(self, *, training: bool) -> None:
        """Dropout on or off."""
        self.network.model.train(training)


def statistics(model: Any) -> dict[str, torch.Tensor]:
    """Running means and variances of a network, by name."""
    return {name: each for name, each in model.named_buffers() if name.endswith(STATISTICS)}


def trainable(
    network: Any,
    recipe: Recipe,
    *,
    adapters: bool,
    pooling: Any,
    layers: tuple[int, ...],
    n_classes: int,
    seed: int,
    folder: Path,
) -> TrainableNetwork:
    """Make a loaded network trainable; its weights are changed in place.

    Args:
        network: in float32, or in bfloat16 beside adapters.
        recipe: says how adapters and the last layer start.
        adapters: train these and leave the network's own weights alone; else train all of them.
        pooling: of the hidden states.
        layers: hidden states that the last layer reads.
        n_classes: C.
        seed: of the start.
        folder: where the checkpoint lies.

    Raises:
        ModelError: no layer has a name that adapters were asked for, or there are no weights for label words.
    """
    import torch

    network.model.requires_grad_(not adapters)
    for name, parameter in network.model.named_parameters():
        if name.startswith(UNUSED):
            parameter.requires_grad_(requires_grad=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = network
        if adapters:
            made = replace(network, model=adapted(network.model, recipe.lora))
        head = torch.nn.Linear(network.width * len(layers), n_classes)
        with torch.no_grad():
            head.bias.zero_()
            if recipe.head == "words":
                head.weight.copy_(word_weights(network, recipe.label_words, n_classes, folder))
            else:
                head.weight.normal_(0.0, SMALL) if recipe.head == "small" else head.weight.zero_()
    if recipe.gradient_checkpointing:
        network.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    half = recipe.precision == "bfloat16" and not adapters
    return TrainableNetwork(made, head.to(network.device), pooling, layers, half)


def adapted(model: Any, lora: Lora) -> Any:
    """The network with new adapters, drawn from torch's random state."""
    peft = peft_library()
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    config = peft.LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
        exclude_modules=[name for name, _ in model.named_modules() if name.startswith(UNUSED)] or None,
    )
    name = model.config.name_or_path or model.config.model_type
    with reading(f"checkpoint={name}: it takes no adapters at {lora.targets}", ModelError), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # between two libraries
        return peft.get_peft_model(model, config)


def peft_library() -> Any:
    """The library of adapters.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise ConfigError("learner=lora needs peft: pip install 'w2s[finetune]'.") from error
    return peft


def with_weights(network: Any, lora: Lora | None, weights: Mapping[str, Any]) -> LoadedNetwork:
    """A loaded network with what was trained in its place; adapters are merged where the numbers are float32.

    Raises:
        ModelError: it has no weights of these names and shapes.
    """
    import torch

    model = network.model if lora is None else adapted(network.model, lora)
    own = dict(model.named_parameters()) | statistics(model)
    with torch.no_grad():
        for name, value in weights.items():
            if name not in own or tuple(own[name].shape) != value.shape:
                raise ModelError(f"The fitted network has weights {name} {value.shape}, and its checkpoint has none such.")
            own[name].copy_(torch.as_tensor(value.copy()))
    if lora is not None and network.model.dtype == torch.float32:
        model = model.merge_and_unload()
    made: LoadedNetwork = replace(network, model=model.eval())
    return made


def word_weights(network: Any, words: Sequence[str], n_classes: int, folder: Path) -> torch.Tensor:
    """(C, d) the language model's own last layer at the first token of a word for each class.

    Raises:
        ConfigError: there are not as many words as classes, or two begin alike.
        ModelError: the checkpoint holds no such layer.
    """
    from safetensors import safe_open

    tokens = [network.tokenizer(f" {word}", add_special_tokens=False)["input_ids"][0] for word in words]
    require(
        len(words) == n_classes == len(set(tokens)),
        f"recipe.label_words={list(words)}: {n_classes} classes need as many words, and no two with the same first token.",
    )
    for file in weight_files(folder, str(folder)):
        with safe_open(folder / file, framework="pt") as weights:
            if OUTPUT in weights.keys():
                found: torch.Tensor = weights.get_tensor(OUTPUT)[tokens].float()
                return found
    if not getattr(network.model.config, "tie_word_embeddings", False):
        raise ModelError(f"checkpoint={folder}: it has no last layer for words; use recipe.head=zero.")
    embeddings: torch.Tensor = network.model.get_input_embeddings().weight[tokens].float()
    return embeddings
