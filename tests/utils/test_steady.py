import numpy as np
import pytest

from w2s.types import FloatArray, Inputs
from w2s.utils.numerics import ROWS, steady
from w2s.utils.threads import limited

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("d", [1, 10, 384])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_row_has_the_same_bits_however_many_are_asked_for(d: int, outputs: int, kind: type) -> None:
    points, weights = DRAW.normal(size=(3_001, d)).astype(kind), DRAW.normal(size=(d, outputs))
    with limited(1):
        whole = steady(lambda rows: rows @ weights, points)
        np.testing.assert_allclose(whole, points @ weights, rtol=1e-5, atol=1e-5)
        for size in (1, 7, 250, 1_000):
            parts = [steady(lambda rows: rows @ weights, points[i : i + size]) for i in range(0, len(points), size)]
            assert np.array_equal(np.concatenate(parts), whole), size


def test_no_point_gives_no_row_and_inputs_are_left_as_they_are() -> None:
    points = DRAW.normal(size=(ROWS + 3, 4))
    before = points.copy()

    def read(inputs: Inputs) -> FloatArray:
        assert inputs.features is not None
        return inputs.features

    assert steady(read, Inputs(features=points[:0])).shape == (0, 4)
    assert steady(read, Inputs(features=points)) is points
    assert np.array_equal(points, before)
