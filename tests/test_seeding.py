import numpy as np
import pytest

from w2s.errors import ConfigError
from w2s.seeding import check_seed, generator


def test_the_same_seed_and_name_draw_the_same_numbers() -> None:
    assert np.array_equal(generator(3, "mixing", "draw", 1).random(5), generator(3, "mixing", "draw", 1).random(5))


def test_the_numbers_are_those_of_every_machine_and_version() -> None:
    """Seeded with the eight little-endian words of the name's sha256, worked out with struct and hashlib."""
    words = [90446509, 1337170559, 1312816876, 3143665383, 3671791107, 525889683, 2334059515, 2564158429]
    expected = np.random.default_rng([5, *words]).random(3)
    assert np.array_equal(generator(5, "split").random(3), expected)


@pytest.mark.parametrize(("seed", "stream"), [(4, ("a", 1)), (3, ("a", 2)), (3, ("b", 1)), (3, ("a",)), (3, ())])
def test_another_seed_or_name_draws_other_numbers(seed: int, stream: tuple[str | int, ...]) -> None:
    assert not np.array_equal(generator(seed, *stream).random(5), generator(3, "a", 1).random(5))


def test_streams_are_uncorrelated() -> None:
    """The correlation of 200 pairs of streams of 1,000 numbers: standard deviation 1 / sqrt(1000)."""
    one = np.array([generator(0, "one", k).normal(size=1000) for k in range(200)])
    other = np.array([generator(0, "other", k).normal(size=1000) for k in range(200)])
    correlations = (one * other).mean(axis=1)
    assert abs(correlations.std() - 1000**-0.5) < 0.005
    assert abs(correlations.mean()) < 4 / np.sqrt(200 * 1000)


def test_drawing_from_one_stream_leaves_another_and_the_global_state_as_they_were() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    expected = generator(0, "b").random()
    generator(0, "a").random(1000)
    assert generator(0, "b").random() == expected
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, "1", None, True])
def test_anything_but_a_whole_number_from_0_on_is_refused_by_name(seed: object) -> None:
    with pytest.raises(ConfigError, match=f"data_seed={seed}.*whole number of at least 0"):
        check_seed("data_seed", seed)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        generator(seed, "a")  # type: ignore[arg-type]


def test_a_whole_number_of_numpy_is_the_same_seed() -> None:
    assert generator(np.int64(3), "a").random() == generator(3, "a").random()  # type: ignore[arg-type]
