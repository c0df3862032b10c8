"""Run as a program: train in processes that are killed at random moments, until one comes to its end; prints how many."""

from __future__ import annotations

import os
import random
import signal
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"  # a forked process has no threads of its parent

import numpy as np
import peft  # noqa: F401  takes seconds
import torch

from tests.model.finetuning.conftest import WORDS, learner
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.training import Lora
from w2s.store import Store
from w2s.types import Inputs


def fit(store: str) -> np.ndarray:
    """Train on texts for a few seconds."""
    draw = np.random.default_rng(0)
    texts = Inputs(texts=tuple(" ".join(draw.choice(WORDS, size=draw.integers(2, 12))) for _ in range(64)))
    labels = np.array([int("apple" in text) for text in texts.texts or ()])
    encoder = FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(store), max_tokens=32)
    recipe = {"epochs": 60, "minutes_between_saves": 0.0, "lora": Lora(dropout=0.2, learning_rate=1e-2), "keep": "best"}
    return learner(**recipe).on(encoder).fit(texts, labels).predict(texts)


def main(store: str, kills: int) -> None:
    """Kill `kills` processes and let the next one finish."""
    torch.set_num_threads(1)
    encoder = FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(store))
    encoder.encode(Inputs(texts=("what is imported and opened first takes longest",)))
    chance = random.Random(0)
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            fit(store)
            os._exit(0)
        time.sleep(chance.uniform(0.1, 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    sys.stdout.write(fit(store).tobytes().hex())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
