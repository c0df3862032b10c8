"""How large a run is before it starts: points, vectors, memory, fits, time at rates measured here, what it could show."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from w2s.cli.check.network_cost import Estimate, NetworkCost, gpu_hours
from w2s.model.checkpoint.config_json import width_of
from w2s.model.encoder.stored_vectors import StoredVectors
from w2s.model.finetuning.learner import FineTuning
from w2s.pool.halves import halved
from w2s.pool.preparation import Preparation
from w2s.protocols import Learner
from w2s.results.progress import spell
from w2s.statistics.intervals import proportion_interval
from w2s.statistics.power import FEWEST_SEEDS, least_difference
from w2s.study.base import CountsFits, OnPool
from w2s.types import FloatArray, Inputs, Splits
from w2s.utils.optional import optional

DISCORDANT = 0.1
"""Share of test points on which two students are taken to differ."""
MOST_TIMED = 2_000
"""Points and coordinates of the fit whose time is measured."""


def estimates(study: OnPool, *, jobs: int, seeds: Sequence[int], here: bool) -> Iterator[Estimate]:
    """What a study on a pool needs, from its data, which are loaded, and its models, which are not.

    Args:
        study: of the first job.
        jobs: of the command.
        seeds: of the jobs.
        here: whether jobs run on this machine.
    """
    recipe = study.preparation
    splits = halved(recipe.dataset.load(recipe.data_seed), recipe.seed)
    roles = {name: len(getattr(splits, name)) for name in ("weak_train", "pool", "validation", "test")}
    yield Estimate("points", ", ".join(f"{count:,} {name}" for name, count in roles.items()))
    seconds = operations = memory = 0.0
    for name in ("weak_model", "strong_model"):
        encoder = getattr(recipe, name).representation
        if isinstance(encoder, StoredVectors):
            found = NetworkCost.of(encoder, splits)
            yield from found.estimates(name, here=here)
            seconds, operations, memory = seconds + found.seconds, operations + found.operations, max(memory, found.weights)
    student, fits, tuned = recipe.learners.student, 0, None
    if isinstance(student, FineTuning) and student.encoder is not None:
        tuned = NetworkCost.of(student.encoder, splits)
    if isinstance(analysis := study.analyses[0], CountsFits):
        fits = analysis.fits + 1
        yield _fits(recipe, splits, fits, jobs, seconds, tuned)
    if isinstance(student, FineTuning) and tuned is not None:
        yield from tuned.trained(student, here=here)
        memory = max(memory, tuned.bytes_to_train(student))
        operations += max(1, fits) * tuned.passes(student, splits) * tuned.operations
    yield from gpu_hours(operations, memory)
    if splits.pool.labels is None:
        yield Estimate("labels", labelled_text(roles["weak_train"], roles["validation"], roles["test"]))
    yield Estimate("differences", differences(roles["test"], len(set(seeds))))


def labelled_text(n_train: int, n_validation: int, n_test: int) -> str:
    """What so few labelled points tell: half widths of 95 % intervals of accuracies, which are widest at 1/2."""
    test, train = (
        100 * (share.high - share.low) / 2 for share in (proportion_interval(n // 2, n) for n in (n_test, n_train))
    )
    return (
        f"{n_train + n_validation + n_test:,} labelled points, and a pool without labels: accuracies are known to "
        f"± {test:.1f} points at most (95 %, {n_test:,} of test), "
        f"the cross-fitted ceiling to ± {train:.1f} ({n_train:,} of weak_train)"
    )


def differences(n_test: int, n_seeds: int) -> str:
    """What test points and seeds could show."""
    points = 100 * least_difference(n_test, DISCORDANT)
    text = f"{n_test:,} test points show differences from about {points:.1f} points on, if students differ on one of ten"
    if n_seeds < FEWEST_SEEDS:
        return f"{text}; {n_seeds} seed{'s' if n_seeds > 1 else ''} cannot reach p = .05: at least {FEWEST_SEEDS} are needed"
    return f"{text}; {n_seeds} seeds can reach p = .05"


def _fits(recipe: Preparation, splits: Splits, fits: int, jobs: int, reading: float, tuned: NetworkCost | None) -> Estimate:
    """How many students are trained, and how long that takes, at the time that one takes here."""
    text = f"at most {fits:,} fits a run, {jobs:,} run{'s' if jobs > 1 else ''}"
    learner, least = recipe.learners.student, ""
    if isinstance(learner, FineTuning):
        seconds = 0.0 if tuned is None else tuned.passes(learner, splits) * tuned.seconds
        least = "at least "
    else:
        seconds = optional("the time of a fit", partial(fit_seconds, learner, recipe, splits)) or 0.0
    if not seconds:
        return Estimate("fits", text)
    run = fits * seconds
    one = f"{1000 * seconds:,.0f} ms" if seconds < 1 else spell(seconds)
    text += f"; one on the whole pool takes {least}{one} here, a run of them all about {spell(run + reading)}"
    return Estimate("fits", text + (f", all one after the other {spell(jobs * run + reading)}" if jobs > 1 else ""))


def vectors_like(recipe: Preparation, splits: Splits) -> FloatArray | None:
    """Vectors of some pool points: the model's own where that costs little, of its size where a network makes them."""
    representation = recipe.strong_model.representation
    inputs = splits.pool.inputs.take(slice(0, MOST_TIMED))
    if isinstance(representation, StoredVectors):
        size = width_of(representation.checkpoint.config() or {})
        if not size:
            return None
        return np.random.default_rng(0).normal(size=(len(inputs), size * len(representation.layers))).astype(np.float32)
    return np.asarray(representation.fit(inputs).encode(inputs))


def fit_seconds(learner: Learner, recipe: Preparation, splits: Splits) -> float:
    """Seconds of one fit on the whole pool, from one on some of its points; 0 where no vectors can be made up for it.

    The targets are made up (true labels stay sealed), and the second of two fits counts, as the first loads libraries.
    """
    vectors = vectors_like(recipe, splits)
    if vectors is None:
        return 0.0
    targets = np.random.default_rng(0).dirichlet(np.ones(len(splits.classes)), len(vectors))
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        learner.fit(Inputs(features=vectors), targets)
        taken.append(time.perf_counter() - start)
    return min(taken) * len(splits.pool) / len(vectors)
