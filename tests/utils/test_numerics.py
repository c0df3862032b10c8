import numpy as np
import pytest

from w2s.utils.numerics import log_sum_exp, sigmoid, softmax, softmax_and_log_sum

LOGITS = np.array([[0.0, np.log(3.0)], [1000.0, 1000.0], [-1000.0, 0.0]])


def test_values_worked_by_hand() -> None:
    np.testing.assert_allclose(softmax(LOGITS), [[0.25, 0.75], [0.5, 0.5], [0.0, 1.0]], rtol=1e-12)
    np.testing.assert_allclose(log_sum_exp(LOGITS), [np.log(4.0), 1000.0 + np.log(2.0), 0.0], rtol=1e-12)
    np.testing.assert_allclose(sigmoid(np.array([0.0, -np.log(3.0), 800.0, -800.0])), [0.5, 0.25, 1.0, 0.0], atol=1e-300)


def test_both_at_once_are_the_two_by_themselves() -> None:
    probabilities, normaliser = softmax_and_log_sum(LOGITS)
    np.testing.assert_array_equal(probabilities, softmax(LOGITS))
    np.testing.assert_array_equal(normaliser, log_sum_exp(LOGITS))


def test_leading_axes_are_kept() -> None:
    stacked = np.stack([LOGITS, LOGITS[::-1]])
    np.testing.assert_array_equal(softmax(stacked)[1], softmax(LOGITS)[::-1])
    np.testing.assert_array_equal(log_sum_exp(stacked)[1], log_sum_exp(LOGITS)[::-1])


@pytest.mark.parametrize("function", [sigmoid, softmax, log_sum_exp])
def test_single_precision_stays_single(function) -> None:
    assert function(LOGITS.astype(np.float32)).dtype == np.float32
