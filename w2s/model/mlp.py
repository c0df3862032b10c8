"""A small multilayer perceptron: the strong model of the paper's weak-supervision setting.

One fit is a batch of one: parameters carry a leading axis of F fits, so that many students of equal size (the shares of a
mixing curve, the draws of a control) train side by side in one loop over minibatches. Plain float32 numpy: a network of a
few thousand weights spends its time between the operations, not in them, and the same seed gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from annotated_types import MinLen

from w2s.identity import identity
from w2s.loss import Loss
from w2s.model.representation import features_of
from w2s.model.training_targets import as_probabilities, class_count, point_weights, refuse_other_losses
from w2s.seeding import generator
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.numerics import softmax
from w2s.utils.ranges import Count, Positive, Seed, Steps, Width, checked

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
"""Of Adam, as published: D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015."""

SIDE_BY_SIDE = 16
"""Fits trained in one loop; more gain nothing and take memory."""

Layers = list[tuple[FloatArray, FloatArray]]
"""Weights (F, fan_in, fan_out) and biases (F, 1, fan_out) of each layer."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Mlp:
    """d - hidden - C perceptron with ReLU on `Inputs.features`, cross-entropy against hard or soft targets, Adam.

    Weights and biases start uniform in +-1 / sqrt(fan_in), the usual start of linear layers. The last minibatch of an
    epoch may be smaller. Deterministic on CPU: `seed` fixes the start and the order of the points.
    """

    hidden: Annotated[tuple[Width, ...], MinLen(1)] = (32, 32, 32)
    """Units of each hidden layer; the last is the representation."""
    learning_rate: Positive = 1e-3
    epochs: Steps = 10
    batch: Count = 32
    """Points in a minibatch."""
    scale: Literal["none", "standard"] = "standard"
    """`standard` brings each feature to mean 0 and variance 1 on the training points."""
    seed: Seed = 0

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedMlp:
        """Train on n points: `targets` (n,) class codes, or (n, C) probabilities; nothing stops early by `validation`.

        A point's loss counts in proportion to its weight; scaling counts every point once.
        """
        return next(self.fit_many([inputs], [targets], None if weights is None else [weights]))

    def fit_many(
        self,
        inputs: Sequence[Inputs],
        targets: Sequence[IntArray | FloatArray],
        weights: Sequence[FloatArray] | None = None,
    ) -> Iterator[FittedMlp]:
        """Train F students, those on equally many points side by side; each equals its own `fit`."""
        shapes = [(*features_of(x).shape, class_count(y)) for x, y in zip(inputs, targets, strict=True)]
        trained: dict[int, FittedMlp] = {}
        done: set[int] = set()
        for f, shape in enumerate(shapes):
            if f not in done:
                members = [g for g in range(f, len(shapes)) if shapes[g] == shape and g not in done][:SIDE_BY_SIDE]
                features, answers = [features_of(inputs[g]) for g in members], [targets[g] for g in members]
                counts = [point_weights(None if weights is None else weights[g], len(inputs[g])) for g in members]
                trained.update(zip(members, self._fit_equal(features, answers, counts), strict=True))
                done.update(members)
            yield trained.pop(f)

    def with_loss(self, loss: Loss) -> Mlp:
        """Itself, as cross-entropy is what it minimises.

        Raises:
            ConfigError: `loss` is another one.
        """
        refuse_other_losses(loss, "this perceptron")
        return self

    def _fit_equal(
        self, features: list[FloatArray], targets: list[IntArray | FloatArray], counts: list[FloatArray]
    ) -> list[FittedMlp]:
        """Students on equally many points, all in one loop: F features (n, d), targets (n, C) and weights (n,)."""
        scales = [self._scale_of(x) for x in features]
        scaled = np.stack([scale.apply(x) for scale, x in zip(scales, features, strict=True)])
        answers = np.stack([as_probabilities(y).astype(np.float32) for y in targets])
        shares = np.stack([count / count.mean() for count in counts])[:, :, None].astype(np.float32)
        layers = self._train(scaled, answers, shares)
        return [FittedMlp(tuple((weight[f], bias[f]) for weight, bias in layers), scale) for f, scale in enumerate(scales)]

    def _scale_of(self, features: FloatArray) -> Scale:
        if self.scale == "none":
            return Scale(np.zeros(features.shape[1]), np.ones(features.shape[1]))
        deviation = features.std(axis=0)
        return Scale(features.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    def _train(self, features: FloatArray, targets: FloatArray, weights: FloatArray) -> Layers:
        """Adam over minibatches: features (F, n, d), targets (F, n, C), weights (F, n, 1) of mean 1."""
        n_fits, n, d = features.shape
        layers = self._start(n_fits, (d, *self.hidden, targets.shape[2]))
        parameters = [parameter for layer in layers for parameter in layer]
        first = [np.zeros_like(parameter) for parameter in parameters]
        second = [np.zeros_like(parameter) for parameter in parameters]
        draw = generator(self.seed, "mlp", "order")
        step = 0
        for _ in range(self.epochs):
            order = draw.permutation(n)
            for start in range(0, n, self.batch):
                step += 1
                rows = order[start : start + self.batch]
                gradients = _gradients(layers, features[:, rows], targets[:, rows], weights[:, rows])
                rate = np.float32(self.learning_rate * np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step))
                epsilon = np.float32(EPSILON * np.sqrt(1 - BETA_2**step))
                for parameter, gradient, mean, square in zip(parameters, gradients, first, second, strict=True):
                    mean += (1 - BETA_1) * (gradient - mean)
                    square += (1 - BETA_2) * (gradient * gradient - square)
                    parameter -= rate * mean / (np.sqrt(square) + epsilon)
        return layers

    def _start(self, n_fits: int, widths: tuple[int, ...]) -> Layers:
        """The same start for every fit, as each has the same seed."""
        draw = generator(self.seed, "mlp", "weights")
        layers = []
        for fan_in, fan_out in pairwise(widths):
            values = draw.uniform(-1, 1, size=(fan_in + 1, fan_out)) / np.sqrt(fan_in)
            stacked = np.repeat(values.astype(np.float32)[None], n_fits, axis=0)
            layers.append((stacked[:, :-1].copy(), stacked[:, -1:].copy()))
        return layers


