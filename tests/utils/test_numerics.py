import numpy as np

from w2s.utils.numerics import softmax

LOGITS = np.array([[0.0, np.log(3.0)], [1000.0, 1000.0], [-1000.0, 0.0]])


def test_values_worked_by_hand() -> None:
    np.testing.assert_allclose(softmax(LOGITS), [[0.25, 0.75], [0.5, 0.5], [0.0, 1.0]], rtol=1e-12)


def test_leading_axes_are_kept() -> None:
    stacked = np.stack([LOGITS, LOGITS[::-1]])
    np.testing.assert_array_equal(softmax(stacked)[1], softmax(LOGITS)[::-1])


def test_single_precision_stays_single() -> None:
    assert softmax(LOGITS.astype(np.float32)).dtype == np.float32
