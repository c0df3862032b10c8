"""Sealed truth stays sealed: with the labels of pool, validation and test shuffled, nothing but the oracles moves."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.configured import built, choices
from tests.pool.pools import Given, fixed, recipe, shuffled
from w2s.detector.hard_similarity import MeanCosine
from w2s.errors import DataError
from w2s.model import Columns, LogisticProbe, Quadratic, Raw, TopRows
from w2s.pool.notes import NEEDS_TRUTH
from w2s.pool.pool import PreparedPool
from w2s.protocols import Fitted
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.study import OnPool
from w2s.study.mixing import Mixing
from w2s.study.selection.selection import Selection
from w2s.study.subsets import TrainingSubset, Uniform, control_subsets, full_subset, overlap_subset, share_subset
from w2s.study.transfer import Transfer
from w2s.types import Evidence, Inputs, LabelledInputs, Partition, Splits

SEALED = ("pool", "validation", "test")
ORACLE_SUBSETS = {"true_labels", "accuracy_matched"}
ORACLE_PICKS = {"accuracy_matched"}

Everything = dict[str, bytes]
"""What a run decided, as bytes to be compared."""


def subsets_of(pool: PreparedPool) -> list[TrainingSubset]:
    return [*control_subsets(pool), overlap_subset(pool), full_subset(pool), share_subset(pool, 0.5, 5)]


def decisions(pool: PreparedPool, subsets: list[TrainingSubset] | None = None) -> Everything:
    """All that is decided or predicted before the evaluation."""
    found = {
        "weak": pool.weak_pool,
        "weak on test": pool.weak_test,
        "strong": pool.strong_pool.features,
        "targets": pool.targets,
        "partition": pool.partition.regions,
        "scores": pool.partition.score,
        "test partition": pool.test_partition.regions,
        "student": pool.student.predict(pool.strong_test),
        "ceiling": pool.fit_ceiling().predict(pool.strong_test),
    }
    for subset in subsets_of(pool) if subsets is None else subsets:
        for balanced in (False, True):
            picks = subset.sample(10, generator(0, "leak", subset.name), balanced=balanced)
            assert picks is not None
            found[f"picks of {subset.name}, {balanced}"] = picks
            found[f"student of {subset.name}, {balanced}"] = subset.learner.fit(
                subset.inputs.take(picks), subset.targets[picks]
            ).predict(pool.strong_test)
    return {name: np.ascontiguousarray(value).tobytes() for name, value in found.items()}


def moved(one: Everything, other: Everything) -> set[str]:
    assert one.keys() == other.keys()
    return {name for name in one if one[name] != other[name]}


def prepare(splits: Splits, **arguments: Any) -> PreparedPool:
    made = replace(recipe(dataset=Given(splits), detector=MeanCosine()), **arguments)
    return made.prepare(Recorder())


@cache
def splits() -> Splits:
    return fixed(easy=60, hard=60, overlap=60)


@dataclass(frozen=True)
class Selecting:
    """A learner that keeps the penalty which does best on the validation points."""

    uses_validation: bool = True

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: LabelledInputs | None = None) -> Fitted:
        fits = [LogisticProbe(l2=l2).fit(inputs, targets) for l2 in (1.0, 0.01)]
        if validation is None:
            return fits[0]
        loss = [-np.mean(np.sum(validation.targets * np.log(fit.predict(validation.inputs)), axis=1)) for fit in fits]
        return fits[int(np.argmin(loss))]


@pytest.mark.parametrize(
    "arguments", [{"labels": "soft"}, {"labels": "hard"}, {"learner": Selecting()}], ids=["soft", "hard", "validation"]
)
def test_with_shuffled_seals_only_the_ceiling_and_the_oracle_subsets_move(arguments: dict[str, Any]) -> None:
    one, other = (prepare(given, **arguments) for given in (splits(), shuffled(splits(), SEALED)))
    expected = {"ceiling"}
    expected |= {f"student of {name}, {balanced}" for name in ORACLE_SUBSETS for balanced in (False, True)}
    expected |= {f"picks of {name}, {balanced}" for name in ORACLE_PICKS for balanced in (False, True)}
    assert moved(decisions(one), decisions(other)) == expected


def untold(given: Splits) -> Splits:
    """The same points, the pool's without a label or a planted region."""
    return replace(given, pool=replace(given.pool, labels=None, planted=None))


