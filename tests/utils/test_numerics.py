import numpy as np

from w2s.utils.numerics import softmax, steady
from w2s.utils.threads import limited

LOGITS = np.array([[0.0, np.log(3.0)], [1000.0, 1000.0], [-1000.0, 0.0]])


def test_values_worked_by_hand() -> None:
    np.testing.assert_allclose(softmax(LOGITS), [[0.25, 0.75], [0.5, 0.5], [0.0, 1.0]], rtol=1e-12)


def test_leading_axes_are_kept() -> None:
    stacked = np.stack([LOGITS, LOGITS[::-1]])
    np.testing.assert_array_equal(softmax(stacked)[1], softmax(LOGITS)[::-1])


def test_single_precision_stays_single() -> None:
    assert softmax(LOGITS.astype(np.float32)).dtype == np.float32


def test_rows_of_single_precision_do_not_depend_on_their_neighbours() -> None:
    draw = np.random.default_rng(0)
    rows, weights = (draw.normal(size=shape).astype(np.float32) for shape in ((1_000, 384), (384, 10)))
    with limited(1):
        whole = steady(lambda part: part @ weights, rows)
        for n in (1, 7, 300, 640):
            picks = draw.permutation(1_000)[:n]
            np.testing.assert_array_equal(steady(lambda part: part @ weights, rows[picks]), whole[picks])
