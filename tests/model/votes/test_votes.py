"""Label models: votes in, probabilities out."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from tests.configured import built, choices
from tests.detector.planted import Known
from w2s.errors import ConfigError, DataError, ModelError
from w2s.model import DawidSkene, LogisticProbe, MajorityVote, Model, SnorkelLabelModel, Votes
from w2s.seeding import generator
from w2s.statistics.accuracy import confidence, predicted
from w2s.types import Evidence, FloatArray, Inputs, IntArray, Partition, Region

SIX_POINTS = np.array([[1, 1, 1], [1, 1, 0], [0, 0, -1], [1, 0, -1], [-1, 0, -1], [-1, -1, -1]])
TWO_CLASSES = np.eye(2)[[0, 1, 0, 1, 0, 1]]

PRIOR = np.array([0.3, 0.7])
ACCURACY = np.array([[0.9, 0.6], [0.6, 0.8], [0.7, 0.7], [0.55, 0.9]])
"""(L, C) p(function votes k | class k), given that it votes."""
COVERAGE = np.array([0.9, 0.6, 0.8, 0.5])
VOTES = ("planted", "wrench_youtube", "wrench_sms")


def planted_votes(n: int = 4_000, seed: int = 0) -> tuple[IntArray, IntArray]:
    """Votes (n, L) of independent functions and the classes (n,) they come from."""
    draw = generator(seed, "test", "votes")
    labels = (draw.random(n) < PRIOR[1]).astype(np.int64)
    right = draw.random((n, len(ACCURACY))) < ACCURACY[:, labels].T
    votes = np.where(right, labels[:, None], 1 - labels[:, None])
    return np.where(draw.random(votes.shape) < COVERAGE, votes, -1), labels


def votes_from(source: str, request: pytest.FixtureRequest) -> IntArray:
    """Planted votes, or those of a real data set where it is at hand."""
    if source == "planted":
        return planted_votes()[0]
    rows = json.loads((request.getfixturevalue("shared_data") / source / "train.json").read_text())
    return np.array([row["weak_labels"] for row in rows.values()])


def probabilities(learner: object, votes: IntArray, targets: FloatArray = TWO_CLASSES) -> FloatArray:
    return learner.fit(Inputs(votes=votes), targets).predict(Inputs(votes=votes))


class TestVotesAsFeatures:
    def test_every_pair_of_function_and_class_that_occurs_is_an_indicator(self):
        encoder = Votes().fit(Inputs(votes=np.array([[1, -1], [0, 1]])))
        encoded = encoder.encode(Inputs(votes=np.array([[1, 1], [-1, 0]])))
        # columns: function 0 votes 0, function 0 votes 1, function 1 votes 1
        np.testing.assert_array_equal(encoded, [[0, 1, 1], [0, 0, 0]])

    def test_data_without_votes_is_told_where_to_find_some(self):
        with pytest.raises(ModelError, match="dataset=wrench"):
            Votes().fit(Inputs(texts=("a", "b")))

    def test_all_points_uncovered_is_one_clear_line(self):
        with pytest.raises(DataError, match="All 3 labelling functions abstain on all 2 points"):
            Votes().fit(Inputs(votes=np.full((2, 3), -1)))


class TestMajorityVote:
    def test_the_hand_worked_three_functions_on_six_points(self):
        shares = probabilities(MajorityVote(smoothing=0), SIX_POINTS)
        np.testing.assert_allclose(shares[:, 1], [1, 2 / 3, 0, 1 / 2, 0, 1 / 2])
        # one vote is added, half of it to each class: 3.5 / 4, 2.5 / 4, .5 / 3, 1.5 / 3, .5 / 2, .5 / 1
        smoothed = probabilities(MajorityVote(), SIX_POINTS)
        np.testing.assert_allclose(smoothed[:, 1], [7 / 8, 5 / 8, 1 / 6, 1 / 2, 1 / 4, 1 / 2])

    def test_more_than_two_classes_share_the_votes(self):
        shares = probabilities(MajorityVote(smoothing=0), np.array([[2, 2, 0, -1]]), np.eye(3))
        np.testing.assert_allclose(shares, [[1 / 3, 0, 2 / 3]])

    def test_random_answers_decide_the_label_and_carry_no_confidence(self):
        votes = np.concatenate([np.full((2_000, 2), -1), np.tile([0, 1], (2_000, 1))])
        both = probabilities(MajorityVote(uncovered="random", ties="random"), votes)
        assert confidence(both).max() < 1e-5
        for half in (slice(0, 2_000), slice(2_000, None)):
            assert 0.45 < predicted(both)[half].mean() < 0.55  # 2,000 fair coins: standard deviation .011
        kept = probabilities(MajorityVote(), votes)
        assert np.all(kept == 0.5)

    def test_random_answers_touch_no_decided_point(self):
        plain = probabilities(MajorityVote(), SIX_POINTS)
        break_ties = probabilities(MajorityVote(uncovered="random", ties="random"), SIX_POINTS)
        assert np.array_equal(np.any(plain != break_ties, axis=1), [False, False, False, True, False, True])

    @pytest.mark.parametrize("learner", [MajorityVote(smoothing=0), DawidSkene()])
    def test_one_function_is_believed(self, learner):
        votes = np.array([[0], [1], [1], [0], [-1]])
        np.testing.assert_array_equal(predicted(probabilities(learner, votes))[:4], votes[:4, 0])

    @pytest.mark.parametrize(
        ("kind", "wrong"),
        [
            (MajorityVote, {"smoothing": -1}),
            (DawidSkene, {"iterations": 0}),
            (DawidSkene, {"smoothing": -1}),
            (SnorkelLabelModel, {"epochs": 0}),
            (SnorkelLabelModel, {"class_balance": (0.5, 0.6)}),
        ],
    )
    def test_arguments_outside_their_range_are_refused(self, kind, wrong):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            kind(**wrong)

    @pytest.mark.parametrize("learner", [MajorityVote(), SnorkelLabelModel()])
    def test_weights_are_refused_where_they_make_no_sense(self, learner):
        votes = np.array([[0, 1, 0], [1, 1, 0]])
        with pytest.raises(ModelError, match=r"weights of points.*\n.*dawid_skene"):
            learner.fit(Inputs(votes=votes), TWO_CLASSES, np.ones(2))


class TestDawidSkene:
    def test_the_first_step_by_hand(self):
        # Vote shares for class 1: 0, 1/3, 1, 2/3, 0, 1; so the prior is 3/6. Functions 0 and 1 vote alike:
        # p(1 | class 1) = (1 + 2/3 + 1) / 3 = 8/9. Function 2: p(1 | class 1) = (1/3 + 1 + 1) / 3 = 7/9; class 0 mirrors it.
        votes = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
        learner = DawidSkene(abstaining="missing", smoothing=0, iterations=1)
        fitted = learner.fit(Inputs(votes=votes), TWO_CLASSES)
        np.testing.assert_allclose(fitted.prior, [0.5, 0.5])
        np.testing.assert_allclose(fitted.likelihood[:, 1, 1], [8 / 9, 8 / 9, 7 / 9])
        # 0 0 1: 1 * 1 * 7 against 8 * 8 * 2, 0 0 0: 1 * 1 * 2 against 8 * 8 * 7
        expected = [2 / 450, 7 / 135, 448 / 450, 128 / 135, 2 / 450, 448 / 450]
        np.testing.assert_allclose(fitted.predict(Inputs(votes=votes))[:, 1], expected)

    @pytest.mark.parametrize("abstaining", ["missing", "outcome"])
    def test_a_point_of_weight_3_counts_as_three_points_and_one_of_weight_0_as_none(self, abstaining):
        votes, labels = planted_votes(200)
        times = np.random.default_rng(0).integers(4, size=200)
        rows = np.repeat(np.arange(200), times)
        learner = DawidSkene(abstaining=abstaining)
        weighted = learner.fit(Inputs(votes=votes), np.eye(2)[labels], times.astype(float))
        repeated = learner.fit(Inputs(votes=votes[rows]), np.eye(2)[labels[rows]])
        np.testing.assert_allclose(weighted.likelihood, repeated.likelihood)
        np.testing.assert_allclose(weighted.prior, repeated.prior)
        assert not np.allclose(weighted.likelihood, learner.fit(Inputs(votes=votes), np.eye(2)[labels]).likelihood)

    @pytest.mark.parametrize("abstaining", ["missing", "outcome"])
    def test_planted_accuracies_and_prior_are_recovered(self, abstaining):
        votes, labels = planted_votes(20_000)
        fitted = DawidSkene(abstaining=abstaining, tolerance=1e-8, iterations=1_000).fit(
            Inputs(votes=votes), np.eye(2)[labels]
        )
        np.testing.assert_allclose(fitted.prior, PRIOR, atol=0.04)
        cast = fitted.likelihood[:, [0, 1], [0, 1]] / fitted.likelihood[:, :, :2].sum(axis=2)
        np.testing.assert_allclose(cast, ACCURACY, atol=0.04)
        by_majority = probabilities(MajorityVote(), votes)
        assert np.mean(predicted(fitted.predict(Inputs(votes=votes))) == labels) > np.mean(predicted(by_majority) == labels)

    def test_functions_that_vote_for_one_class_only_need_their_abstaining(self):
        votes, labels = planted_votes()
        one_sided = np.where(votes == np.array([0, 1, 0, 1]), votes, -1)
        covered = np.any(one_sided != -1, axis=1)
        blind = probabilities(DawidSkene(abstaining="missing", smoothing=0), one_sided, np.eye(2)[labels])[covered]
        assert np.ptp(blind[:, 1]) < 1e-6  # each such function has p(vote | class) = 1 for every class
        seeing = probabilities(DawidSkene(), one_sided, np.eye(2)[labels])[covered]
        assert np.ptp(seeing[:, 1]) > 0.5

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    @pytest.mark.parametrize("source", VOTES)
    def test_thirty_steps_from_the_same_start_agree_with_crowd_kit(self, source, request):
        aggregation = pytest.importorskip("crowdkit.aggregation")
        import pandas as pd

        votes = votes_from(source, request)
        tasks, workers = np.nonzero(votes >= 0)
        table = pd.DataFrame({"task": tasks, "worker": workers, "label": votes[tasks, workers]})
        oracle = aggregation.DawidSkene(n_iter=30, tol=-1).fit(table).probas_.sort_index()[[0, 1]]
        learner = DawidSkene(abstaining="missing", smoothing=0, iterations=30, tolerance=1e-300)
        ours = probabilities(learner, votes)
        np.testing.assert_allclose(ours[oracle.index.to_numpy()], oracle.to_numpy(), atol=1e-9)


class TestSnorkel:
    @pytest.fixture
    def snorkel(self):
        return pytest.importorskip("snorkel.labeling.model")

    @pytest.mark.parametrize("source", VOTES)
    def test_probabilities_are_those_of_snorkel(self, snorkel, source, request):
        votes = votes_from(source, request)
        oracle = snorkel.LabelModel(cardinality=2, verbose=False)
        oracle.fit(votes, n_epochs=200, seed=3, progress_bar=False)
        ours = probabilities(SnorkelLabelModel(seed=3, epochs=200), votes)
        np.testing.assert_allclose(ours, oracle.predict_proba(votes), atol=1e-6)

    @pytest.mark.parametrize("source", VOTES)
    def test_majority_labels_are_those_of_snorkel(self, snorkel, source, request):
        votes = votes_from(source, request)
        oracle = snorkel.MajorityLabelVoter(cardinality=2).predict_proba(votes)
        ours = probabilities(MajorityVote(), votes)
        untied = oracle.max(axis=1) > 0.5
        np.testing.assert_array_equal(predicted(ours)[untied], predicted(oracle)[untied])
        np.testing.assert_allclose(ours[~untied], 0.5)

    @pytest.mark.usefixtures("snorkel")
    def test_global_randomness_is_left_alone(self):
        import torch

        def states() -> list[object]:
            return [random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()]  # noqa: NPY002

        votes, labels = planted_votes(200)
        before = states()
        probabilities(SnorkelLabelModel(epochs=2), votes, np.eye(2)[labels])
        assert states() == before

    def test_fewer_than_three_functions_are_refused_with_the_way_out(self):
        with pytest.raises(DataError, match="majority_vote"):
            probabilities(SnorkelLabelModel(), np.array([[0, 1], [1, 1]]))

    def test_without_the_package_the_extra_is_named(self, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(ModelError, match=r"w2s\[votes\]"):
            SnorkelLabelModel().check()
        with pytest.raises(ModelError, match=r"w2s\[votes\]"):
            probabilities(SnorkelLabelModel(), SIX_POINTS)


@pytest.fixture(params=["majority", "dawid_skene", "snorkel"])
def learner(request):
    if request.param == "snorkel":
        pytest.importorskip("snorkel.labeling.model")
        return SnorkelLabelModel(epochs=100)
    return {"majority": MajorityVote(), "dawid_skene": DawidSkene()}[request.param]


class TestEveryLabelModel:
    def test_true_labels_play_no_part(self, learner):
        votes, labels = planted_votes(500)
        truth = probabilities(learner, votes, np.eye(2)[labels])
        np.testing.assert_array_equal(truth, probabilities(learner, votes, np.eye(2)[labels[::-1]]))

    def test_rows_are_distributions_and_depend_on_their_votes_alone(self, learner):
        votes, labels = planted_votes(500)
        fitted = learner.fit(Inputs(votes=votes), np.eye(2)[labels])
        everything = fitted.predict(Inputs(votes=votes))
        np.testing.assert_allclose(everything.sum(axis=1), 1)
        np.testing.assert_allclose(fitted.predict(Inputs(votes=votes[100:])), everything[100:])

    def test_a_function_that_always_abstains_changes_next_to_nothing(self, learner):
        votes, labels = planted_votes(500)
        with_silent = np.column_stack([votes, np.full(len(votes), -1)])
        truth = np.eye(2)[labels]
        difference = probabilities(learner, with_silent, truth) - probabilities(learner, votes, truth)
        assert np.abs(difference).max() < 0.05

    def test_a_vote_for_no_class_is_named(self, learner):
        votes, labels = planted_votes(500)
        votes[7, 2] = 5
        with pytest.raises(DataError, match=r"function 2 votes 5 on point 7.*\n.*-1 to abstain"):
            probabilities(learner, votes, np.eye(2)[labels])

    def test_the_representation_is_that_of_the_votes(self, learner):
        votes, labels = planted_votes(500)
        model = Model(Votes(), learner)
        inputs = Inputs(votes=votes)
        encoded = inputs.with_features(model.representation.fit(inputs).encode(inputs))
        represented = learner.fit(encoded, np.eye(2)[labels]).represent(encoded)
        assert represented.shape == (500, 2 * votes.shape[1])


SEARCHING = sorted({*choices("detector")} - {"oracle", "none"})
STRICT = {"released_selection"}
"""Hard is confidence < tau instead of <= tau."""


class TestFewDistinctConfidences:
    """Hard points are those with confidence <= tau, tau the lowest value above the best split."""

    def partition(self, choice: str, votes: list[list[int]], smoothing: float = 1.0) -> Partition:
        repeated = np.array(votes * 30)
        inputs = Inputs(votes=repeated)
        weak = Votes().fit(inputs).encode(inputs)
        shares = probabilities(MajorityVote(smoothing=smoothing), repeated)
        strong = generator(0, "test", "strong").normal(size=(len(repeated), 4))
        evidence = Evidence(strong, weak, shares, known=Known())
        return built("detector", choice).fit(evidence, LogisticProbe()).partition(evidence)

    @pytest.mark.parametrize("choice", SEARCHING)
    def test_with_one_value_there_is_no_overlap_and_a_reason(self, choice):
        partition = self.partition(choice, [[0], [1]])
        assert len(set(partition.regions)) == 1
        assert Region.OVERLAP not in partition.regions
        assert partition.reason

    @pytest.mark.parametrize("choice", SEARCHING)
    def test_with_two_values_every_point_is_hard_unless_the_rule_is_strict(self, choice):
        partition = self.partition(choice, [[0], [1], [-1]])
        hard = partition.regions == Region.HARD
        if choice in STRICT:
            np.testing.assert_array_equal(hard, [False, False, True] * 30)
        else:
            assert hard.all()
            assert partition.reason == "every point counts as hard"

    @pytest.mark.parametrize("choice", SEARCHING)
    def test_with_three_values_the_surest_points_are_left(self, choice):
        # two agreeing votes are surer than one, and one than none: confidences 2/3, 1/2, 0
        partition = self.partition(choice, [[0, 0], [1, -1], [-1, -1], [1, 1], [-1, 0], [-1, -1]])
        hard = [False, choice not in STRICT, True] * 2
        np.testing.assert_array_equal(partition.regions == Region.HARD, hard * 30)

    def test_without_smoothing_agreeing_votes_give_no_more_values(self):
        partition = self.partition("paper", [[0, 0], [1, -1], [-1, -1]], smoothing=0)
        assert set(partition.regions) == {Region.HARD}
