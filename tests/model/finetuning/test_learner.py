"""Fine-tuning learns, is the same whenever it is repeated, and stores each fit by all that determines it."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.configured import built, choices
from tests.model.finetuning.conftest import N, learner
from w2s.errors import ConfigError, ModelError, StoreError
from w2s.loss import CrossEntropy, LogConfidence
from w2s.model import FittedModel, LogisticProbe, Raw
from w2s.model.encoder import FrozenEncoder
from w2s.model.finetuning.fitted_network import FittedNetwork
from w2s.model.training import Lora
from w2s.store import Store
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import Inputs, LabelledInputs
from w2s.utils.progress import followed_by

BOTH = pytest.mark.parametrize("train", ["adapters", "all"])


def fresh(encoder: FrozenEncoder, folder: Path) -> FrozenEncoder:
    return replace(encoder, store=Store(str(folder)))


@BOTH
def test_it_learns_what_a_probe_of_the_untrained_network_cannot(
    train: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray
) -> None:
    fitted = learner(train, epochs=12).on(encoder).fit(texts, labels)
    accuracy = (fitted.predict(texts).argmax(axis=1) == labels).mean()
    assert accuracy > 0.95 > labels.mean() + 0.2
    assert fitted.represent(texts).shape == (N, 32)
    loss = fitted.history.steps[:, 1]
    assert loss[-6:].mean() < 0.5 * loss[:6].mean()


@BOTH
def test_a_fit_repeated_elsewhere_is_the_same_to_the_last_bit(
    train: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path
) -> None:
    first, again = (
        learner(train, lora=Lora(dropout=0.2)).on(fresh(encoder, tmp_path / name)).fit(texts, labels) for name in "ab"
    )
    assert first.predict(texts).tobytes() == again.predict(texts).tobytes()
    assert first.history.steps.tobytes() == again.history.steps.tobytes()


@BOTH
def test_a_saved_network_answers_as_before_wherever_it_is_moved(
    train: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lora = Lora(rank=4, targets=["q_proj", "o_proj"], learning_rate=[[None, 1e-2]])  # type: ignore[arg-type]  as from YAML
    fitted = learner(train, lora=lora).on(encoder).fit(texts, labels)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another store"))
    save_fitted(tmp_path / "fitted", "student", FittedModel.to_save(encoder, fitted))
    (tmp_path / "fitted").rename(tmp_path / "moved")
    loaded = load_fitted(tmp_path / "moved", "student")
    assert loaded.predict(texts).tobytes() == fitted.predict(texts).tobytes()


@BOTH
def test_micro_batches_change_nothing_beyond_rounding(
    train: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path
) -> None:
    whole, parts = (
        learner(train, micro_tokens=tokens).on(fresh(encoder, tmp_path / str(tokens))).fit(texts, labels)
        for tokens in (10_000, 40)
    )
    np.testing.assert_allclose(parts.predict(texts), whole.predict(texts), atol=1e-5)


def test_merged_adapters_answer_as_beside_the_network(encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray) -> None:
    from w2s.model.finetuning.trainable import adapted

    fitted = learner().on(encoder).fit(texts, labels)
    merged = fitted.encoder.open(encoder.checkpoint.fetch(encoder.store), "cpu")
    plain = encoder.open(encoder.checkpoint.fetch(encoder.store), "cpu")
    assert fitted.encoder.lora is not None
    beside = adapted(plain.model, fitted.encoder.lora)
    beside.load_state_dict(dict(beside.state_dict()) | _tensors(fitted), strict=True)
    batch, _ = merged.tokenize(texts.texts[:8])  # type: ignore[index]
    both = (replace(plain, model=model).pool(batch, pooling="last", layers=(-1,)) for model in (merged.model, beside.eval()))
    np.testing.assert_allclose(*both, atol=1e-5)


def _tensors(fitted: FittedNetwork) -> dict[str, object]:
    import torch

    return {name: torch.as_tensor(value.copy()) for name, value in fitted.encoder.weights.items()}


def test_the_same_fit_is_not_trained_twice_and_any_other_is(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    own = fresh(encoder, tmp_path)
    base = learner().on(own)
    weights = np.ones(N)
    weights[0] = 2.0
    soft = np.eye(2)[labels] * 0.8 + 0.1
    validation = LabelledInputs(texts.take(slice(0, 40)), soft[:40])
    fits = [
        lambda: base.fit(texts, labels),
        lambda: learner(micro_tokens=60, gradient_checkpointing=True, minutes_between_saves=0.0).on(own).fit(texts, labels),
        lambda: base.fit(texts, np.eye(2)[labels], np.ones(N)),
        lambda: base.fit(texts, labels, validation=validation),  # the last state is kept: validation plays no part
        lambda: base.with_loss(CrossEntropy()).fit(texts, labels),
    ]
    others = [
        lambda: base.fit(texts, soft),
        lambda: base.fit(texts, labels, weights),
        lambda: base.fit(texts.take(slice(0, N - 1)), labels[:-1]),
        lambda: base.fit(texts.take(slice(None, None, -1)), labels[::-1]),
        lambda: base.with_loss(LogConfidence()).fit(texts, labels),
        lambda: replace(base, seed=1).fit(texts, labels),
        lambda: learner(epochs=2).on(own).fit(texts, labels),
        lambda: learner("all").on(own).fit(texts, labels),
        lambda: base.on(replace(own, pooling="mean")).fit(texts, labels),
    ]
    answers = [fit().predict(texts) for fit in fits]
    assert all(answer.tobytes() == answers[0].tobytes() for answer in answers)
    assert _trained(caplog) == 1
    for k, fit in enumerate(others):
        assert np.abs(fit().predict(texts) - answers[0]).max() > 0
        assert _trained(caplog) == 2 + k
    learner(keep="best").on(own).fit(texts, labels, validation=validation)
    assert _trained(caplog) == 2 + len(others)


def _trained(caplog: pytest.LogCaptureFixture) -> int:
    return sum("training" in record.message and "weights on" in record.message for record in caplog.records)


def test_the_best_state_is_chosen_by_weak_labels_and_training_may_end_early(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray
) -> None:
    wrong = LabelledInputs(texts, np.eye(2)[1 - labels])  # the longer it trains, the less it agrees
    fitted = learner(keep="best", epochs=10, evaluations=2, patience=2).on(encoder).fit(texts, labels, validation=wrong)
    scores = fitted.history.evaluations
    assert len(fitted.history.steps) == scores[-1, 0] < 60
    assert scores[-2:, 1].max() <= scores[:, 1].max() == scores[-3, 1]
    assert (fitted.predict(texts).argmax(axis=1) == labels).mean() < 0.9


@pytest.mark.parametrize("name", choices("loss"))
def test_every_loss_trains(name: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray) -> None:
    soft = np.eye(2)[labels] * 0.8 + 0.1
    tuned = learner("all", learning_rate=5e-4).on(encoder).with_loss(built("loss", name))
    fitted = tuned.fit(texts, soft)
    assert np.isfinite(fitted.history.steps).all()
    assert np.isfinite(fitted.predict(texts)).all()


def test_confidence_of_no_weight_is_cross_entropy_to_the_last_bit(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray
) -> None:
    base = learner(lora=Lora(dropout=0.1)).on(encoder)
    plain, without = (
        base.with_loss(loss).fit(texts, labels) for loss in (CrossEntropy(), LogConfidence(weight=0.0, warmup=0.2))
    )
    assert plain.predict(texts).tobytes() == without.predict(texts).tobytes()


def test_weights_are_repeated_points(encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray) -> None:
    nothing = np.r_[np.ones(N // 2), np.zeros(N // 2)]
    flipped = np.r_[labels[: N // 2], 1 - labels[N // 2 :]]
    base = learner(epochs=2).on(encoder)
    first, second = (base.fit(texts, each, nothing).predict(texts) for each in (labels, flipped))
    assert first.tobytes() == second.tobytes()  # what has no weight has no say


def test_three_classes_and_a_single_text(encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray) -> None:
    three = learner().on(encoder).fit(texts, np.arange(N) % 3).predict(texts)
    assert three.shape == (N, 3)
    np.testing.assert_allclose(three.sum(axis=1), 1)
    alone = learner().on(encoder).fit(texts.take(slice(0, 1)), np.array([[0.2, 0.8]]))
    assert alone.predict(texts).shape == (N, 2)
    with pytest.raises(ConfigError, match="two classes, and the data has 3"):
        learner().on(encoder).with_loss(LogConfidence()).fit(texts, np.arange(N) % 3)


def test_long_texts_are_cut_or_left_out(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    base = learner(max_tokens=8, long_texts="drop").on(encoder)
    base.fit(texts, labels)
    assert "longer than 8 tokens (max_tokens) and left out" in caplog.text
    with pytest.raises(ModelError, match="every text is longer"):
        learner(max_tokens=1, long_texts="drop").on(encoder).fit(texts, labels)


def test_heads_start_at_words_of_the_network(encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray) -> None:
    with pytest.raises(ModelError, match=r"no last layer for words.*recipe\.head=zero"):
        learner(head="words", label_words=("the", "sea")).on(encoder).fit(texts, labels)
    with pytest.raises(ConfigError, match="3 classes need as many words"):
        learner(head="words").on(encoder).fit(texts, np.arange(N) % 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lora": Lora(targets=("no_such_layer",))}, "takes no adapters at .*no_such_layer"),
        ({"lora": Lora(learning_rate=1.0), "epochs": 4, "clip": None, "batch": 4, "schedule": "constant"}, "diverged"),
    ],
)
def test_what_cannot_be_trained_is_said(
    settings: dict[str, object], message: str, encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray
) -> None:
    targets = np.eye(2)[labels] * np.where(message == "diverged", np.nan, 1.0)
    with pytest.raises(ModelError, match=message):
        learner(**settings).on(encoder).fit(texts, targets)


def test_only_a_pretrained_network_can_be_trained() -> None:
    with pytest.raises(ConfigError, match=r"(?s)learner=lora trains a pretrained network, and Raw is none.*learner=probe"):
        learner().on(Raw())


def test_probes_say_which_losses_they_cannot_minimise() -> None:
    assert LogisticProbe().with_loss(CrossEntropy()) == LogisticProbe()
    with pytest.raises(ConfigError, match=r"(?s)LogConfidence, which moves with the student.*learner=lora"):
        LogisticProbe().with_loss(LogConfidence())


def test_whoever_follows_the_run_is_told_of_training_on_its_way(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("w2s.utils.progress.DELAY_SECONDS", 0.0)
    told: list[dict[str, float]] = []
    with followed_by(lambda numbers: told.append(dict(numbers))):
        fitted = learner(beta2=0.9).on(fresh(encoder, tmp_path)).fit(texts, labels)
    steps = fitted.history.steps
    assert [numbers["live/step"] for numbers in told] == steps[:, 0].tolist()
    assert told[0]["live/loss"] == pytest.approx(steps[0, 1])
    learner(beta2=0.9).on(fresh(encoder, tmp_path / "b")).fit(texts, labels)
    assert len(told) == len(steps)  # nobody follows any more


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that takes no more of any file."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


def test_a_full_disk_is_one_message_and_the_same_fit_once_there_is_room(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray, tmp_path: Path
) -> None:
    store, saves = fresh(encoder, tmp_path), {"minutes_between_saves": 0.0}
    with files_of_at_most(8_192), pytest.raises(StoreError) as raised:
        learner(**saves).on(store).fit(texts, labels)
    assert len(str(raised.value).splitlines()) <= 3
    again = learner(**saves).on(store).fit(texts, labels)
    assert again.predict(texts).tobytes() == learner().on(encoder).fit(texts, labels).predict(texts).tobytes()
    assert list(tmp_path.rglob("*.tmp")) == []


def test_vectors_of_a_fit_with_other_weights_are_not_taken_for_its_own(
    encoder: FrozenEncoder, texts: Inputs, labels: np.ndarray
) -> None:
    tuned = learner(epochs=1).on(encoder).fit(texts, labels).encoder
    other = replace(tuned, weights={name: 2 * values for name, values in tuned.weights.items()})
    assert other.fit_key == tuned.fit_key
    assert other.key() != tuned.key()
