"""What is hashed is what is loaded, and nothing that a folder says leads elsewhere."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from w2s.errors import ModelError, W2SError
from w2s.model.checkpoint.file_checks import content_files, links_to
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.types import FloatArray, Inputs

TEXTS = Inputs(texts=("Why is the sea blue?", "No.", "A plant turns light into sugar, and water into air."))


@pytest.fixture
def folder(folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder, tmp_path / "parent" / "checkpoint")
    return tmp_path / "parent" / "checkpoint"


@pytest.fixture
def encoder(folder: Path, tmp_path: Path) -> FrozenEncoder:
    return FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "store")))


def plainly(folder: Path) -> FloatArray:
    """The vectors as transformers alone gives them, one text at a time."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    with torch.inference_mode():
        ids = [torch.tensor([tokenizer(text)["input_ids"]]) for text in TEXTS.texts or ()]
        return np.stack([model(input_ids=each).last_hidden_state[0, -1].numpy() for each in ids])


def shard(folder: Path, first: str, second: str) -> None:
    """Save the weights in two files of these names, with an index."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = {name: (first, second)[i % 2] for i, name in enumerate(sorted(weights))}
    for file in (first, second):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        part = {name: weights[name] for name in names if names[name] == file}
        save_file(part, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))


def rescale(file: Path) -> None:
    """Change weights, in place."""
    weights = {name: (1.5 * value).astype(value.dtype) for name, value in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})


@pytest.mark.parametrize(
    "files",
    [
        ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
        ("deep/down/a.safetensors", "deep/b.safetensors"),
        ("./a.safetensors", "odd name [1].safetensors"),
    ],
    ids=["usual", "sub-folder", "odd"],
)
def test_weights_enter_the_key_whatever_their_names(encoder: FrozenEncoder, folder: Path, files: tuple[str, str]) -> None:
    whole = encoder.encode(TEXTS)
    shard(folder, *files)
    np.testing.assert_allclose(encoder.encode(TEXTS), whole, atol=1e-6)
    before = encoder.key()
    for file in files:
        rescale(folder / file)
        assert encoder.key() != before
        before = encoder.key()
        changed = encoder.encode(TEXTS)
        np.testing.assert_allclose(changed, plainly(folder), atol=1e-5)
        assert np.abs(changed - whole).max() > 1e-3


@pytest.mark.parametrize(
    "name", ["../outside.safetensors", "sub/../../outside.safetensors", ".hidden/part.safetensors", ".part.safetensors"]
)
def test_weights_outside_or_hidden_are_refused(encoder: FrozenEncoder, folder: Path, name: str) -> None:
    (folder / "sub").mkdir()
    shard(folder, "part.safetensors", name)
    with pytest.raises(ModelError, match=r"names .* as weights; refused"):
        encoder.encode(TEXTS)


def test_an_absolute_path_to_weights_is_refused(encoder: FrozenEncoder, folder: Path, tmp_path: Path) -> None:
    shard(folder, "part.safetensors", str(tmp_path / "outside.safetensors"))
    with pytest.raises(ModelError, match=r"names .* as weights; refused"):
        encoder.checkpoint.check()


class Touch:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["part.bin", "sub/part.pt", "part.safetensors.bin", "part"])
def test_an_index_that_names_a_pickle_is_refused_and_the_pickle_stays_closed(
    encoder: FrozenEncoder, folder: Path, name: str, tmp_path: Path
) -> None:
    shard(folder, "part.safetensors", name)
    (folder / name).write_bytes(pickle.dumps(Touch(tmp_path / "ran")))
    with pytest.raises(ModelError, match=r"names .* as weights; refused"):
        encoder.encode(TEXTS)
    assert not (tmp_path / "ran").exists()


def test_what_is_not_loaded_is_not_hashed_and_what_is_hashed_alone_is_loaded(encoder: FrozenEncoder, folder: Path) -> None:
    before = encoder.key()
    for name in ("README.md", "left_over.safetensors", "pytorch_model.bin", "modeling.py", ".cache"):
        (folder / name).write_text("left over")
    os.mkfifo(folder / "pipe.json")
    assert encoder.key() == before
    files = content_files(folder, "mine")
    with links_to(folder, files) as place:
        assert sorted(path.name for path in place.iterdir()) == files
        assert all((place / file).read_bytes() == (folder / file).read_bytes() for file in files)
    np.testing.assert_allclose(encoder.encode(TEXTS), plainly(folder), atol=1e-5)


def test_a_file_that_the_tokenizer_settings_name_elsewhere_is_not_read(
    encoder: FrozenEncoder, folder: Path, tmp_path: Path
) -> None:
    expected = encoder.encode(TEXTS)
    elsewhere = json.loads((folder / "tokenizer.json").read_text())
    elsewhere["model"]["merges"] = []
    (folder.parent / "tokenizer.json").write_text(json.dumps(elsewhere))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    for name in (str(folder.parent / "tokenizer.json"), "../tokenizer.json"):
        (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"tokenizer_file": name}))
        np.testing.assert_array_equal(encoder.encode(TEXTS), expected)


def test_a_checkpoint_that_changes_while_it_is_loaded_leaves_no_vector(
    encoder: FrozenEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from w2s.model.encoder import text_encoder

    def changing(folder: Path, **options: Any) -> Any:
        rescale(folder / "model.safetensors")
        return loading(folder, **options)

    loading = text_encoder.load_texts
    monkeypatch.setattr(text_encoder, "load_texts", changing)
    with pytest.raises(ModelError, match="changed while it was loaded"):
        encoder.encode(TEXTS)
    monkeypatch.undo()
    np.testing.assert_allclose(encoder.encode(TEXTS), plainly(folder), atol=1e-5)


def setting(file: str, **changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        value = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(value | changes))

    return change


def content(file: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).write_text(text, errors="surrogatepass") and None


def index(text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        (folder / "model.safetensors.index.json").write_text(text)

    return change


DEEP = '{"a":' * 50_000 + "1" + "}" * 50_000
NESTED = '{"model_type": "qwen2", "a":' + "[" * 200 + "]" * 200 + "}"
SEEN_EARLY = {
    "one position": setting("config.json", max_position_embeddings=1),
    "no position": setting("config.json", max_position_embeddings=0),
    "eight positions": setting("config.json", max_position_embeddings=8),
    "positions as text": setting("config.json", max_position_embeddings="many"),
    "positions as list": setting("config.json", max_position_embeddings=[512]),
    "layers as text": setting("config.json", num_hidden_layers="2"),
    "no layers": setting("config.json", num_hidden_layers=0),
    "layers without end": setting("config.json", num_hidden_layers=10**9),
    "width as object": setting("config.json", hidden_size={}),
    "width true": setting("config.json", hidden_size=True),
    "width infinite": setting("config.json", hidden_size=float("inf")),
    "type as number": setting("config.json", model_type=5),
    "type as list": setting("config.json", model_type=["qwen2"]),
    "other weights": setting("config.json", transformers_weights="../model.safetensors"),
    "deep config": content("config.json", DEEP),
    "nested config": content("config.json", NESTED),
    "half a character": content("config.json", '{"model_type": "\\ud800"}'),
    "not UTF-8": lambda folder: (folder / "config.json").write_bytes(b'{"model_type": "\xff"}') and None,
    "a number of 5,000 digits": content("config.json", '{"model_type": "qwen2", "hidden_size": ' + "9" * 5000 + "}"),
    "length 0": setting("tokenizer_config.json", model_max_length=0),
    "length 8": setting("tokenizer_config.json", model_max_length=8),
    "length below 0": setting("tokenizer_config.json", model_max_length=-1),
    "length as text": setting("tokenizer_config.json", model_max_length="512"),
    "length NaN": setting("tokenizer_config.json", model_max_length=float("nan")),
    "list of tokenizer settings": content("tokenizer_config.json", "[]"),
    "deep tokenizer settings": content("tokenizer_config.json", DEEP),
    "empty tokenizer": content("tokenizer.json", ""),
    "another tokenizer": content("tokenizer.json", "{}"),
    "tokenizer as list": content("tokenizer.json", "[1, 2]"),
    "deep tokenizer": content("tokenizer.json", DEEP),
    "model of the tokenizer": setting("tokenizer.json", model={"type": "BPE", "vocab": {"a": -1}, "merges": []}),
    "half a token": content("tokenizer.json", '{"model": "\\ud800"}'),
    "index as list": index("[]"),
    "index without weights": index("{}"),
    "weights as list": index('{"weight_map": ["model.safetensors"]}'),
    "weights as number": index('{"weight_map": {"a": 5}}'),
    "weights as null": index('{"weight_map": null}'),
    "long name": index(json.dumps({"weight_map": {"a": "a" * 10_000 + ".safetensors"}})),
    "null byte": index(json.dumps({"weight_map": {"a": "a\0.safetensors"}})),
    "deep index": index(DEEP),
    "weights are text": content("model.safetensors", "weights"),
    "header without end": lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 100) and None,
    "adapter": content("adapter_config.json", '{"base_model_name_or_path": "gpt2"}'),
    "weights are a pipe": lambda folder: (folder / "model.safetensors").unlink() or os.mkfifo(folder / "model.safetensors"),
}


@pytest.mark.parametrize("damage", SEEN_EARLY.values(), ids=SEEN_EARLY.keys())
def test_odd_files_are_refused_in_words_before_anything_is_loaded(
    folder: Path, damage: Callable[[Path], None], encoder: FrozenEncoder
) -> None:
    damage(folder)
    with pytest.raises(ModelError) as raised:
        encoder.checkpoint.check()
    message = str(raised.value)
    assert message.count("\n") <= 1
    assert len(message) < 600
    assert all(line.isprintable() for line in message.splitlines())


LATE: dict[str, Callable[[Path], None]] = {
    "heads as text": setting("config.json", num_attention_heads="two"),
    "no heads": setting("config.json", num_attention_heads=0),
    "another width": setting("config.json", hidden_size=64),
    "more layers": setting("config.json", num_hidden_layers=5),
    "an activation": setting("config.json", hidden_act="nobody's"),
    "layer types": setting("config.json", layer_types=[[]]),
    "number type": setting("config.json", dtype="int3"),
    "rope": setting("config.json", rope_parameters=[1]),
    "quantized": setting("config.json", quantization_config={"quant_method": "nobody's"}),
    "special token as number": setting("tokenizer_config.json", eos_token=5),
    "tokens as list": setting("tokenizer_config.json", added_tokens_decoder=[1]),
    "positional arguments": setting("tokenizer_config.json", init_inputs=["/etc/passwd"]),
    "tokens map": content("special_tokens_map.json", "[]"),
    "a token that the network does not know": setting(
        "tokenizer.json",
        added_tokens=[
            {
                "id": 90_000,
                "content": "sea",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": False,
            }
        ],
    ),
}


@pytest.mark.parametrize("damage", LATE.values(), ids=LATE.keys())
def test_what_only_the_libraries_notice_is_a_right_result_or_one_clear_error(
    folder: Path, damage: Callable[[Path], None], encoder: FrozenEncoder
) -> None:
    damage(folder)
    error, vectors = "", None
    try:
        vectors = encoder.encode(TEXTS)
    except W2SError as raised:
        error = str(raised)
    assert error.count("\n") <= 1
    assert len(error) < 600
    if vectors is not None:
        np.testing.assert_allclose(vectors, plainly(folder), atol=1e-5)


def test_refusals_need_no_torch(folder: Path) -> None:
    script = f"""
