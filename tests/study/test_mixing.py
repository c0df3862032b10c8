from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.pool.pools import Given, prepared, sure, taught, three_classes, with_regions, with_weak
from w2s.detector.baselines import NoDetector
from w2s.detector.hard_similarity import MeanCosine
from w2s.errors import ConfigError
from w2s.model import LogisticProbe
from w2s.pool.pool import PreparedPool
from w2s.results.recorder import Recorder
from w2s.statistics.intervals import crossed
from w2s.study.mixing import CONTROLS, SHARES, Mixing
from w2s.types import FloatArray, Inputs, Region

METRICS = Mixing().metrics
BALANCED = [name for name in METRICS if name.endswith("/balanced")]
EASY, HARD, OVERLAP = (int(region) for region in (Region.EASY, Region.HARD, Region.OVERLAP))


@dataclass
class Notebook:
    """A learner that writes down what it was trained on."""

    lessons: list[tuple[FloatArray, FloatArray]] = field(default_factory=list)

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
        assert inputs.features is not None
        self.lessons.append((inputs.features, targets))
        return LogisticProbe().fit(inputs, targets)


def ran(pool: PreparedPool, **arguments: Any) -> Recorder:
    recorder = Recorder()
    Mixing(**arguments).analyse(pool, recorder)
    return recorder


def watched(pool: PreparedPool, **arguments: Any) -> tuple[Recorder, list[FloatArray]]:
    """The record, and the features of every training set in order."""
    notebook = Notebook()
    recorder = ran(taught(pool, notebook), **arguments)
    return recorder, [features for features, _ in notebook.lessons]


def pool_of(easy: int = 40, hard: int = 40, overlap: int = 30, seed: int = 0) -> PreparedPool:
    return prepared(seed=seed, easy=easy, hard=hard, overlap=overlap)


@pytest.fixture(scope="module")
def recorded() -> Recorder:
    return ran(pool_of())


def test_every_promised_metric_is_there_under_its_name(recorded: Recorder) -> None:
    promised = [f"mixing/{k / 10}" for k in range(11)]
    controls = ["random", "random_non_hard", "most_confident", "easy", "accuracy_matched", "true_labels", "gold"]
    promised += [f"mixing/{name}" for name in controls] + [f"mixing/{name}/balanced" for name in controls]
    promised += ["mixing/1.0/balanced", "mixing/full_balanced", "mixing/gain", "mixing/gain/low", "mixing/gain/high"]
    assert set(METRICS) == set(promised)
    assert set(recorded.metrics) == {*promised, "mixing/size"}
    assert all(value is not None for value in recorded.metrics.values())
    assert recorded.skipped == {}


def test_the_size_is_that_of_the_smaller_side(recorded: Recorder) -> None:
    assert recorded.metrics["mixing/size"] == 30.0
    assert ran(pool_of(easy=10, hard=10, overlap=60), draws=1).metrics["mixing/size"] == 20.0


def test_the_curve_has_a_row_for_every_draw_of_every_subset_with_the_promised_columns(recorded: Recorder) -> None:
    curve = recorded.tables["curve"]
    assert list(curve.columns) == ["share", "size", "control", "draw", "accuracy"]
    assert (curve.groupby("control").size() == 8).all()
    names = [f"{share:.1f}" for share in SHARES] + [*CONTROLS, "full_balanced"]
    assert set(curve["control"]) == {*names, *(name.removeprefix("mixing/") for name in BALANCED)}
    for name, rows in curve.groupby("control"):
        assert rows["accuracy"].mean() == pytest.approx(recorded.metrics[f"mixing/{name}"])
    on_the_curve = curve[curve["share"].notna()]
    assert (on_the_curve["share"].map("{:.1f}".format) == on_the_curve["control"]).all()


def test_every_subset_of_one_comparison_has_the_same_size(recorded: Recorder) -> None:
    curve = recorded.tables["curve"].query("control != 'full_balanced'")
    balanced = curve["control"].str.endswith("/balanced")
    assert set(curve[~balanced]["size"]) == {30}
    assert len(set(curve[balanced]["size"])) == 1


@pytest.mark.parametrize(
    ("n", "expected"), [(30, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30]), (12, [0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12])]
)
def test_a_share_trains_on_round_n_p_overlap_points_and_the_rest_others(n: int, expected: list[int]) -> None:
    pool = pool_of(overlap=n)
    _, lessons = watched(pool, draws=1)
    assert pool.strong_pool.features is not None
    rows = {
        row.tobytes(): int(region) for row, region in zip(pool.strong_pool.features, pool.partition.regions, strict=True)
    }
    regions = [[rows[row.tobytes()] for row in lesson] for lesson in lessons[:11]]
    assert [found.count(OVERLAP) for found in regions] == expected
    assert [len(found) for found in regions] == [n] * 11


