"""Several teachers, against scikit-learn's and against plain lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pool.pools import recipe
from w2s.errors import ConfigError, ModelError
from w2s.model import Bagging, Boosting, ClassSpecialists, Ensemble, LearnedWeights, LogisticProbe, Model, Raw, Specialists
from w2s.model.ensemble import combined
from w2s.model.votes import MajorityVote
from w2s.refiner import CoSupervised
from w2s.results.recorder import Recorder
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import FloatArray, Inputs, LabelledInputs


@dataclass(frozen=True)
class Stump:
    """A decision tree of one split."""

    tree: Any = None

    def fit(self, inputs: Inputs, targets: FloatArray, weights: Any = None, validation: Any = None) -> Stump:
        from sklearn.tree import DecisionTreeClassifier

        tree = DecisionTreeClassifier(max_depth=1, random_state=0)
        return Stump(tree.fit(inputs.features, targets.argmax(axis=1), sample_weight=weights))

    def predict(self, inputs: Inputs) -> FloatArray:
        return np.asarray(self.tree.predict_proba(inputs.features))

    def represent(self, inputs: Inputs) -> FloatArray:
        assert inputs.features is not None
        return inputs.features


def task(n: int = 200, n_classes: int = 2, seed: int = 0) -> tuple[Inputs, FloatArray]:
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, 4))
    score = features[:, 0] + features[:, 1] ** 2 + 0.5 * draw.normal(size=n)
    classes = np.digitize(score, np.quantile(score, np.arange(1, n_classes) / n_classes))
    return Inputs(features=features), np.eye(n_classes)[classes]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_adaboost_of_stumps_has_scikit_learns_weights_and_answers(n_classes: int) -> None:
    from sklearn.ensemble import AdaBoostClassifier
    from sklearn.tree import DecisionTreeClassifier

    inputs, targets = task(n_classes=n_classes)
    ours = Boosting(of=Stump(), most=12)._members(inputs, targets, np.ones(len(targets)), most=12)
    theirs = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=12, random_state=0)
    theirs.fit(inputs.features, targets.argmax(axis=1))
    np.testing.assert_allclose(ours.weights, theirs.estimator_weights_[: len(ours.weights)], rtol=1e-9)
    new, _ = task(seed=1)
    np.testing.assert_array_equal(ours.predict(new).argmax(axis=1), theirs.predict(new.features))


def test_boosting_of_something_that_is_always_right_is_that_thing() -> None:
    inputs = Inputs(features=np.array([[0.0], [1.0]] * 30))
    targets = np.eye(2)[np.arange(60) % 2]
    fitted = Boosting(of=Stump()).fit(inputs, targets)
    assert len(fitted.members) == 1
    np.testing.assert_array_equal(fitted.predict(inputs).argmax(axis=1), np.arange(60) % 2)


def test_boosting_refuses_a_learner_without_weights() -> None:
    votes = np.zeros((20, 3), dtype=int)
    with pytest.raises(ModelError, match="weights"):
        Boosting(of=MajorityVote()).fit(Inputs(votes=votes), np.eye(2)[np.arange(20) % 2])


@pytest.mark.parametrize("labels", ["mean", "vote"])
def test_teachers_speak_by_their_weights(labels: Any) -> None:
    one, other = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.4, 0.6], [0.3, 0.7]])
    expected = {"mean": [[0.65, 0.35], [0.25, 0.75]], "vote": [[0.5, 0.5], [0.0, 1.0]]}[labels]
    np.testing.assert_allclose(combined([one, other], np.array([2.0, 2.0]), labels), expected)
    np.testing.assert_allclose(combined([one, other], np.array([1.0, 0.0]), "mean"), one)


def test_as_many_teachers_speak_as_do_best_on_the_validation_points() -> None:
    inputs, targets = task(60)
    judge, truth = task(400, seed=3)
    all_of_them = Bagging(of=LogisticProbe(), most=9).fit(inputs, targets, validation=LabelledInputs(judge, truth))
    everyone = Bagging(of=LogisticProbe(), most=9)._members(inputs, targets, np.ones(60), most=9)
    right = [
        np.mean(combined([m.predict(judge) for m in everyone.members[:k]], np.ones(k), "mean").argmax(1) == truth.argmax(1))
        for k in range(1, 10)
    ]
    assert len(all_of_them.members) == int(np.argmax(right)) + 1


def test_learned_weights_leave_out_a_teacher_that_knows_nothing() -> None:
    judge, truth = task(300, seed=3)

    @dataclass(frozen=True)
    class Says:
        answer: float

        def predict(self, inputs: Inputs) -> FloatArray:
            wrong = 1 - truth if self.answer < 0.5 else truth
            return np.where(wrong == 1, 0.8, 0.2)

    from w2s.model.ensemble import FittedTeachers

    found = FittedTeachers((Says(1.0), Says(0.0)), np.ones(2), "mean")  # type: ignore[arg-type]
    weights = LearnedWeights(of=LogisticProbe())._tuned(found, LabelledInputs(judge, truth)).weights
    np.testing.assert_allclose(weights, [1, 0], atol=1e-6)


def test_specialists_beat_one_teacher_where_parts_contradict_each_other() -> None:
    draw = np.random.default_rng(0)
    side = np.repeat([-8.0, 8.0], 150)
    features = np.column_stack([side + draw.normal(size=300), draw.normal(size=300)])
    classes = ((features[:, 1] > 0) ^ (side > 0)).astype(int)
    inputs, targets = Inputs(features=features), np.eye(2)[classes]
    fitted = Specialists(of=LogisticProbe()).fit(inputs, targets)
    assert len(fitted.members) >= 2
    assert np.mean(fitted.predict(inputs).argmax(axis=1) == classes) > 0.95
    assert np.mean(LogisticProbe().fit(inputs, targets).predict(inputs).argmax(axis=1) == classes) < 0.7


def test_a_run_says_how_many_teachers_speak_and_refuses_a_learner_in_their_place() -> None:
    recorder = Recorder()
    ensemble = Ensemble(of=recipe().weak_model, teachers=lambda of: Bagging(of=of, most=3, labels="vote"))
    pool = replace(recipe(), weak_model=ensemble).prepare(recorder)
    assert 1 <= int(recorder.facts["teachers"]) <= 3
    assert len(np.unique(pool.weak_pool.round(6))) <= 4, "the confidence is how far the teachers agree"
    with pytest.raises(ConfigError, match="place of all teachers"):
        replace(recipe(), weak_model=ensemble, weak_learner=LogisticProbe()).check()


def test_teachers_of_classes_answer_among_their_own_and_the_generalist_weighs_them() -> None:
    inputs, targets = task(n_classes=4)
    fitted = ClassSpecialists(of=LogisticProbe(), groups=((0, 3), (1, 2))).fit(inputs, targets)
    assert fitted.groups.tolist() == [0, 1, 1, 0]
    new, _ = task(seed=1, n_classes=4)
    answers = fitted.answers(new)
    own = np.flatnonzero(np.isin(targets.argmax(axis=1), [1, 2]))
    alone = LogisticProbe().fit(inputs.take(own), targets[own][:, [1, 2]]).predict(new)
    np.testing.assert_array_equal(answers[1][:, [1, 2]], alone)
    assert not answers[1][:, [0, 3]].any()
    whole = LogisticProbe().fit(inputs, targets).predict(new)
    by_hand = whole[:, [0, 3]].sum(axis=1)[:, None] * answers[0] + whole[:, [1, 2]].sum(axis=1)[:, None] * answers[1]
    np.testing.assert_allclose(fitted.predict(new), by_hand, rtol=1e-12)
    one = ClassSpecialists(of=LogisticProbe(), n_teachers=1).fit(inputs, targets).predict(new)
    np.testing.assert_allclose(one, whole, rtol=1e-9)
    with pytest.raises(ConfigError, match=r"groups=\[\[0, 1\]\]: every class, 0 to 3, belongs to one group"):
        ClassSpecialists(of=LogisticProbe(), groups=((0, 1),)).fit(inputs, targets)


def test_teachers_of_classes_are_kept_apart_for_the_refiner_and_are_saved(tmp_path: Path) -> None:
    ensemble = Ensemble(of=recipe().weak_model, teachers=lambda of: ClassSpecialists(of=of))
    recorder = Recorder()
    pool = replace(recipe(), weak_model=ensemble, refiner=CoSupervised(rounds=1, top=1)).prepare(recorder)
    assert recorder.facts["teachers"] == 2
    assert pool.kept is None or pool.kept.any()
    save_fitted(tmp_path, "weak_model", recorder.models["weak_model"])
    points = pool.splits.pool.inputs
    np.testing.assert_array_equal(
        load_fitted(tmp_path, "weak_model").predict(points), recorder.models["weak_model"].predict(points)
    )


@pytest.mark.parametrize("teachers", [Bagging, Boosting, LearnedWeights, Specialists])
@pytest.mark.parametrize("n", [1, 4, 30])
def test_few_points_and_one_class_are_no_trouble(teachers: Any, n: int) -> None:
    inputs, _ = task(n)
    for classes in (np.zeros(n, dtype=int), np.arange(n) % 2):
        model = Ensemble(of=Model(Raw(), LogisticProbe()), teachers=lambda of: teachers(of=of, most=3))
        answer = model.learner.fit(inputs, np.eye(2)[classes]).predict(inputs)
        assert answer.shape == (n, 2)
        np.testing.assert_allclose(answer.sum(axis=1), 1)