import shutil, sys, tempfile
from pathlib import Path
from tests.model.checkpoint.test_file_checks import SEEN_EARLY
from w2s.errors import ModelError
from w2s.model.checkpoint.folder import FolderCheckpoint
for name, damage in SEEN_EARLY.items():
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree({str(folder)!r}, place + "/checkpoint"))
        damage(copy)
        try:
            FolderCheckpoint(str(copy)).check()
        except ModelError:
            continue
        raise AssertionError(name)
assert not {{"torch", "transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parents[3])


def test_so_short_a_reading_that_special_tokens_fill_it_is_refused(folder: Path, tmp_path: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    options: dict[str, Any] = {"checkpoint": FolderCheckpoint(str(folder)), "store": Store(str(tmp_path / "store"))}
    with pytest.raises(ModelError, match="Read at least 2"):
        FrozenEncoder(max_tokens=1, **options).encode(TEXTS)
    vectors = FrozenEncoder(max_tokens=2, **options).encode(TEXTS)
    assert len(np.unique(vectors, axis=0)) == 3


def test_many_texts_that_are_all_cut_to_the_same_tokens_are_refused(folder: Path, tmp_path: Path) -> None:
    texts = Inputs(texts=tuple(f"Text {i}" for i in range(20)))
    encoder = FrozenEncoder(
        checkpoint=FolderCheckpoint(str(folder)),
        store=Store(str(tmp_path / "store")),
        prompt="A long beginning: {text}",
        max_tokens=4,
    )
    with pytest.raises(ModelError, match="20 different texts are the same 4 tokens"):
        encoder.encode(texts)


def test_the_remark_names_the_tokens_that_were_read(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    setting("tokenizer_config.json", model_max_length=20)(folder)
    FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "store"))).encode(
        Inputs(texts=("A long sentence. " * 20, "short"))
    )
    assert "1 texts were cut to 20 tokens (all that the checkpoint reads)" in caplog.text
