"""The causal path on real questions, and a real sentence encoder's architecture, against one text at a time."""

from pathlib import Path

import numpy as np
import pytest

from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.tiny import TinyCheckpoint, save_tokenizer
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.types import FloatArray, Inputs


def one_at_a_time(folder: Path, texts: list[str], pooling: str) -> FloatArray:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model, rows = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder), []
    with torch.inference_mode():
        for text in texts:
            states = model(input_ids=torch.tensor([tokenizer(text)["input_ids"]])).last_hidden_state[0]
            rows.append((states[-1] if pooling == "last" else states.mean(0)).numpy())
    return np.stack(rows)


@pytest.mark.slow
def test_batches_of_real_questions_give_the_vectors_of_one_at_a_time(shared_data: Path, tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(shared_data / "sciq" / "train.parquet").iloc[:200]
    texts = list("Q: " + frame["question"] + " A: " + frame["correct_answer"])
    store = Store(str(tmp_path))
    checkpoint = TinyCheckpoint(width=64, layers=3)
    vectors = FrozenEncoder(checkpoint=checkpoint, store=store).encode(Inputs(texts=tuple(texts)))
    np.testing.assert_allclose(vectors, one_at_a_time(checkpoint.fetch(store), texts, "last"), atol=1e-5)


@pytest.mark.parametrize("architecture", ["bert", "gpt2"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_other_architectures_and_padding_sides_give_the_vectors_of_one_at_a_time(
    architecture: str, side: str, tmp_path: Path
) -> None:
    """Absolute positions: a batch padded on the wrong side would shift them."""
    import torch
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

    torch.manual_seed(0)
    folder = tmp_path / "checkpoint"
    if architecture == "bert":
        config = BertConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    else:
        GPT2Model(GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=2, n_positions=128)).save_pretrained(folder)
    texts = ["A short one.", "A text that is quite a bit longer than the short one.", "Mid length, this."]
    save_tokenizer(folder, texts, vocabulary=300)
    settings = folder / "tokenizer_config.json"
    settings.write_text(settings.read_text().replace("{", f'{{"padding_side": "{side}",', 1))
    pooling = "mean" if architecture == "bert" else "last"
    encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "s")), pooling=pooling)
    vectors = encoder.encode(Inputs(texts=tuple(texts)))
    np.testing.assert_allclose(vectors, one_at_a_time(folder, texts, pooling), atol=1e-5)
