"""Members against other people's code, or against a few plain lines."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.configured import built
from tests.refiner.views import view
from w2s.errors import ConfigError, ModelError
from w2s.model import LogisticProbe
from w2s.refiner import (
    Chance,
    ConfidentLearning,
    CoSupervised,
    CutStatistic,
    Disagreement,
    Filter,
    Isotonic,
    LogConfidence,
    NeighbourOpinion,
    Permuted,
    ProbeOpinion,
    SelfConsistent,
    SmallLoss,
    SmoothedOpinion,
    Temperature,
    Topological,
    Truth,
    Unbelieved,
    Unreliable,
    Unsure,
)
from w2s.refiner.base import most
from w2s.statistics.accuracy import predicted
from w2s.types import KnownPoints, Specialised


@pytest.mark.parametrize("n_classes", [2, 3])
def test_knn_released_is_the_plain_mean_of_the_k_nearest_itself_among_them(n_classes: int) -> None:
    pool, targets = view(n_classes)
    expected = np.empty_like(targets)
    for i, row in enumerate(pool.evidence.strong):
        distance = [float(np.sqrt(np.sum((row - other) ** 2))) for other in pool.evidence.strong]
        expected[i] = targets[sorted(range(len(targets)), key=distance.__getitem__)[:50]].mean(axis=0)
    refined = built("refiner", "knn_released").refine(pool, targets)
    np.testing.assert_allclose(refined.targets, expected, atol=1e-6)


def test_without_itself_the_own_label_does_not_count() -> None:
    pool, targets = view()
    changed = targets.copy()
    changed[7] = 1 - changed[7]
    opinion = NeighbourOpinion(k=10)
    np.testing.assert_array_equal(opinion.labels(pool, targets)[7], opinion.labels(pool, changed)[7])


def test_the_released_probe_is_fitted_on_the_points_it_judges_and_ours_is_not() -> None:
    pool, targets = view()
    own = LogisticProbe().fit(pool.strong, targets).predict(pool.strong)
    np.testing.assert_allclose(ProbeOpinion(folds=1).labels(pool, targets), own, atol=1e-9)
    changed = targets.copy()
    changed[7] = 1 - changed[7]
    np.testing.assert_array_equal(ProbeOpinion().labels(pool, targets)[7], ProbeOpinion().labels(pool, changed)[7])


def test_a_probe_filter_drops_the_share_with_the_largest_difference() -> None:
    pool, targets = view()
    refined = built("refiner", "probe_filter").refine(pool, targets)
    difference = np.abs(ProbeOpinion().labels(pool, targets) - targets)[:, 1]
    dropped = np.sort(np.argsort(-difference)[: round(0.1 * len(targets))])
    assert refined.kept is not None
    np.testing.assert_array_equal(np.flatnonzero(~refined.kept), dropped)


@pytest.mark.parametrize("by", ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_confident_learning_is_cleanlabs_answer(n_classes: int, by: str) -> None:
    filtering = pytest.importorskip("cleanlab.filter", reason="the extra: pip install 'w2s[refine]'")
    pool, targets = view(n_classes, n=200)
    answers = ProbeOpinion().labels(pool, targets)
    expected = filtering.find_label_issues(targets.argmax(axis=1), answers, filter_by=by, n_jobs=1)
    assert 0 < expected.sum() < 200
    refined = Filter(doubt=ConfidentLearning(by=by), share=None, above=0.5).refine(pool, targets)
    np.testing.assert_array_equal(refined.kept, ~expected)


def test_without_cleanlab_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install 'w2s\[refine\]'"):
        ConfidentLearning().check()


def test_cut_statistic_is_that_of_the_plain_formula() -> None:
    from scipy.stats import norm

    pool, targets = view(3)
    labels, strong = predicted(targets), pool.evidence.strong
    doubt = CutStatistic(k=5).doubt(pool, targets)
    for i in range(0, len(labels), 17):
        distance = np.sqrt(np.sum((strong - strong[i]) ** 2, axis=1))
        near = np.argsort(distance)[1:6]
        weight, p = 1 / (1 + distance[near]), float(np.mean(labels == labels[i]))
        z = np.sum(weight * (labels[near] != labels[i])) - (1 - p) * weight.sum()
        assert doubt[i] == pytest.approx(norm.cdf(z / np.sqrt(p * (1 - p) * np.sum(weight**2))))


def test_topological_doubts_what_lies_apart_from_its_class() -> None:
    pool, _ = view()
    strong = np.concatenate([np.random.default_rng(0).normal(size=(115, 5)), 100 + np.arange(5)[:, None] * np.ones(5)])
    apart = dataclasses.replace(pool, evidence=dataclasses.replace(pool.evidence, strong=strong))
    one_class = np.tile([0.1, 0.9], (120, 1))
    doubt = Topological(k=4).doubt(apart, one_class)
    assert (doubt[115:] >= 0.5).all()
    assert (doubt[:115] < 0.5).mean() > 0.7


def test_smoothing_once_is_a_mixture_with_the_neighbours_mean() -> None:
    pool, targets = view()
    mean = NeighbourOpinion(k=10).labels(pool, targets)
    np.testing.assert_allclose(SmoothedOpinion(k=10, pull=0.3, rounds=1).labels(pool, targets), 0.3 * mean + 0.7 * targets)


def test_small_loss_finds_most_wrong_labels() -> None:
    pool, targets = view(n=400)
    wrong = predicted(targets) != pool.truth.open("test")  # type: ignore[union-attr]
    dropped = most(SmallLoss(share=0.2).doubt(pool, targets), 0.1)
    assert wrong[dropped].mean() > 2 * wrong.mean()


@dataclasses.dataclass(frozen=True)
class Sharp:
    """weak_train of a weak model whose logits are three times too large."""

    def points(self) -> KnownPoints:
        draw = np.random.default_rng(0)
        logit = 2 * draw.normal(size=4000)
        classes = (draw.uniform(size=4000) < 1 / (1 + np.exp(-logit))).astype(int)
        p = 1 / (1 + np.exp(-3 * logit))
        return KnownPoints(p[:, None], np.stack([1 - p, p], axis=1), classes)


def test_calibration_undoes_logits_that_are_too_large() -> None:
    pool, targets = view()
    sharp = dataclasses.replace(pool, evidence=dataclasses.replace(pool.evidence, known=Sharp()))
    found = Temperature().labels(sharp, targets)
    ratio = np.log(targets[:, 1] / targets[:, 0]) / np.log(found[:, 1] / found[:, 0])
    np.testing.assert_allclose(ratio, 3, atol=0.3)
    assert np.abs(Isotonic().labels(sharp, targets) - found).mean() < 0.06


def test_reliability_falls_with_confidence_where_weak_train_says_so() -> None:
    pool, targets = view()
    sharp = dataclasses.replace(pool, evidence=dataclasses.replace(pool.evidence, known=Sharp()))
    doubt = Unreliable().doubt(sharp, targets)
    order = np.argsort(targets.max(axis=1))
    assert (np.diff(doubt[order]) <= 0).all()


def test_confidence_keeps_the_sure_points() -> None:
    pool, targets = view()
    refined = built("refiner", "confidence").refine(pool, targets)
    np.testing.assert_array_equal(refined.kept, targets.max(axis=1) >= 0.75)
    np.testing.assert_allclose(Unsure().doubt(pool, targets), 1 - targets.max(axis=1))


def test_log_confidence_keeps_the_shares_of_the_classes_in_what_it_hardens() -> None:
    pool, targets = view(3)
    found = LogConfidence(weight=1.0).labels(pool, targets)
    assert set(np.unique(found)) == {0.0, 1.0}
    np.testing.assert_allclose(found.mean(axis=0), targets.mean(axis=0), atol=1 / len(targets))
    np.testing.assert_array_equal(LogConfidence(weight=0.0).labels(pool, targets), targets)


def test_self_consistency_changes_only_what_the_probes_contradict() -> None:
    pool, targets = view()
    agreed = predicted(ProbeOpinion().labels(pool, targets)) == predicted(targets)
    found = SelfConsistent().labels(pool, targets)
    np.testing.assert_array_equal(found[agreed], targets[agreed])
    assert not np.array_equal(found[~agreed], targets[~agreed])


def test_the_teacher_of_the_students_class_labels_and_what_the_student_finds_unlikely_is_dropped() -> None:
    pool, targets = view(3)
    groups, n = np.array([0, 1, 1]), len(targets)
    answers = np.stack([np.tile([1.0, 0, 0], (n, 1)), np.tile([0, 0.2, 0.8], (n, 1))])
    taught = dataclasses.replace(pool, teachers=Specialised(answers, groups))
    refined = CoSupervised(rounds=1, top=1).refine(taught, targets)
    student = predicted(ProbeOpinion().labels(pool, targets))
    np.testing.assert_array_equal(predicted(refined.targets), np.where(student == 0, 0, 2))
    last = predicted(ProbeOpinion().labels(pool, refined.targets))
    np.testing.assert_array_equal(refined.kept, last == predicted(refined.targets))
    alone = CoSupervised(top=2).refine(pool, targets)
    np.testing.assert_array_equal(alone.targets, targets)


def test_belief_drops_what_the_detector_calls_easy() -> None:
    from w2s.types import Region

    pool, targets = view()
    detector = built("detector", "residual_belief")
    partition = detector.fit(pool.evidence, pool.probe).partition(pool.evidence)
    refined = built("refiner", "residual_filter").refine(pool, targets)
    np.testing.assert_array_equal(refined.kept, partition.regions != Region.EASY)
    with pytest.raises(ConfigError, match="student's features"):
        Unbelieved(detector=dataclasses.replace(detector, features="student"))


def test_controls() -> None:
    pool, targets = view()
    truth = pool.truth.open("test")  # type: ignore[union-attr]
    wrong = predicted(targets) != truth
    oracle, relabel = (built("refiner", f"oracle_{name}").refine(pool, targets) for name in ("filter", "relabel"))
    assert wrong[~oracle.kept].all()  # type: ignore[operator]
    assert np.sum(np.any(relabel.targets != targets, axis=1)) == round(0.1 * len(targets))
    assert (predicted(Truth().labels(pool, targets)) == truth).all()
    assert sorted(map(tuple, Permuted().labels(pool, targets))) == sorted(map(tuple, targets))
    other = dataclasses.replace(pool, evidence=dataclasses.replace(pool.evidence, seed=5))
    assert not np.array_equal(Chance().doubt(pool, targets), Chance().doubt(other, targets))


def test_a_filter_within_classes_drops_the_same_share_of_each() -> None:
    pool, targets = view(3)
    refined = Filter(doubt=Disagreement(), share=0.25, within="class").refine(pool, targets)
    for k in range(3):
        members = predicted(targets) == k
        assert np.sum(~refined.kept[members]) == round(0.25 * members.sum())  # type: ignore[index]


@pytest.mark.parametrize("cut", [{"share": None}, {"share": 0.1, "above": 0.5}])
def test_a_filter_takes_a_share_or_a_limit(cut: dict[str, float | None]) -> None:
    with pytest.raises(ConfigError, match="takes one of them"):
        Filter(doubt=Chance(), **cut)
