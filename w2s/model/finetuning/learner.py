"""The learner that fine-tunes a pretrained network, each fit computed once and stored by all that determines it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from w2s.errors import ConfigError, require
from w2s.identity import digest, identity, identity_of
from w2s.loss import CrossEntropy, Loss
from w2s.model.checkpoint.file_checks import check_reader
from w2s.model.checkpoint.loading import QUANTISED, Precision, check_quantised
from w2s.model.encoder.devices import available_devices
from w2s.model.encoder.image_encoder import ImageEncoder
from w2s.model.encoder.request import forget
from w2s.model.encoder.settings import LoadedNetwork
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.finetuning.fitted_network import FittedNetwork, TunedEncoder, TunedImageEncoder
from w2s.model.finetuning.trainable import HEAD, peft_library, trainable
from w2s.model.training.inputs import Examples
from w2s.model.training.loop import Loop
from w2s.model.training.ranks import Ranks, together
from w2s.model.training.recipe import Lora, Recipe
from w2s.model.training.sharding import spread
from w2s.model.training.state import Progress, Trained
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.protocols import Representation
from w2s.store.fit_cache import stored_fit
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import Seed, checked

log = logging.getLogger(__name__)

VERSION = 1
"""Raised when the code trains another network than before."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class FineTuning:
    """Trains the network that a model reads texts with, and a last layer on its pooled hidden states.

    Weak labels are the targets of `loss`; where the recipe keeps the best state, it is the one that agrees best with the
    weak labels of validation points.
    """

    train: Literal["adapters", "all"]
    """Low-rank adapters beside a frozen network (LoRA), or all of its weights."""
    recipe: Recipe
    loss: Loss | None = None
    """None: cross-entropy."""
    seed: Seed = 0
    """Of the start, the order of the points, and dropout."""
    encoder: StoredVectors | None = None
    """The network that is trained, and how it is read; set by `on`."""

    @property
    def reads(self) -> Column:
        """What its network reads; texts until it is told of one."""
        return "texts" if self.encoder is None else self.encoder.reads

    @property
    def uses_validation(self) -> bool:
        """Whether validation points choose the state."""
        return self.recipe.keep == "best"

    def check(self) -> None:
        """Refuse adapters and quantised weights without their library, and training of such weights.

        Raises:
            ConfigError: with the command that installs it, or another choice.
        """
        if self.train == "adapters":
            peft_library()
        check_quantised(self.recipe.precision)
        if self.recipe.precision in QUANTISED and (self.train == "all" or self.recipe.sharded):
            raise ConfigError(
                f"recipe.precision={self.recipe.precision} keeps weights that nothing can change or deal out: "
                "it goes with learner=lora and recipe.sharded=false; else bfloat16."
            )

    def on(self, representation: Representation) -> FineTuning:
        """This learner, training the network of a representation.

        Raises:
            ConfigError: that is no pretrained network.
        """
        if not isinstance(representation, StoredVectors):
            kind = "lora" if self.train == "adapters" else "full"
            raise ConfigError(
                f"learner={kind} trains a pretrained network, and {type(representation).__name__} is none.\n"
                "Choose a checkpoint (strong_model=minilm, weak_model=qwen2_5_0_5b ...), or learner=probe."
            )
        return replace(self, encoder=representation)

    def with_loss(self, loss: Loss) -> FineTuning:
        """This learner, minimising another loss."""
        return replace(self, loss=loss)

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> FittedNetwork:
        """Train on n texts or pictures, or read what the same fit gave before.

        Args:
            inputs: n texts or pictures.
            targets: (n,) class codes, or (n, C) probabilities.
            weights: (n,) >= 0; a point's loss counts in proportion.
            validation: points with weak labels, by which the best state is chosen where the recipe asks for it.

        Raises:
            ModelError: the checkpoint cannot be read or trained, or training diverged.
        """
        assert self.encoder is not None, "a learner that fine-tunes is told by `on` which network it trains"
        encoder = self.encoder.trained(self.recipe.max_tokens, self._base_precision)
        answers, counts = as_probabilities(targets), point_weights(weights, len(inputs))
        loss = CrossEntropy() if self.loss is None else self.loss
        require(
            answers.shape[1] == 2 or not loss.two_classes_only,
            f"loss={type(loss).__name__} is for two classes, and the data has {answers.shape[1]}: loss=logconf_multiclass.",
        )
        watched = validation if self.uses_validation else None
        task = _Task(encoder, loss, encoder.items(inputs), answers, counts, watched)
        key = self._key(task)
        trained = stored_fit(encoder.store, key, partial(self._train, task), Trained)
        own = {name: value for name, value in trained.weights.items() if not name.startswith(HEAD)}
        lora = _shape(self.recipe.lora) if self.train == "adapters" else None
        kind = TunedImageEncoder if isinstance(encoder, ImageEncoder) else TunedEncoder
        tuned = kind(**_settings(encoder.pinned()), fit_key=digest(key), lora=lora, weights=own)
        return FittedNetwork(tuned, trained.weights[f"{HEAD}weight"], trained.weights[f"{HEAD}bias"], trained.history)

    @property
    def _base_precision(self) -> Precision:
        """Numbers that the network's own weights are kept in: float32 where they are trained."""
        return self.recipe.precision if self.train == "adapters" else "float32"

    def _key(self, task: _Task) -> dict[str, Any]:
        """All that determines the fit."""
        watched, contents = task.validation, task.encoder.contents
        return {
            "fine-tuning": VERSION,
            "network": task.encoder.key(),
            "train": self.train,
            "recipe": _plain(self.recipe),
            "loss": [type(task.loss).__name__, _plain(task.loss)],
            "seed": self.seed,
            "texts": len(task.items),
            "data": [
                _hash(contents(task.items)),
                _hash(task.targets),
                _hash(task.weights),
                None if watched is None else [_hash(contents(task.encoder.items(watched.inputs))), _hash(watched.targets)],
            ],
        }

    def _train(self, task: _Task, folder: Path) -> Trained:
        """Train in as many processes as the encoder has workers; `folder` keeps the state on the way."""
        encoder = task.encoder
        place = encoder.checkpoint.fetch(encoder.store)
        check_reader(place, str(place), encoder.reads)
        forget()  # the network that encoded last: memory may not hold both
        devices = available_devices(encoder.device)
        train = partial(self._train_as, task, folder, place)
        size = encoder.workers or len(devices)
        trained = (
            train(Ranks(), devices[0]) if size == 1 else together(train, devices, size, folder, spread=self.recipe.sharded)
        )
        Progress(folder, 0.0).clear()
        return trained

    def _train_as(self, task: _Task, folder: Path, place: Path, ranks: Ranks, device: str) -> Trained:
        """Train as one of several processes, with the checkpoint that lies in `place`."""
        encoder, validation = task.encoder, task.validation
        network = encoder.open(place, device)
        parameters = network.model.num_parameters()
        adapters = self.train == "adapters"
        made = trainable(
            network,
            self.recipe,
            adapters=adapters,
            pooling=encoder.pooling,
            layers=encoder.layers,
            n_classes=task.targets.shape[1],
            seed=self.seed,
            folder=place,
        )
        if ranks.spread:
            spread(made.network.model, made.head, adapters=adapters, device=device, size=ranks.size)
        shares = task.weights / task.weights.mean()
        examples = self._examples(network, encoder, task.items, task.targets, shares)
        watched = None
        if validation is not None:
            ones = np.ones(len(validation))
            watched = self._examples(
                network, encoder, encoder.items(validation.inputs), as_probabilities(validation.targets), ones, keep=True
            )
        n_trained = sum(each.numel() for each in made.parameters.values())
        counts = (n_trained, parameters, len(examples.tokens))
        log.info("training %s of %s weights on %s %ss", *(f"{n:,}" for n in counts), encoder.unit)
        progress = Progress(folder, self.recipe.minutes_between_saves)
        rate = self.recipe.rate(parameters, adapters=adapters)
        loop = Loop(made, self.recipe, task.loss, rate=rate, seed=self.seed, progress=progress, ranks=ranks)
        return loop.fit(examples, watched)

    def _examples(
        self,
        network: LoadedNetwork,
        encoder: StoredVectors,
        items: Sequence[Any],
        targets: FloatArray,
        weights: FloatArray,
        *,
        keep: bool = False,
    ) -> Examples:
        """The items as the network reads them; longer texts are cut, or left out where the recipe says so."""
        drop = self.recipe.long_texts == "drop" and not keep
        prepared, kept = encoder.examples(network, items, drop_long=drop)
        if len(kept) < len(items):
            told = "%d of %d texts are longer than %s and left out"
            log.warning(told, len(items) - len(kept), len(items), encoder.cut_to(network))
        return Examples(prepared, targets[kept], weights[kept], np.array([network.size(each) for each in prepared]))


@dataclass(frozen=True)
class _Task:
    """What one fit trains on, and towards what."""

    encoder: StoredVectors
    loss: Loss
    items: tuple[Any, ...]
    """n texts or pictures."""
    targets: FloatArray
    """(n, C)"""
    weights: FloatArray
    """(n,)"""
    validation: LabelledInputs | None
    """None where it plays no part."""


def _shape(lora: Lora) -> Lora:
    """What the adapters are, without how they were trained; lists of a configuration become tuples."""
    return replace(lora, learning_rate=None, targets=lora.targets if isinstance(lora.targets, str) else tuple(lora.targets))


def _settings(encoder: StoredVectors) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {each.name: getattr(encoder, each.name) for each in fields(encoder)}


def _plain(value: Any) -> Any:
    """A dataclass of settings as JSON, without what changes no result."""
    if not hasattr(value, "__dataclass_fields__"):
        return value
    runtime = identity_of(type(value)).runtime
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name not in runtime}


def _hash(values: Sequence[str] | FloatArray | IntArray) -> str:
    """sha256 of an array, or of texts in their order."""
    if isinstance(values, np.ndarray):
        return digest([values.shape, hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()])
    return digest(list(values))
