"""Small convolutional networks with random weights, and what training leaves of them."""

from pathlib import Path

import numpy as np
import pytest

from w2s.dataset.digit_images import DigitImages
from w2s.model import FineTuning, FittedModel
from w2s.model.checkpoint.residual import ResidualCheckpoint
from w2s.model.encoder import residual_model
from w2s.model.training import Recipe
from w2s.statistics.accuracy import correct
from w2s.store import Store
from w2s.store.fitted import load_fitted, save_fitted


def test_the_same_settings_give_the_same_weights_and_a_seed_gives_others(tmp_path: Path) -> None:
    stores = [Store(str(tmp_path / name)) for name in "ab"]
    small = ResidualCheckpoint(widths=(8,), side=16)
    assert small.identify(stores[0]) == small.identify(stores[1])
    assert small.identify(stores[0]) != ResidualCheckpoint(widths=(8,), side=16, seed=1).identify(stores[0])
    small.check()


@pytest.mark.parametrize(("blocks", "depth"), [(3, 20), (9, 56)])
def test_three_stages_of_n_blocks_have_the_layers_of_the_published_networks(blocks: int, depth: int) -> None:
    import torch
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(embedding_size=4, hidden_sizes=[4, 4, 4], depths=[blocks] * 3, layer_type="basic")
    body = [each for name, each in ResNetModel(config).encoder.named_modules() if isinstance(each, torch.nn.Conv2d)]
    shortcuts = [each for each in body if each.kernel_size == (1, 1)]
    assert len(body) - len(shortcuts) + 2 == depth  # and the stem and the last layer


def test_a_network_learns_from_scratch_and_is_the_same_when_read_again(tmp_path: Path) -> None:
    splits = DigitImages().load(0)
    recipe = Recipe(learning_rate=1e-2, epochs=12, head="small", schedule="cosine")
    learner = FineTuning(train="all", recipe=recipe)
    model = residual_model(store=Store(str(tmp_path)), learner=learner, widths=(8,), side=16)
    fitted = learner.on(model.representation).fit(splits.weak_train.inputs, splits.weak_train.truth("training"))
    test = splits.test.inputs.take(slice(0, 200))
    answers = fitted.predict(test)
    assert correct(answers, splits.test.truth("evaluation")[:200]).mean() > 0.4
    statistics = [name for name in fitted.encoder.weights if name.endswith("running_var")]
    assert statistics  # without them a network of normed batches is another one
    assert any(not np.allclose(fitted.encoder.weights[name], 1.0) for name in statistics)
    save_fitted(tmp_path, "model", FittedModel.to_save(model.representation, fitted))
    np.testing.assert_allclose(load_fitted(tmp_path, "model").predict(test), answers, atol=1e-6)
