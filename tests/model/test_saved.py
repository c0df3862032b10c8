"""A saved model reads and predicts as before, bit for bit, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.configured import built, choices
from w2s.errors import ModelError
from w2s.model import FittedModel, LogisticProbe, Mlp
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import HubCheckpoint
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder.text_encoder import FrozenEncoder, encoder_model
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.dataclass_json import find_class
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import Inputs

NEEDS_MORE = {choice for choice in choices("checkpoint") if not choice.startswith("tiny")} | {"mlp_minilm", "snorkel"}
"""Checkpoints that a test does not download, and a package that may not be there."""
MODELS = [(role, choice) for role in ("weak_model", "strong_model") for choice in choices(role) if choice not in NEEDS_MORE]
MISSING = {"column": ("weak_model.column=said",)}
"""Settings that a person has to give."""
N = 40


def points(seed: int) -> Inputs:
    """Images of 8 x 8 pixels, a few words each, and votes of three functions."""
    draw = np.random.default_rng(seed)
    words = np.array(["red", "green", "apple", "wine", "tea", "white", "sea"])
    texts = tuple(" ".join(draw.choice(words, size=5)) for _ in range(N))
    return Inputs(
        features=draw.integers(0, 17, size=(N, 64)).astype(np.float64),
        texts=texts,
        votes=draw.integers(-1, 2, size=(N, 3)),
        predictions=np.eye(2)[draw.integers(0, 2, size=N)],
    )


def assert_comes_back(fitted: FittedModel, folder: Path) -> None:
    save_fitted(folder, "model", fitted)
    loaded = load_fitted(folder, "model")
    assert isinstance(loaded, FittedModel)
    for inputs in (points(0), points(1)):
        assert loaded.predict(inputs).tobytes() == fitted.predict(inputs).tobytes()
        assert loaded.represent(inputs).tobytes() == fitted.represent(inputs).tobytes()


@pytest.mark.parametrize(("role", "choice"), MODELS)
def test_every_choice_comes_back_bit_for_bit(
    role: str, choice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    model, inputs = built(role, choice, *MISSING.get(choice, ())), points(0)
    encoder = model.representation.fit(inputs)
    targets = np.eye(2)[np.arange(N) % 2]
    fitted = model.learner.fit(inputs.with_features(encoder.encode(inputs)), targets)
    assert_comes_back(FittedModel.to_save(encoder, fitted), tmp_path)


@pytest.mark.parametrize("learner", [LogisticProbe(scale="standard"), Mlp(hidden=(3,), epochs=1)])
@pytest.mark.parametrize("n_classes", [1, 2, 3])
def test_learners_of_any_number_of_classes_come_back(learner: Learner, n_classes: int, tmp_path: Path) -> None:
    inputs = points(0)
    encoder = built("strong_model", "raw").representation.fit(inputs)
    fitted = learner.fit(inputs.with_features(encoder.encode(inputs)), np.eye(n_classes)[np.arange(N) % n_classes])
    assert_comes_back(FittedModel(encoder, fitted), tmp_path)


def test_a_pretrained_encoder_is_saved_as_its_content_without_weights_or_where_it_ran(tmp_path: Path) -> None:
    folder, texts = TinyCheckpoint().fetch(Store(str(tmp_path))), Inputs(texts=("a text", "another"))
    model = encoder_model(checkpoint=str(folder), store=Store(str(tmp_path)), learner=LogisticProbe(), device="cpu")
    encoder = model.representation
    assert isinstance(encoder, FrozenEncoder)
    files = save_fitted(tmp_path / "fitted", "encoder", encoder.pinned())
    assert files[0].stat().st_size < 100
    loaded = load_fitted(tmp_path / "fitted", "encoder")
    assert (loaded.device, loaded.store) == ("auto", Store())
    loaded = replace(loaded, store=encoder.store)
    assert loaded.key() == encoder.key()
    np.testing.assert_array_equal(loaded.encode(texts), encoder.encode(texts))
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    with pytest.raises(ModelError, match="has changed: a model was fitted with other files"):
        loaded.encode(texts)
    encoder.encode(texts)  # one that is not pinned takes what is there


def test_a_checkpoint_of_the_hub_is_pinned_to_its_commit(tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    branch = HubCheckpoint("someone/model", "main")
    vars(branch)["commit"] = commit  # as the hub would answer
    assert branch.pinned(Store(str(tmp_path))) == HubCheckpoint("someone/model", commit)


def test_what_was_saved_is_found_where_its_class_has_moved() -> None:
    for path, kind in {
        "w2s.model.encoder.checkpoint.FolderCheckpoint": FolderCheckpoint,
        "w2s.model.encoder.frozen.FrozenEncoder": FrozenEncoder,
        "w2s.types.Inputs": Inputs,
    }.items():
        assert find_class(path, ["w2s"]) is kind
