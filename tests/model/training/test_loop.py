"""The loop against one written by hand: same batches, same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.model.finetuning.conftest import WORDS
from w2s.loss import CrossEntropy
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.finetuning.trainable import TrainableNetwork, trainable
from w2s.model.training.inputs import Examples
from w2s.model.training.loop import Loop
from w2s.model.training.plan import batches
from w2s.model.training.recipe import Recipe
from w2s.store import Store

N, RATE, BATCH = 40, 3e-3, 8


@pytest.fixture
def encoder(tmp_path_factory: pytest.TempPathFactory) -> FrozenEncoder:
    return FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(str(tmp_path_factory.mktemp("store"))))


def network(encoder: FrozenEncoder, recipe: Recipe) -> TrainableNetwork:
    folder = encoder.checkpoint.fetch(encoder.store)
    opened = encoder.open(folder, "cpu")
    settings = {"adapters": False, "pooling": "last", "layers": (-1,), "n_classes": 2, "seed": 0, "folder": folder}
    return trainable(opened, recipe, **settings)  # type: ignore[arg-type]


def test_the_loss_curve_is_that_of_a_plain_loop_over_the_same_batches(encoder: FrozenEncoder) -> None:
    draw = np.random.default_rng(0)
    recipe = Recipe(batch=BATCH, epochs=2, schedule="constant", warmup_share=0.0, clip=None, weight_decay=0.1, beta2=0.95)
    ours = network(encoder, recipe)
    tokens, _ = ours.network.tokenize([" ".join(draw.choice(WORDS, size=draw.integers(1, 9))) for _ in range(N)])
    targets = draw.dirichlet(np.ones(2), N)
    examples = Examples(tokens, targets, np.ones(N))
    history = Loop(ours, recipe, CrossEntropy(), rate=RATE, seed=5).fit(examples).history

    plain = network(encoder, recipe)
    plain.network.model.train()
    parameters = [*plain.network.model.parameters(), *plain.head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.95), weight_decay=0.1)
    losses = []
    for epoch in range(2):
        for rows in batches(examples.lengths, BATCH, seed=5, epoch=epoch):
            logits = []
            for i in rows.tolist():  # one by one, without any padding
                states = plain.network.model(input_ids=torch.tensor([tokens[i]])).last_hidden_state
                logits.append(plain.head(states[:, -1]))
            loss = torch.nn.functional.cross_entropy(torch.cat(logits), torch.tensor(targets[rows], dtype=torch.float32))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    np.testing.assert_allclose(history.steps[:, 1], losses, atol=1e-5)
    assert history.steps[:, 4].sum() == 2 * examples.lengths.sum()


def test_the_best_state_agrees_best_with_the_points_it_is_watched_on(encoder: FrozenEncoder) -> None:
    draw = np.random.default_rng(1)
    recipe = Recipe(batch=BATCH, epochs=4, keep="best", evaluations=3)
    made = network(encoder, recipe)
    tokens, _ = made.network.tokenize([" ".join(draw.choice(WORDS, size=6)) for _ in range(N)])
    examples = Examples(tokens, np.eye(2)[draw.integers(0, 2, N)], np.ones(N))
    loop = Loop(made, recipe, CrossEntropy(), rate=RATE, seed=0)
    trained = loop.fit(examples, examples)
    with torch.no_grad():
        for name, parameter in made.parameters.items():
            parameter.copy_(torch.as_tensor(trained.weights[name]))
    assert loop.agreement(examples) == trained.history.evaluations[:, 1].max()