def test_the_released_rounding_trains_on_one_point_fewer_where_both_parts_are_cut() -> None:
    """N = 15: int(15 * .3) + int(15 * .7) = 4 + 10."""
    recorder = ran(pool_of(overlap=15), draws=1, rounding="released")
    sizes = recorder.tables["curve"].dropna(subset="share").set_index("control")["size"]
    assert sizes["0.3"] == 14
    assert sizes["0.0"] == sizes["1.0"] == 15
    exact = ran(pool_of(overlap=15), draws=1).tables["curve"].dropna(subset="share")
    assert set(exact["size"]) == {15}


def test_no_point_is_trained_on_twice() -> None:
    _, lessons = watched(pool_of(), draws=2)
    assert len(lessons) > 40
    for lesson in lessons:
        assert len(np.unique(lesson, axis=0)) == len(lesson)


def test_draws_differ_from_one_another_and_with_the_seed_and_are_repeated_by_it() -> None:
    pool = pool_of()
    first, again = ran(pool, draws=3).tables["curve"], ran(pool, draws=3).tables["curve"]
    assert first.equals(again)
    other = ran(replace(pool, seed=1), draws=3).tables["curve"]
    assert not first["accuracy"].equals(other["accuracy"])
    at_half = first.query("control == '0.5'")["accuracy"]
    assert at_half.nunique() > 1


def test_one_subset_never_changes_what_another_draws() -> None:
    """With 3 draws the first 2 are those of 2 draws, and the rounding of the shares leaves the controls alone."""
    pool = pool_of(overlap=15)
    few, more = (ran(pool, draws=n).tables["curve"] for n in (2, 3))
    assert more[more["draw"] < 2].reset_index(drop=True).equals(few)
    released = ran(pool, draws=2, rounding="released").tables["curve"]
    assert few[few["share"].isna()].reset_index(drop=True).equals(released[released["share"].isna()].reset_index(drop=True))


def test_picks_that_leave_no_choice_are_trained_on_once() -> None:
    """30 overlap points, all of them picked in each of 8 draws: once at share 1, once with true labels."""
    pool = pool_of()
    _, lessons = watched(pool, draws=8)
    assert pool.strong_pool.features is not None
    overlap = np.unique(pool.strong_pool.features[pool.partition.regions == OVERLAP], axis=0)
    assert sum(len(lesson) == 30 and np.array_equal(np.unique(lesson, axis=0), overlap) for lesson in lessons) == 2


def test_controls_may_be_trained_by_another_learner() -> None:
    pool, student, control = pool_of(), Notebook(), Notebook()
    ran(replace(pool, learners=replace(pool.learners, student=student, control=control)), draws=1)
    assert len(student.lessons) == len(SHARES) + 1  # and the balanced overlap
    assert len(control.lessons) == 2 * len(CONTROLS) + 1  # and the largest balanced part of the pool


def test_the_gain_is_balanced_overlap_minus_balanced_random_non_hard(recorded: Recorder) -> None:
    metrics = recorded.metrics
    gain = metrics["mixing/1.0/balanced"] - metrics["mixing/random_non_hard/balanced"]
    assert metrics["mixing/gain"] == pytest.approx(gain)
    assert metrics["mixing/gain/low"] < gain < metrics["mixing/gain/high"]


def test_the_interval_of_the_gain_is_crossed_over_draws_and_points() -> None:
    """Recomputed from the students' own answers, caught on their way."""
    answers: list[FloatArray] = []

    @dataclass
    class Caught:
        def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
            fitted = LogisticProbe(l2=0.01).fit(inputs, targets)

            @dataclass
            class Talking:
                def predict(self, points: Inputs) -> FloatArray:
                    answers.append(fitted.predict(points))
                    return answers[-1]

            return Talking()

    pool = pool_of()
    recorder = ran(taught(pool, Caught()), draws=8)
    curve = recorder.tables["curve"]
    right = np.array([answer.argmax(axis=1) == pool.test_labels() for answer in answers])
    wanted = [curve.query(f"control == '{name}/balanced'")["accuracy"].tolist() for name in ("1.0", "random_non_hard")]
    found = [_run_of(right, accuracies) for accuracies in wanted]
    interval = crossed((found[0].astype(float) - found[1])[:, :, None]).interval()
    assert recorder.metrics["mixing/gain/low"] == pytest.approx(interval.low)
    assert recorder.metrics["mixing/gain/high"] == pytest.approx(interval.high)


def _run_of(right: Any, accuracies: Sequence[float]) -> Any:
    """The consecutive rows of `right` with these means."""
    means = right.mean(axis=1)
    starts = [k for k in range(len(means) - len(accuracies) + 1) if np.allclose(means[k : k + len(accuracies)], accuracies)]
    assert len(starts) == 1
    return right[starts[0] : starts[0] + len(accuracies)]


def test_one_draw_has_an_interval_over_points() -> None:
    metrics = ran(pool_of(), draws=1).metrics
    assert metrics["mixing/gain/low"] < metrics["mixing/gain"] < metrics["mixing/gain/high"]


