import numpy as np
import pytest

from w2s.errors import DataError
from w2s.types import Evidence, Inputs, Partition, Region, Sealed, Split, as_names


def inputs(n: int, start: int = 0) -> Inputs:
    """n points whose three columns all hold the point's number."""
    numbers = np.arange(start, start + n)
    return Inputs(
        features=numbers[:, None] * np.ones(2), texts=tuple(f"text {i}" for i in numbers), votes=numbers[:, None] % 3 - 1
    )


def split(n: int, start: int = 0) -> Split:
    numbers = np.arange(start, start + n)
    return Split(
        ids=as_names(list(numbers)),
        inputs=inputs(n, start),
        labels=Sealed(numbers % 2),
        sources=as_names([f"source {i % 2}" for i in numbers]),
        planted=Sealed(numbers % 3),
    )


def test_a_sealed_truth_is_neither_printed_nor_compared() -> None:
    sealed = Sealed(np.array([3, 1, 4]))
    assert "3" not in repr(sealed)
    assert "4" not in repr(sealed.take(slice(1, 3)))
    assert sealed != Sealed(np.array([3, 1, 4]))


def test_opening_a_seal_takes_a_reason() -> None:
    sealed = Sealed(7)
    assert sealed.open("test") == 7
    with pytest.raises(AssertionError, match="for a reason"):
        sealed.open("")


def test_taking_points_keeps_all_their_columns_together_in_the_given_order() -> None:
    taken = split(5).take(np.array([4, 0, 0]))
    assert taken.ids.tolist() == ["4", "0", "0"]
    assert taken.inputs.features is not None
    assert taken.inputs.features[:, 0].tolist() == [4, 0, 0]
    assert taken.inputs.texts == ("text 4", "text 0", "text 0")
    assert taken.inputs.votes is not None
    assert taken.inputs.votes[:, 0].tolist() == [0, -1, -1]  # 4 % 3 - 1, 0 % 3 - 1
    assert taken.labels.open("test").tolist() == [0, 0, 0]
    assert taken.planted is not None
    assert taken.planted.open("test").tolist() == [1, 0, 0]
    assert taken.sources is not None
    assert taken.sources.tolist() == ["source 0"] * 3


def test_a_slice_takes_the_same_points_as_its_positions() -> None:
    by_slice, by_position = split(6).take(slice(1, 6, 2)), split(6).take(np.array([1, 3, 5]))
    assert by_slice.ids.tolist() == by_position.ids.tolist() == ["1", "3", "5"]
    assert by_slice.inputs.texts == by_position.inputs.texts


def test_a_mask_is_refused_since_texts_would_be_taken_at_positions_0_and_1() -> None:
    with pytest.raises(AssertionError, match="not a mask"):
        inputs(3).take(np.array([True, False, True]))  # type: ignore[arg-type]


def test_concatenating_what_was_taken_apart_gives_the_whole() -> None:
    whole = split(5)
    again = Split.concatenate([whole.take(slice(0, 2)), whole.take(slice(2, 5))])
    assert again.ids.tolist() == whole.ids.tolist()
    assert again.inputs.texts == whole.inputs.texts
    assert again.labels.open("test").tolist() == whole.labels.open("test").tolist()
    assert again.sources is not None
    assert again.sources.tolist() == ["source 0", "source 1"] * 2 + ["source 0"]


def test_parts_with_different_columns_are_not_concatenated() -> None:
    with pytest.raises(AssertionError, match="same columns"):
        Inputs.concatenate([Inputs(features=np.ones((2, 1))), Inputs(texts=("a", "b"))])
    without = Split(ids=as_names([9]), inputs=inputs(1), labels=Sealed(np.array([0])))
    with pytest.raises(AssertionError, match="same columns"):
        Split.concatenate([split(2), without])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(AssertionError, match=r"\[2, 3\]"):
        Inputs(features=np.ones((3, 1)), texts=("a", "b"))
    with pytest.raises(AssertionError, match="3 inputs for 2 points"):
        Split(ids=as_names([0, 1]), inputs=inputs(3), labels=Sealed(np.array([0, 1])))


def test_inputs_count_their_points_by_any_column() -> None:
    assert [len(Inputs(features=np.ones((4, 2)))), len(Inputs(texts=("a",))), len(Inputs(votes=np.zeros((2, 3), int)))] == [
        4,
        1,
        2,
    ]
    assert len(Inputs()) == 0


def test_new_features_leave_texts_and_votes_as_they_are() -> None:
    read = inputs(3).with_features(np.zeros((3, 7)))
    assert read.features is not None
    assert read.features.shape == (3, 7)
    assert read.texts == ("text 0", "text 1", "text 2")
    with pytest.raises(AssertionError, match="2 feature rows for 3 points"):
        inputs(3).with_features(np.zeros((2, 7)))


def test_members_and_shares_of_a_partition_count_its_regions() -> None:
    regions = np.array([Region.OVERLAP, Region.HARD, Region.UNKNOWN, Region.EASY, Region.OVERLAP])
    partition = Partition(regions, confidence=np.ones(5), score=np.full(5, np.nan))
    assert partition.members(Region.OVERLAP).tolist() == [0, 4]
    assert partition.members(Region.EASY, Region.HARD).tolist() == [1, 3]
    assert partition.share(Region.OVERLAP) == 0.4
    empty = Partition(regions[:0], confidence=np.ones(0), score=np.ones(0))
    assert empty.share(Region.OVERLAP) == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strong": np.ones(3)}, r"strong has shape \(3,\): evidence is a table"),
        ({"weak": np.ones((2, 1))}, "differ in their rows: {'strong': 3, 'weak': 2, 'probabilities': 3}"),
        ({"probabilities": np.full((3, 2), 50.0)}, "rows sum to 1; one is 99 away"),
    ],
)
def test_evidence_that_does_not_fit_together_is_refused_in_one_line(change: dict[str, np.ndarray], message: str) -> None:
    parts = {"strong": np.ones((3, 2)), "weak": np.ones((3, 1)), "probabilities": np.full((3, 2), 0.5)}
    assert len(Evidence(**parts)) == 3
    with pytest.raises(DataError, match=message):
        Evidence(**{**parts, **change})


def test_evidence_takes_lists_and_is_printed_in_one_line() -> None:
    evidence = Evidence(strong=[[1.0, 2.0]], weak=[[3.0]], probabilities=[[0.4, 0.6]])
    assert evidence.take(slice(0, 1)).strong.tolist() == [[1.0, 2.0]]
    assert repr(evidence) == "Evidence(1 points: 2 strong and 1 weak features, 2 classes)"


def test_a_partition_is_printed_by_its_counts() -> None:
    partition = Partition(np.array([2, 0, 0, 1]), np.ones(4), np.ones(4))
    assert repr(partition) == "Partition(4 points: 0 unknown, 2 easy, 1 hard, 1 overlap)"
