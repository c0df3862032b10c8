"""What every choice of the group keeps to."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.configured import built, choices
from tests.refiner.views import view
from w2s.errors import DataError
from w2s.pool.refined_labels import normalised
from w2s.protocols import PoolView, Refiner
from w2s.types import Evidence, Refined, Sealed

CHOICES = choices("refiner")
ORACLES = {"oracle_filter", "oracle_relabel"}
BLIND = {"none", "random_filter", "random_relabel", "sharpened"} | {
    *("confidence", "temperature", "isotonic", "reliability_weights", "trust")
}
"""What looks at nothing, or at the weak model alone, whose confidence says nothing where labels are wrong at random."""
HONEST = [choice for choice in CHOICES if choice not in ORACLES]


@cache
def refiner(choice: str) -> Refiner:
    if choice == "confident_learning":
        pytest.importorskip("cleanlab", reason="the extra: pip install 'w2s[refine]'")
    made = built("refiner", choice)
    assert isinstance(made, Refiner)
    return made


def check(refined: Refined, n: int, n_classes: int) -> None:
    assert refined.targets.shape == (n, n_classes)
    assert np.isfinite(refined.targets).all()
    np.testing.assert_allclose(refined.targets.sum(axis=1), 1, atol=1e-6)
    if refined.weights is not None:
        assert refined.weights.shape == (n,)
        assert np.isfinite(refined.weights).all()
        assert (refined.weights >= 0).all()
    if refined.kept is not None:
        assert (refined.kept.shape, refined.kept.dtype) == ((n,), np.bool_)


def same(one: Refined, other: Refined) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("targets", "weights", "kept"))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("choice", CHOICES)
def test_labels_are_probabilities_and_fitting_twice_gives_the_same(choice: str, n_classes: int) -> None:
    pool, targets = view(n_classes)
    before = targets.copy()
    refined = refiner(choice).refine(pool, targets)
    check(refined, len(targets), n_classes)
    assert same(refined, refiner(choice).refine(pool, targets))
    np.testing.assert_array_equal(targets, before)


@pytest.mark.parametrize("choice", HONEST)
def test_the_truth_changes_nothing(choice: str) -> None:
    pool, targets = view()
    shuffled = dataclasses.replace(pool, truth=Sealed(1 - pool.truth.open("test")))
    blind = dataclasses.replace(pool, truth=None)
    refined = refiner(choice).refine(pool, targets)
    assert same(refined, refiner(choice).refine(shuffled, targets))
    assert same(refined, refiner(choice).refine(blind, targets))


@pytest.mark.parametrize("choice", sorted(ORACLES))
def test_oracles_say_that_there_is_no_truth(choice: str) -> None:
    pool, targets = view()
    with pytest.raises(DataError, match="true labels, and these points have none"):
        refiner(choice).refine(dataclasses.replace(pool, truth=None), targets)


@pytest.mark.parametrize("choice", ["temperature", "isotonic", "reliability_weights", "trust"])
def test_what_learns_from_weak_train_says_that_it_is_not_there(choice: str) -> None:
    pool, targets = view()
    with pytest.raises(DataError, match="weak_train"):
        refiner(choice).refine(dataclasses.replace(pool, evidence=dataclasses.replace(pool.evidence, known=None)), targets)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("case", ["one", "two", "one_class", "equal", "constant_features", "hard_labels"])
def test_degenerate_pools_get_a_defined_answer(choice: str, case: str) -> None:
    pool, targets = view()
    changes: dict[str, Any] = {
        "one_class": {"probabilities": np.sort(targets, axis=1)},
        "equal": {"probabilities": np.full_like(targets, 0.5)},
        "constant_features": {"strong": np.ones_like(pool.evidence.strong), "weak": np.ones_like(pool.evidence.weak)},
    }.get(case, {})
    evidence: Evidence = dataclasses.replace(pool.evidence, **changes)
    index = slice(0, {"one": 1, "two": 2}.get(case))
    part = PoolView(evidence.take(index), pool.probe, pool.truth.take(index))
    given = part.evidence.probabilities
    if case == "hard_labels":
        given = np.eye(2)[given.argmax(axis=1)]
    refined = refiner(choice).refine(part, given)
    check(refined, len(given), 2)
    check(normalised(refined), len(given), 2)


@pytest.mark.parametrize("choice", sorted({*HONEST} - BLIND))
def test_errors_that_the_strong_view_contradicts_are_found_more_often_than_by_chance(choice: str) -> None:
    pool, targets = view(n=400)
    truth = pool.truth.open("test")
    wrong = targets.argmax(axis=1) != truth
    refined = normalised(refiner(choice).refine(pool, targets))
    weights = np.ones(len(targets)) if refined.weights is None else refined.weights
    counted = weights if refined.kept is None else np.where(refined.kept, weights, 0)
    assert np.average(refined.targets.argmax(axis=1) == truth, weights=counted) > 1 - wrong.mean()