def test_an_oracle_on_clean_patterns_gains_from_overlap() -> None:
    """Overlap points alone teach the hard pattern: at share 1 the student is far better than at share 0."""
    metrics = ran(pool_of(easy=200, hard=200, overlap=150)).metrics
    assert metrics["mixing/1.0"] > metrics["mixing/0.0"] + 0.03
    assert metrics["mixing/true_labels"] >= metrics["mixing/1.0"]


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        (np.full(110, EASY), "0 overlap and 110 other"),
        (np.full(110, OVERLAP), "110 overlap and 0 other"),
        (np.repeat([OVERLAP, HARD], [7, 103]), "7 overlap and 103 other"),
        (np.full(110, int(Region.UNKNOWN)), "0 overlap and 0 other"),
    ],
    ids=["none", "all", "seven", "unknown"],
)
def test_too_little_overlap_or_nothing_else_leaves_every_metric_undefined_and_says_why(regions: Any, words: str) -> None:
    recorder = ran(with_regions(pool_of(), regions))
    assert words in recorder.skipped["mixing"]
    assert all(recorder.metrics[name] is None for name in METRICS)
    assert "curve" not in recorder.tables


def test_without_a_detector_mixing_is_skipped() -> None:
    recorder = ran(prepared(detector=NoDetector()))
    assert "0 overlap and 0 other" in recorder.skipped["mixing"]
    assert recorder.metrics["mixing/size"] == 0.0
    assert recorder.metrics["mixing/gain"] is None


def test_a_control_without_enough_points_is_undefined_alone() -> None:
    recorder = ran(pool_of(easy=10, hard=60, overlap=30), draws=2)
    assert recorder.metrics["mixing/easy"] is None
    assert recorder.metrics["mixing/easy/balanced"] is None
    assert "fewer such points" in recorder.skipped["mixing/easy"]
    assert all(recorder.metrics[name] is not None for name in METRICS if "easy" not in name)


def test_overlap_of_one_weak_class_leaves_the_balanced_subsets_undefined_and_the_others_not() -> None:
    pool = pool_of()
    classes = np.where(pool.partition.regions == OVERLAP, 1, np.arange(110) % 2)
    recorder = ran(with_weak(pool, sure(classes)), draws=2)
    assert "unequal classes" in recorder.skipped["balanced mixing"]
    assert all(recorder.metrics[name] is None for name in (*BALANCED, "mixing/gain", "mixing/gain/low", "mixing/gain/high"))
    assert recorder.metrics["mixing/1.0"] is not None
    assert recorder.metrics["mixing/full_balanced"] is not None


def test_a_weak_model_that_says_one_class_only_is_answered() -> None:
    recorder = ran(with_weak(pool_of(), sure(np.ones(110, int))), draws=2)
    assert recorder.metrics["mixing/full_balanced"] is None
    assert "pool" in recorder.skipped["mixing/full_balanced"]
    assert recorder.metrics["mixing/0.5"] is not None


@pytest.mark.parametrize("detector", [None, MeanCosine()], ids=["oracle", "mean_cosine"])
def test_three_classes_are_mixed_and_balanced_over_three(detector: Any) -> None:
    pool = prepared(dataset=Given(three_classes(240)), detector=detector)
    recorder = ran(pool, draws=2)
    sizes = recorder.tables["curve"].query("control == '1.0/balanced'")["size"]
    assert (sizes % 3 == 0).all()
    assert recorder.metrics["mixing/gain"] is not None


def test_a_class_absent_from_the_students_targets_is_no_obstacle() -> None:
    pool = prepared(dataset=Given(three_classes(240)))
    two = sure(np.arange(240) % 2, 3)
    hard = np.eye(3)[two.argmax(axis=1)]
    recorder = ran(replace(with_weak(pool, two), targets=hard), draws=2)
    assert recorder.metrics["mixing/0.5"] is not None
    assert recorder.metrics["mixing/gain"] is None


def test_no_draws_are_refused() -> None:
    with pytest.raises(ConfigError, match="draws=0"):
        Mixing(draws=0)


def test_fewer_shares_and_controls_are_fewer_students_and_the_same_numbers() -> None:
    pool, few = prepared(), Mixing(draws=2, shares=(0, 1), subsets=("random_non_hard",))
    whole, part = ran(pool, draws=2), Recorder()
    few.analyse(pool, part)
    assert set(part.metrics) == {*few.metrics, "mixing/size"}
    assert len(part.metrics) == 9
    assert all(part.metrics[name] == whole.metrics[name] for name in part.metrics)
    assert few.fits == 2 * 5


def test_without_the_main_control_there_is_no_gain() -> None:
    recorder = ran(prepared(), draws=2, shares=(0.5,), subsets=("random",))
    assert recorder.metrics["mixing/gain"] is None
    assert "random_non_hard" in recorder.skipped["mixing/gain"]
    with pytest.raises(ConfigError, match="are no tenths"):
        Mixing(shares=(0.25,))
    with pytest.raises(ConfigError, match="subsets"):
        Mixing(subsets=("ranom",))  # type: ignore[arg-type]
