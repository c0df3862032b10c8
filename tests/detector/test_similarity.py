"""Blocked similarity against the naive expression."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.detector import similarity as module
from w2s.detector.similarity import similarity, unit_rows


def naive(points: np.ndarray, references: np.ndarray, kernel: str, aggregate: str, k: int, sharpness: float) -> np.ndarray:
    points, references = points.astype(np.float64), references.astype(np.float64)
    product = points @ references.T
    if kernel != "product":
        product /= np.linalg.norm(points, axis=1)[:, None] * np.linalg.norm(references, axis=1)[None]
    if kernel == "abs_cosine":
        product = np.abs(product)
    match aggregate:
        case "max":
            return product.max(axis=1)
        case "mean":
            return product.mean(axis=1)
        case "top":
            return np.sort(product, axis=1)[:, -k:].mean(axis=1)
    return np.log(np.mean(np.exp(sharpness * product), axis=1)) / sharpness


@pytest.mark.parametrize("kernel", ["cosine", "abs_cosine", "product"])
@pytest.mark.parametrize("aggregate", ["max", "mean", "top", "soft_max"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_give_the_naive_expression(kernel: str, aggregate: str, dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_POINTS", 32)
    monkeypatch.setattr(module, "BLOCK_REFERENCES", 48)
    draw = np.random.default_rng(0)
    points, references = (draw.normal(size=(n, 12)).astype(dtype) for n in (101, 333))
    found = similarity(points, references, kernel=kernel, aggregate=aggregate, k=7, sharpness=5.0)
    expected = naive(points, references, kernel, aggregate, 7, 5.0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_top_takes_all_references_where_there_are_fewer_than_k() -> None:
    points, references = np.eye(3), np.eye(3)[:2]
    np.testing.assert_allclose(similarity(points, references, aggregate="top", k=5), [0.5, 0.5, 0.0])


def test_top_keeps_equal_similarities() -> None:
    # Both references are the same: the mean of the two largest is the similarity itself.
    points = np.array([[1.0, 0.0], [0.6, 0.8]])
    references = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(similarity(points, references, aggregate="top", k=2), [1.0, 0.6])


def test_soft_maxima_lie_between_mean_and_max_and_do_not_overflow() -> None:
    draw = np.random.default_rng(1)
    points, references = 100 * draw.normal(size=(20, 5)), draw.normal(size=(30, 5))
    soft = similarity(points, references, kernel="product", aggregate="soft_max", sharpness=100.0)
    assert np.all(soft >= similarity(points, references, kernel="product", aggregate="mean"))
    assert np.all(soft <= similarity(points, references, kernel="product", aggregate="max"))


def test_a_zero_vector_is_similar_to_nothing() -> None:
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(unit_rows(rows), [[0.0, 0.0], [0.6, 0.8]])
    np.testing.assert_allclose(similarity(rows, np.array([[1.0, 0.0]])), [0.0, 0.6])


def test_no_points_give_no_scores() -> None:
    assert similarity(np.empty((0, 4)), np.ones((3, 4))).shape == (0,)
