from collections.abc import Callable

import numpy as np
import pytest

from w2s.errors import ConfigError
from w2s.model import LogisticProbe, Products, Raw
from w2s.model.products import pairs, principal_directions
from w2s.statistics.accuracy import correct
from w2s.types import BoolArray, FloatArray, Inputs


def rows(n: int = 60, d: int = 5, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(n, d)) * np.logspace(-3, 3, d) + 7


def test_no_component_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="components=0"):
        Products(components=0)


def test_the_columns_come_first_and_are_standardised() -> None:
    features = rows()
    encoded = Products(components=2).fit(Inputs(features=features)).encode(Inputs(features=features))
    assert encoded.shape == (60, 5 + 3)
    np.testing.assert_allclose(encoded[:, :5], (features - features.mean(axis=0)) / features.std(axis=0), atol=1e-9)


def test_the_products_are_those_of_the_principal_components() -> None:
    """Components by the singular value decomposition of the standardised points, products written out."""
    features = rows()
    encoded = Products(components=2).fit(Inputs(features=features)).encode(Inputs(features=features))
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    _, _, directions = np.linalg.svd(standard, full_matrices=False)
    a, b = directions[:2] @ standard.T
    products = np.column_stack([a * a, a * b, b * b])
    expected = (products - products.mean(axis=0)) / products.std(axis=0)
    signs = np.sign(np.sum(expected * encoded[:, 5:], axis=0))  # the sign of a component is free
    np.testing.assert_allclose(encoded[:, 5:] * signs, expected, atol=1e-8)


@pytest.mark.parametrize(("d", "n_products", "total"), [(4, 10, 4), (2, 3, 2), (1, 1, 1)])
def test_products_vary_together_no_more_than_the_columns(d: int, n_products: int, total: int) -> None:
    features = Inputs(features=rows(d=d))
    encoded = Products(components=24).fit(features).encode(features)
    assert encoded.shape == (60, d + n_products)
    assert encoded[:, d:].var(axis=0).sum() == pytest.approx(total)


def test_the_scale_of_a_column_does_not_matter() -> None:
    features, scales = rows(), np.array([1e-6, 1e9, 1, 30, -1])
    same, other = (
        Products(components=3).fit(Inputs(features=block)).encode(Inputs(features=block))
        for block in (features, features * scales)
    )
    kernels = [encoded @ encoded.T for encoded in (same, other)]  # free of the components' signs
    np.testing.assert_allclose(kernels[0], kernels[1], atol=1e-6)


def test_repeated_and_constant_columns_give_no_products_of_rounding() -> None:
    features = np.random.default_rng(0).normal(size=(60, 2))
    wide = np.column_stack([features, features @ [1.0, 3.0], features[:, 0], np.full(60, 5.0)])
    fitted = Products(components=24).fit(Inputs(features=wide))
    assert fitted.directions.shape == (5, 2)
    assert np.isfinite(fitted.encode(Inputs(features=wide))).all()


def test_columns_that_never_vary_are_all_nothing() -> None:
    flat = Inputs(features=np.full((8, 3), 2.0))
    assert not Products(components=24).fit(flat).encode(flat).any()


def test_a_point_is_read_alone_as_among_others() -> None:
    fitted = Products(components=2).fit(Inputs(features=rows()))
    new = Inputs(features=rows(seed=1))
    np.testing.assert_allclose(fitted.encode(new.take(np.array([4])))[0], fitted.encode(new)[4])


def test_directions_are_orthonormal_and_the_widest_comes_first() -> None:
    centred = np.random.default_rng(0).normal(size=(500, 3)) * [1.0, 5.0, 2.0]
    directions = principal_directions(centred, 2)
    np.testing.assert_allclose(directions.T @ directions, np.eye(2), atol=1e-12)
    assert np.argmax(np.abs(directions), axis=0).tolist() == [1, 2]


def test_pairs_are_written_out() -> None:
    assert pairs(np.array([[2.0, 3.0, 5.0]])).tolist() == [[4, 6, 10, 9, 15, 25]]


def accuracy(representation: Raw | Products, label: Callable[[FloatArray], BoolArray]) -> float:
    draw = np.random.default_rng(0)
    train, test = (draw.normal(size=(n, 2)) for n in (140, 2_000))
    scales = np.array([1.0, 1e6])
    encoder = representation.fit(Inputs(features=train * scales))
    learner = LogisticProbe(l2=3e-3, scale="standard" if isinstance(representation, Raw) else "none")
    fitted = learner.fit(Inputs(features=encoder.encode(Inputs(features=train * scales))), label(train).astype(int))
    probabilities = fitted.predict(Inputs(features=encoder.encode(Inputs(features=test * scales))))
    return float(correct(probabilities, label(test).astype(int)).mean())


def line(points: FloatArray) -> BoolArray:
    return np.asarray(points.sum(axis=1) > 0.1)


def circle(points: FloatArray) -> BoolArray:
    return np.asarray(np.square(points).sum(axis=1) > 1)


def test_what_is_linear_stays_learned() -> None:
    assert accuracy(Raw(), line) > 0.95
    assert accuracy(Products(components=24), line) > 0.95


def test_a_circle_is_learned_where_a_linear_reader_cannot() -> None:
    assert accuracy(Raw(), circle) < 0.7
    assert accuracy(Products(components=24), circle) > 0.95