@dataclass(frozen=True)
class Scale:
    """Shift and scale of each feature."""

    mean: FloatArray
    """(d,)"""
    deviation: FloatArray
    """(d,) > 0; 1 where a feature is constant."""

    def apply(self, features: FloatArray) -> FloatArray:
        """(n, d) float32 scaled features."""
        return np.asarray((features - self.mean) / self.deviation, dtype=np.float32)


@dataclass(frozen=True)
class FittedMlp:
    """A trained perceptron."""

    layers: tuple[tuple[FloatArray, FloatArray], ...]
    """Weights (fan_in, fan_out) and biases (1, fan_out)."""
    scale: Scale

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities."""
        weight, bias = self.layers[-1]
        return softmax(np.asarray(self.represent(inputs) @ weight + bias, dtype=np.float64))

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, last hidden width) activations of the last hidden layer, >= 0."""
        hidden = self.scale.apply(features_of(inputs))
        for weight, bias in self.layers[:-1]:
            hidden = np.maximum(hidden @ weight + bias, 0)
        return hidden


def _gradients(layers: Layers, features: FloatArray, targets: FloatArray, weights: FloatArray) -> list[FloatArray]:
    """Gradients of each fit's weighted mean cross-entropy, in the layers' order; batches (F, m, .)."""
    activations = [features]
    for weight, bias in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ weight + bias, 0))
    weight, bias = layers[-1]
    error = (softmax(activations[-1] @ weight + bias) - targets) * (weights / np.float32(features.shape[1]))
    gradients: list[FloatArray] = []
    for (weight, _), activation in zip(reversed(layers), reversed(activations), strict=True):
        gradients += [error.sum(axis=1, keepdims=True), activation.swapaxes(1, 2) @ error]
        if activation is not features:
            error = (error @ weight.swapaxes(1, 2)) * (activation > 0)
    return gradients[::-1]
