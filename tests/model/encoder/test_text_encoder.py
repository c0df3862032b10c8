import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from w2s.errors import ConfigError, DataError, ModelError
from w2s.model import LogisticProbe
from w2s.model.encoder import FrozenEncoder, encoder_model
from w2s.store import Store
from w2s.types import Inputs

TEXTS = (
    "A plant turns light into sugar.",
    "No.",
    "",
    "Gravity " * 40,
    "Why does the sea look blue on some days and grey on others?",
    "ünï¢ødé 漢字 🙂",
    "No.",
)


def encoder(folder: Path, store: Store, **settings: object) -> FrozenEncoder:
    model = encoder_model(checkpoint=str(folder), store=store, learner=LogisticProbe(), **settings)  # type: ignore[arg-type]
    assert isinstance(model.representation, FrozenEncoder)
    return model.representation


def one_at_a_time(folder: Path, text: str, *, pooling: str, layer: int = -1, max_tokens: int = 512) -> np.ndarray:
    """The plain way: one text, all hidden states kept, no padding."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(text, truncation=True, max_length=max_tokens)["input_ids"] or [tokenizer.eos_token_id]
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder)(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
    rows = states[layer][0]
    return np.asarray((rows[-1] if pooling == "last" else rows.mean(0)).numpy())


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("layer", [-1, 1])
def test_batches_give_the_vectors_of_one_text_at_a_time(folder: Path, tmp_path: Path, pooling: str, layer: int) -> None:
    vectors = encoder(folder, Store(str(tmp_path)), pooling=pooling, layer=layer).encode(Inputs(texts=TEXTS))
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(vector, one_at_a_time(folder, text, pooling=pooling, layer=layer), atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_vector_is_the_same_to_the_last_bit_whatever_its_company(
    folder: Path, tmp_path: Path, pooling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = np.random.default_rng(0).integers(1, 30, 120).tolist()
    texts = tuple(f"Text {i}: " + "water and light " * length for i, length in enumerate(lengths))
    expected = encoder(folder, Store(str(tmp_path / "one batch size")), pooling=pooling).encode(Inputs(texts=texts))
    for batch_tokens, threads in ((7, "1"), (256, "2"), (2048, "1"), (8192, "4")):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        other = encoder(folder, Store(str(tmp_path / f"{batch_tokens}")), pooling=pooling, batch_tokens=batch_tokens)
        other.encode(Inputs(texts=texts[::7]))
        np.testing.assert_array_equal(other.encode(Inputs(texts=texts[::-1]))[::-1], expected)


def test_several_layers_stand_side_by_side(folder: Path, store: Store) -> None:
    both = encoder(folder, store, layer=[0, -1]).encode(Inputs(texts=TEXTS))
    last = encoder(folder, store).encode(Inputs(texts=TEXTS))
    assert both.shape == (len(TEXTS), 2 * last.shape[1])
    np.testing.assert_allclose(both[:, last.shape[1] :], last, atol=1e-5)


def test_a_layer_that_is_not_there_is_refused_with_the_range(folder: Path, store: Store) -> None:
    with pytest.raises(ModelError, match="has 2 layers"):
        encoder(folder, store, layer=3).check()
    with pytest.raises(ModelError, match="has 2 layers"):
        encoder(folder, store, layer=-4).encode(Inputs(texts=TEXTS))
    encoder(folder, store, layer=[2, -3]).check()


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path, store: Store) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        encoder(tmp_path, store).checkpoint.check()
    with pytest.raises(ModelError, match="no such folder"):
        encoder(Path("/nowhere/at/all"), store).checkpoint.check()


def test_a_text_of_a_hundred_thousand_characters_is_cut_and_counted(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    long = "A sea of words. " * 6_250
    vectors = encoder(folder, Store(str(tmp_path)), max_tokens=64).encode(Inputs(texts=(long, "short")))
    expected = one_at_a_time(folder, long, pooling="last", max_tokens=64)
    np.testing.assert_allclose(vectors[0], expected, atol=1e-5)
    assert "1 texts were cut to 64 tokens" in caplog.text


def test_texts_that_are_all_empty_have_vectors(folder: Path, tmp_path: Path) -> None:
    vectors = encoder(folder, Store(str(tmp_path)), pooling="mean").encode(Inputs(texts=("", "")))
    assert vectors.shape == (2, 32)
    assert np.isfinite(vectors).all()


def test_half_a_character_is_one_clear_error(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="text 1"):
        encoder(folder, Store(str(tmp_path))).encode(Inputs(texts=("whole", "half \ud83d")))


@pytest.mark.slow
def test_workers_divide_the_texts_and_give_the_vectors_of_one_process(folder: Path, tmp_path: Path) -> None:
    texts = Inputs(texts=tuple(f"Text number {i} is here." for i in range(40)))
    alone = encoder(folder, Store(str(tmp_path / "a")), workers=1).encode(texts)
    shared = encoder(folder, Store(str(tmp_path / "b")), workers=2).encode(texts)
    np.testing.assert_allclose(shared, alone, atol=1e-5)


def test_known_vectors_need_neither_torch_nor_the_weights(folder: Path, tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    encoder(folder, store).encode(Inputs(texts=TEXTS))
    script = f"""
import sys
from w2s.model.encoder import encoder_model
from w2s.model import LogisticProbe
from w2s.store import Store
from w2s.types import Inputs
model = encoder_model(checkpoint={str(folder)!r}, store=Store({str(tmp_path)!r}), learner=LogisticProbe())
assert model.representation.encode(Inputs(texts={TEXTS!r})).shape == (7, 32)
assert not {{"torch", "transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parents[3])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pooling": "max"}, "pooling=max"),
        ({"dtype": "int5"}, "dtype=int5"),
        ({"max_tokens": 0}, "max_tokens=0"),
        ({"prompt": "text"}, "prompt="),
        ({"batch_tokens": 0}, "batch_tokens=0"),
        ({"device": "tpu"}, "device=tpu"),
        ({"layer": []}, "layers=.*: it should hold at least 1"),
        ({"revision": "main"}, "revision=main"),
    ],
)
def test_a_setting_out_of_range_is_named(folder: Path, store: Store, settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        encoder(folder, store, **settings)
