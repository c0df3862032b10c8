import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from w2s.errors import ModelError
from w2s.model.checkpoint.file_checks import check_folder
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.types import Inputs


@pytest.fixture
def folder(folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder, tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as raised:
        check_folder(folder, "mine")
    message = str(raised.value)
    assert message.startswith("checkpoint=mine")
    assert message.count("\n") <= 2
    return message


def test_a_whole_checkpoint_passes(folder: Path) -> None:
    check_folder(folder, "mine")


def test_a_checkpoint_without_weights_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert "no model.safetensors" in refusal(folder)


def test_pickled_weights_are_refused_and_named(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert "a pickle ('pytorch_model.bin')" in refusal(folder)


def test_a_missing_part_of_the_weights_is_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    parts = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": parts}))
    (folder / parts["a"]).write_bytes(b"")
    assert "1 weight files are missing, the first is 'model-00002-of-00002.safetensors'" in refusal(folder)


def test_a_checkpoint_without_a_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert "no tokenizer" in refusal(folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "no JSON object"),
        ("{}", "no model_type"),
        ('{"model_type": "t5", "is_encoder_decoder": true}', "encoder-decoder"),
    ],
)
def test_a_broken_configuration_is_refused(folder: Path, config: str, message: str) -> None:
    (folder / "config.json").write_text(config)
    assert message in refusal(folder)


def test_an_architecture_that_would_run_code_of_its_own_is_refused(folder: Path, tmp_path: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {
        "model_type": "nobodys",
        "auto_map": {"AutoModel": "evil.Model"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text("raise SystemExit('ran')")
    encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "store")))
    with pytest.raises(ModelError, match="transformers cannot load it"):
        encoder.encode(Inputs(texts=("text",)))


def test_truncated_weights_are_one_clear_error(folder: Path, tmp_path: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "store")))
    with pytest.raises(ModelError, match="no whole safetensors file"):
        encoder.encode(Inputs(texts=("text",)))


def test_a_checkpoint_that_lacks_a_layer_is_refused_not_filled_at_random(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(str(tmp_path / "store")))
    with pytest.raises(ModelError, match=r"1 weights are not in it, the first is layers\.1\.mlp\.up_proj\.weight"):
        encoder.encode(Inputs(texts=("text",)))


def test_a_checkpoint_in_bfloat16_stays_so_and_gives_float32_vectors(folder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel

    AutoModel.from_pretrained(folder, dtype=torch.bfloat16).save_pretrained(folder)
    store = Store(str(tmp_path / "store"))
    texts = Inputs(texts=("Why is the sea blue?",))
    own = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=store).encode(texts)
    wide = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=store, dtype="float32").encode(texts)
    assert own.dtype == np.float32
    as_bfloat16 = torch.from_numpy(own).to(torch.bfloat16).float().numpy()
    np.testing.assert_array_equal(own, as_bfloat16, err_msg="computed in bfloat16")
    assert np.abs(own - wide).max() > 0
    np.testing.assert_allclose(own, wide, atol=0.1)
