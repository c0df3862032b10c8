from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from w2s.detector import NoDetector
from w2s.errors import ConfigError
from w2s.model import LogisticProbe
from w2s.model.model import Model
from w2s.model.representation import Raw
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.study.encode import Encode
from w2s.types import CacheStats, FloatArray, Inputs, Sealed, Split, Splits, as_names


class Words:
    """A data set of 12 texts."""

    def load(self, data_seed: int) -> Splits:
        def split(role: str) -> Split:
            texts = tuple(f"{role} {i}" for i in range(3))
            return Split(as_names(texts), Inputs(texts=texts), Sealed(np.array([0, 1, 0])))

        return Splits(split("train"), split("pool"), split("validation"), split("test"), classes=("no", "yes"))


class Kept:
    """A stored encoder that writes down what it was asked to fill."""

    provenance: ClassVar[dict[str, str]] = {"sha256": "0"}

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int]] = []

    def fit(self, inputs: Inputs) -> "Kept":
        return self

    def encode(self, inputs: Inputs) -> FloatArray:
        raise AssertionError("the study reads nothing back")

    def pinned(self) -> "Kept":
        return self

    def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> CacheStats:
        self.asked.append((len(inputs), shard, shards))
        return CacheStats(texts=6, computed=4, reused=2)


MODEL = Model(Raw(), LogisticProbe())
RECIPE = Preparation(dataset=Words(), weak_model=MODEL, strong_model=MODEL, detector=NoDetector())


def test_every_role_is_encoded_by_stored_encoders_and_the_others_are_skipped_with_a_reason() -> None:
    kept, recorder = Kept(), Recorder()
    study = Encode(
        preparation=replace(RECIPE, strong_model=Model(kept, LogisticProbe())),
        shards=8,
        shard=3,
    )
    study.run(recorder)
    assert kept.asked == [(12, 3, 8)]
    assert {name: recorder.metrics[f"encode/strong/{name}"] for name in ("texts", "computed", "reused")} == {
        "texts": 6,
        "computed": 4,
        "reused": 2,
    }
    assert set(recorder.skipped) == {"weak model"}


@pytest.mark.parametrize(("shards", "shard"), [(0, 0), (8, 8), (8, -1)])
def test_a_part_that_is_not_there_is_refused(shards: int, shard: int) -> None:
    with pytest.raises(ConfigError, match=r"shards?="):
        Encode(preparation=RECIPE, shards=shards, shard=shard)
