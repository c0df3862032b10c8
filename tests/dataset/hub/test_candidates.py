"""Right and wrong answers, and the coin that shows one of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2s.dataset.hub.candidates import AnswerColumns, AnswerIndex, AnswerKey, AnswerText, Candidates, Comparison

UNIT = st.floats(0, 1, exclude_max=True)
ANSWERS = st.lists(st.sampled_from("abcdef"), max_size=4).map(tuple)


@given(right=ANSWERS, wrong=ANSWERS, coin=UNIT, pick=UNIT)
def test_what_is_shown_is_right_exactly_when_the_label_says_so(
    right: tuple[str, ...], wrong: tuple[str, ...], coin: float, pick: float
) -> None:
    shown = Candidates(right, wrong).shown(coin, pick)
    if set(wrong) <= set(right):
        assert shown is None
    else:
        assert shown is not None
        answer, label = shown
        assert label == (answer in right)
        assert label == bool(right and coin < 0.5)


def test_every_answer_of_a_kind_is_picked_equally_often() -> None:
    picks = [Candidates((), ("a", "b", "c")).shown(0.0, pick) for pick in (np.arange(3000) + 0.5) / 3000]
    assert [sum(shown == (answer, 0) for shown in picks) for answer in "abc"] == [1000, 1000, 1000]


@pytest.mark.parametrize("key", [-1, 4, None, ""])
def test_a_place_beyond_the_answers_says_that_the_row_hides_its_answer(key: object) -> None:
    assert AnswerIndex(answers="endings", index="label")({"endings": list("abcd"), "label": key}) is None


def test_the_rules_read_their_columns_alone() -> None:
    assert AnswerColumns(right="r", wrong=["w", "v"]).columns == ("r", "w", "v")
    assert AnswerIndex(answers=["a", "b"], index="i").columns == ("a", "b", "i")
    assert AnswerIndex(answers="a", index="i").columns == ("a", "i")
    assert AnswerKey(choices="c", key="k").columns == ("c", "k")
    assert AnswerText(answers="a", right="r").columns == ("a", "r")
    assert Comparison(better="b", worse="w").columns == ("b", "w")
