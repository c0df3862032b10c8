"""A chain of models against its links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pool.pools import recipe
from w2s.errors import ConfigError
from w2s.loss import LogConfidence
from w2s.model import Chain, Columns, FittedModel, LogisticProbe, Model, Raw
from w2s.refiner import Chance, Filter
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.store.fitted import load_fitted, save_fitted
from w2s.study.transfer import Transfer
from w2s.types import FloatArray, Inputs

FIRST = Model(Columns(stop=2), LogisticProbe())
SECOND = Model(Columns(stop=4), LogisticProbe(l2=0.01))
THIRD = Model(Raw(), LogisticProbe(l2=0.1))


def points(n: int = 90, seed: int = 0) -> tuple[Inputs, FloatArray]:
    draw = np.random.default_rng(seed)
    classes = draw.integers(2, size=n)
    return Inputs(features=classes[:, None] + draw.normal(size=(n, 6))), np.eye(2)[classes]


def test_a_chain_of_one_is_that_model() -> None:
    inputs, targets = points()
    encoder = FIRST.representation.fit(inputs)
    alone = FittedModel(encoder, FIRST.learner.fit(inputs.with_features(encoder.encode(inputs)), targets))
    chain = Chain(models={"only": FIRST}).learner.fit(inputs, targets)
    new, _ = points(seed=1)
    assert chain.predict(new).tobytes() == alone.predict(new).tobytes()
    assert chain.represent(new).tobytes() == alone.represent(new).tobytes()
    assert (chain.direct, chain.equal_cost) == (None, None)


def test_a_run_with_a_chain_of_one_is_the_run_with_that_model() -> None:
    alone = recipe().prepare(Recorder())
    chained = replace(recipe(), weak_model=Chain(models={"only": recipe().weak_model})).prepare(Recorder())
    assert chained.weak_pool.tobytes() == alone.weak_pool.tobytes()
    assert chained.evidence.weak.tobytes() == alone.evidence.weak.tobytes()


def test_each_link_learns_from_the_one_before_on_points_of_its_own() -> None:
    inputs, targets = points()
    chain = Chain(models={"a": FIRST, "b": SECOND, "c": THIRD}).learner.fit(inputs, targets)
    flipped = Chain(models={"a": FIRST, "b": SECOND, "c": THIRD}).learner
    order = generator(0, "chain").permutation(90)
    part = inputs.take(order[30:60])
    second = SECOND.learner.fit(part.with_features(part.features[:, :4]), chain.links[0].predict(part))  # type: ignore[index]
    new, _ = points(seed=1)
    expected = second.predict(new.with_features(new.features[:, :4]))  # type: ignore[index]
    np.testing.assert_allclose(chain.links[1].predict(new), expected, atol=1e-9)
    changed = targets.copy()
    changed[order[30:]] = 1 - changed[order[30:]]
    assert flipped.fit(inputs, changed).predict(new).tobytes() == chain.predict(new).tobytes()
    assert chain.direct is not None
    assert chain.equal_cost is not None


def test_labels_are_refined_as_they_are_passed_on() -> None:
    inputs, targets = points()
    plain = Chain(models={"a": FIRST, "b": SECOND}).learner.fit(inputs, targets)
    refined = Chain(models={"a": FIRST, "b": SECOND}, refiner=Filter(doubt=Chance(), share=0.5)).learner.fit(inputs, targets)
    nothing = Chain(models={"a": FIRST, "b": SECOND}, refiner=Filter(doubt=Chance(), share=1.0)).learner.fit(inputs, targets)
    new, _ = points(seed=1)
    assert refined.links[0].predict(new).tobytes() == plain.links[0].predict(new).tobytes()
    assert not np.array_equal(refined.predict(new), plain.predict(new))
    assert np.array_equal(nothing.predict(new), plain.predict(new))


def test_every_link_is_reported_beside_the_direct_student(tmp_path: Path) -> None:
    recorder = Recorder()
    chain = Chain(models={"a": recipe().weak_model, "b": SECOND, "c": THIRD})
    pool = replace(recipe(), weak_model=chain).prepare(recorder)
    Transfer(controls=False).analyse(pool, recorder)
    names = {f"chain/{name}/accuracy" for name in ("a", "b", "c", "direct", "equal_cost")}
    assert names <= recorder.metrics.keys()
    assert recorder.metrics["chain/c/accuracy"] == recorder.metrics["weak/accuracy"]
    save_fitted(tmp_path, "weak_model", recorder.models["weak_model"])
    loaded = load_fitted(tmp_path, "weak_model")
    test = pool.splits.test.inputs
    assert loaded.predict(test).tobytes() == pool.weak_test.tobytes()


def test_what_a_chain_refuses() -> None:
    inputs, targets = points(2)
    with pytest.raises(ConfigError, match="at least one"):
        Chain(models={})
    with pytest.raises(ConfigError, match="2 points for a chain of 3"):
        Chain(models={"a": FIRST, "b": SECOND, "c": THIRD}).learner.fit(inputs, targets)
    with pytest.raises(ConfigError, match="cross-entropy"):
        Chain(models={"a": FIRST, "b": SECOND}, loss=LogConfidence()).learner.fit(*points())
