"""The weak model, where it is somebody who names classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.pool.pools import Given as GivenData
from tests.pool.pools import fixed, recipe, shuffled
from w2s.detector import MeanCosine
from w2s.model import Given, MajorityVote, Model, Votes
from w2s.model.self_confidence import ReadBeside
from w2s.pool.pool import PreparedPool
from w2s.pool.weak_labels import WeakModel
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import auc
from w2s.types import Inputs, Split, Splits

GIVEN = Given(column="says")


def said(splits: Splits, *, votes: bool = False) -> Splits:
    """The same data, about whose points somebody names the class that a column's sign tells."""

    def told(inputs: Inputs) -> Inputs:
        named = (inputs.features[:, :6].sum(axis=1) > 0).astype(int)
        return replace(inputs, votes=named[:, None]) if votes else replace(inputs, predictions=np.eye(2)[named])

    names = ("weak_train", "pool", "validation", "test")
    roles = {name: replace(getattr(splits, name), inputs=told(getattr(splits, name).inputs)) for name in names}
    return replace(splits, **roles)


def made(splits: Splits, weak_model: Any = GIVEN) -> tuple[PreparedPool, Recorder]:
    recorder = Recorder(quiet=True)
    made = replace(recipe(dataset=GivenData(splits), detector=MeanCosine()), weak_model=weak_model)
    return made.prepare(recorder), recorder


@pytest.mark.parametrize("votes", [False, True])
def test_classes_alone_have_an_estimated_confidence_and_a_note(votes: bool) -> None:
    model = Model(Votes(), MajorityVote()) if votes else GIVEN
    pool, recorder = made(said(fixed(), votes=votes), model)
    assert len(np.unique(pool.partition.confidence)) > 50
    assert any("feature columns" in note and "AUC" in note for note in recorder.notes)
    inputs = pool.splits.pool.inputs
    named = inputs.votes[:, 0] if votes else inputs.predictions.argmax(axis=1)
    assert np.array_equal(pool.weak_classes, named)
    assert isinstance(recorder.models["weak_model"].encoder, ReadBeside)


def test_the_pools_true_labels_play_no_part() -> None:
    splits = said(fixed())
    first, _ = made(splits)
    second, _ = made(shuffled(splits, ("pool", "test", "validation")))
    assert np.array_equal(first.weak_pool, second.weak_pool)


def test_probabilities_are_left_as_they_are() -> None:
    splits = said(fixed())
    draw = np.random.default_rng(0)

    def doubtful(inputs: Inputs) -> Inputs:
        sure = draw.uniform(0.5, 1, len(inputs))[:, None]
        return replace(inputs, predictions=np.where(inputs.predictions == 1, sure, 1 - sure))

    pool = replace(splits.pool, inputs=doubtful(splits.pool.inputs))
    weak_train = replace(splits.weak_train, inputs=doubtful(splits.weak_train.inputs))
    found, recorder = made(replace(splits, pool=pool, weak_train=weak_train))
    assert np.array_equal(found.weak_pool, pool.inputs.predictions)
    assert not any("estimated" in note for note in recorder.notes)


def test_where_nothing_can_be_read_confidence_stays_as_it_was_and_a_note_says_so() -> None:
    splits = said(fixed())
    weak_train, pool = (
        replace(each, inputs=Inputs(predictions=each.inputs.predictions)) for each in (splits.weak_train, splits.pool)
    )
    weak, recorder = WeakModel.train_on(GIVEN.representation, GIVEN.learner, weak_train, [pool], 2), Recorder(quiet=True)
    weak.tell(recorder)
    assert weak.unsure
    assert "no texts, pictures or feature columns" in recorder.notes[0]


def test_annotators_who_agree_weigh_more_than_a_majority() -> None:
    splits = fixed(easy=150, hard=150, overlap=150)
    draw = np.random.default_rng(0)

    def asked(split: Split) -> Split:
        truth = split.truth("annotators of a test")
        votes = np.where(draw.random((len(split), 3)) < 0.75, truth[:, None], 1 - truth[:, None])
        return replace(split, inputs=replace(split.inputs, votes=votes))

    roles = {name: asked(getattr(splits, name)) for name in ("weak_train", "pool", "validation", "test")}
    pool, _ = made(replace(splits, **roles), Model(Votes(), MajorityVote()))
    right = pool.weak_classes == pool.splits.pool.truth("test")
    unanimous = np.ptp(pool.splits.pool.inputs.votes, axis=1) == 0
    area, of_votes = auc(pool.partition.confidence, right), auc(unanimous.astype(float), right)
    assert area > of_votes + 0.03