def test_without_the_pools_truth_nothing_but_ceiling_and_oracles_is_missing() -> None:
    one, other = prepare(splits()), prepare(untold(splits()))
    kept = [subset for subset in subsets_of(one) if subset.name not in ORACLE_SUBSETS]
    assert [subset.name for subset in subsets_of(other)] == [subset.name for subset in kept]
    for name in ("weak_pool", "weak_test", "targets"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert np.array_equal(one.partition.regions, other.partition.regions)
    assert np.array_equal(one.student.predict(one.strong_test), other.student.predict(other.strong_test))
    with pytest.raises(DataError, match="ceiling: these points have no true labels"):
        other.fit_ceiling()


def test_metrics_without_the_pools_truth_are_null_or_the_same() -> None:
    found = []
    for given in (splits(), untold(splits())):
        recorder = Recorder()
        pool = recipe(dataset=Given(given), detector=MeanCosine()).prepare(recorder)
        Transfer().analyse(pool, recorder)
        Mixing(draws=1).analyse(pool, recorder)
        found.append(recorder)
    known, without = (recorder.metrics for recorder in found)
    for name, value in known.items():
        truthful = name.startswith(("ceiling", "pgr", "detection/", "mixing/true_labels", "mixing/accuracy_matched"))
        truthful |= name.endswith(("pool_accuracy", "weak_accuracy"))
        expected = None if truthful or value is None else pytest.approx(value, abs=1e-12)
        assert without.get(name) == expected, name
    assert without["ceiling/cross_fitted/low"] < without["ceiling/cross_fitted"] < 1
    assert without["weak/estimated_noise"] is not None
    assert found[1].skipped[NEEDS_TRUTH] == "the pool's points have no true labels"
    assert "ceiling" not in found[1].tables["points"]


def test_an_oracle_refiner_is_refused_before_any_model_reads() -> None:
    recorder = Recorder()
    made = replace(recipe(dataset=Given(untold(splits())), detector=MeanCosine()), refiner=built("refiner", "oracle_filter"))
    with pytest.raises(DataError, match="an oracle refiner is judged by the pool's true labels"):
        made.prepare(recorder)
    assert recorder.seconds.keys() == {"data"}


def test_labels_of_validation_and_test_alone_move_nothing_at_all() -> None:
    one, other = (prepare(given) for given in (splits(), shuffled(splits(), ("validation", "test"))))
    assert moved(decisions(one), decisions(other)) == set()


def test_labels_of_weak_train_move_the_weak_model_and_all_that_follows() -> None:
    """The control of the test itself: what may be read is read."""
    one, other = (prepare(given) for given in (splits(), shuffled(splits(), ("weak_train",))))
    assert {"weak", "partition", "student", "picks of 1.0, False"} <= moved(decisions(one), decisions(other))
    assert "ceiling" not in moved(decisions(one), decisions(other))


def test_the_halving_reads_no_label() -> None:
    whole = replace(splits(), fixed_halves=False)
    names = [prepare(replace(given, fixed_halves=False)).splits.pool.ids.tolist() for given in (whole, flipped(whole))]
    assert names[0] == names[1]


def flipped(given: Splits) -> Splits:
    """The same points with every label of every role but the planted regions changed."""
    roles = {
        role: replace(split, labels=type(split.labels)(1 - split.labels.open("flipping")))
        for role, split in (("weak_train", given.weak_train), ("pool", given.pool), ("test", given.test))
    }
    return replace(given, **roles)


@pytest.mark.parametrize("representation", [Raw(), Columns(start=3), Quadratic(components=4), TopRows(rows=2, width=6)])
def test_representations_read_no_label(representation: Any) -> None:
    strong = replace(recipe().strong_model, representation=representation)
    one, other = (prepare(given, strong_model=strong) for given in (splits(), shuffled(splits(), SEALED)))
    assert moved(decisions(one), decisions(other)).isdisjoint({"strong", "scores", "student", "partition"})


@pytest.mark.parametrize("choice", [choice for choice in choices("detector") if choice != "oracle"])
def test_detectors_partition_the_same_whatever_the_seals_hold(choice: str) -> None:
    one, other = (prepare(given, detector=built("detector", choice)) for given in (splits(), shuffled(splits(), SEALED)))
    for name in ("partition", "test_partition"):
        before, after = getattr(one, name), getattr(other, name)
        assert np.array_equal(before.regions, after.regions)
        assert np.array_equal(before.score, after.score, equal_nan=True)


@pytest.mark.parametrize("choice", [choice for choice in choices("refiner") if not choice.startswith("oracle")])
def test_refiners_do_the_same_whatever_the_seals_hold(choice: str) -> None:
    if choice == "confident_learning":
        pytest.importorskip("cleanlab", reason="the extra: pip install 'w2s[refine]'")
    one, other = (prepare(given, refiner=built("refiner", choice)) for given in (splits(), shuffled(splits(), SEALED)))
    for name in ("targets", "weights", "kept"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("choice", ["oracle_filter", "oracle_relabel"])
def test_the_oracle_refiners_move(choice: str) -> None:
    one, other = (prepare(given, refiner=built("refiner", choice)) for given in (splits(), shuffled(splits(), SEALED)))
    assert not all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("targets", "kept"))


def test_the_oracle_detector_moves() -> None:
    one, other = (prepare(given, detector=built("detector", "oracle")) for given in (splits(), shuffled(splits(), SEALED)))
    assert not np.array_equal(one.partition.regions, other.partition.regions)


@pytest.mark.parametrize("choice", choices("policy"))
def test_policies_choose_the_same_sources_and_points_whatever_the_labels(choice: str) -> None:
    policy, baseline = built("policy", choice), built("policy", "random")
    bought = []
    for given in (splits(), shuffled_labels_only(splits())):
        recorder = Recorder()
        made = replace(recipe(dataset=Given(given), detector=MeanCosine()))
        OnPool(made, (Selection(policy=policy, baseline=baseline, rounds=6, draws=1),)).run(recorder)
        rounds = recorder.tables["rounds"][["policy", "round", "source", "n", "n_overlap", "density", "regret"]]
        points = recorder.tables["points"].query("split == 'pool'")[["id", "chosen", "round", "reason"]]
        bought.append((rounds, points.reset_index(drop=True)))
    assert bought[0][0].equals(bought[1][0])
    assert bought[0][1].equals(bought[1][1])


def shuffled_labels_only(given: Splits) -> Splits:
    """Labels shuffled, planted regions not: regions are the truth that the oracle policy may know."""
    changed = shuffled(given, SEALED)
    roles = {role: replace(getattr(changed, role), planted=getattr(given, role).planted) for role in SEALED}
    return replace(changed, **roles)


def test_only_metrics_that_evaluate_or_oracles_move() -> None:
    found = []
    for given in (splits(), shuffled_labels_only(splits())):
        recorder = Recorder()
        pool = replace(recipe(dataset=Given(given), detector=MeanCosine())).prepare(recorder)
        Transfer().analyse(pool, recorder)
        Mixing(draws=1).analyse(pool, recorder)
        found.append(recorder)
    same = {name for name in found[0].metrics if found[0].metrics[name] == found[1].metrics[name]}
    assert {"overlap/density", "overlap/easy", "overlap/hard", "mixing/size"} <= same
    assert {"detection/precision", "detection/auc"} <= same
    assert "student/accuracy" not in same
    columns = ["id", "split", "label_weak", "p_0", "p_1", "confidence", "region", "weak", "student"]
    assert found[0].tables["points"][columns].equals(found[1].tables["points"][columns])
    assert not found[0].tables["points"]["ceiling"].equals(found[1].tables["points"]["ceiling"])


@dataclass(frozen=True)
class Peeping:
    """A detector that opens the seal."""

    features: str = "frozen"

    def fit(self, evidence: Evidence, probe: Any) -> Any:
        return self

    def partition(self, evidence: Evidence) -> Partition:
        assert evidence.planted is not None
        honest = MeanCosine().fit(evidence, LogisticProbe()).partition(evidence)
        return replace(honest, regions=evidence.planted.open("peeping"))


def test_a_detector_that_opens_the_seal_is_caught() -> None:
    one, other = (prepare(given, detector=Peeping()) for given in (splits(), shuffled(splits(), SEALED)))
    assert {"partition", "test partition", "picks of 1.0, False"} <= moved(decisions(one), decisions(other))


def test_a_subset_that_opens_the_seal_is_caught() -> None:
    def peeping(pool: PreparedPool) -> list[TrainingSubset]:
        right = predicted(pool.truth("peeping")) == pool.weak_classes
        return [replace(full_subset(pool), name="peeping", sampler=Uniform(np.flatnonzero(right)))]

    one, other = (prepare(given) for given in (splits(), shuffled(splits(), SEALED)))
    assert "picks of peeping, False" in moved(decisions(one, peeping(one)), decisions(other, peeping(other)))


def test_a_learner_given_the_truth_is_caught() -> None:
    def peeping(given: Splits) -> PreparedPool:
        pool = prepare(given)
        return replace(pool, targets=pool.truth("peeping"))

    one, other = peeping(splits()), peeping(shuffled(splits(), SEALED))
    assert {"targets", "student", "student of 1.0, False"} <= moved(decisions(one), decisions(other))
