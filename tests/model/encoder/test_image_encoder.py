"""Pictures through pretrained networks: right vectors, each computed once, known by the picture's bytes."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import draw, save_clip, save_resnet, save_vit
from w2s.errors import DataError, ModelError
from w2s.model import LogisticProbe
from w2s.model.encoder import ImageEncoder, image_model
from w2s.store import Store
from w2s.types import Inputs
from w2s.utils.image_decoding import FilePicture

N = 40


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for i in range(N):
        draw(rng, i % 3, side=20 + i % 5).save(folder / f"{i}.png")
    return [folder / f"{i}.png" for i in range(N)]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    return {"vit": save_vit(root / "vit"), "resnet": save_resnet(root / "resnet"), "clip": save_clip(root / "clip")}


def encoder(folder: Path, store: Path, **settings: object) -> ImageEncoder:
    model = image_model(checkpoint=str(folder), store=Store(str(store)), learner=LogisticProbe(), **settings)  # type: ignore[arg-type]
    assert isinstance(model.representation, ImageEncoder)
    return model.representation


def read(files: list[Path]) -> Inputs:
    return Inputs(images=tuple(FilePicture(str(file)) for file in files))


def one_at_a_time(folder: Path, file: Path, *, kind: str, pooling: str) -> np.ndarray:
    """The plain way: the library's own processor and network, one picture after the other."""
    import torch
    from transformers import AutoImageProcessor, AutoModel

    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    pixels = processor(images=Image.open(file).convert("RGB"), return_tensors="pt")
    with torch.inference_mode():
        network = AutoModel.from_pretrained(folder).eval()
        out = (network.vision_model if kind == "clip" else network)(**pixels)
    if pooling == "own":
        return np.asarray(out.pooler_output.flatten(1)[0])
    states = out.last_hidden_state[0]
    if kind == "resnet":
        return np.asarray(states.mean(dim=(1, 2)))
    return np.asarray(states[0] if pooling == "first" else states.mean(0))


@pytest.mark.parametrize(
    ("kind", "pooling"), [("vit", "first"), ("vit", "mean"), ("resnet", "first"), ("resnet", "own"), ("clip", "own")]
)
def test_batches_give_the_vectors_of_one_picture_at_a_time(
    checkpoints: dict[str, Path], files: list[Path], tmp_path: Path, kind: str, pooling: str
) -> None:
    for batch in (None, 1, 7):
        place = tmp_path / f"store {batch}"
        vectors = encoder(checkpoints[kind], place, pooling=pooling, batch_images=batch).encode(read(files))
        assert vectors.dtype == np.float32
        for i in (0, 1, 17, N - 1):
            plain = one_at_a_time(checkpoints[kind], files[i], kind=kind, pooling=pooling)
            np.testing.assert_allclose(vectors[i], plain, atol=1e-5)


def test_several_layers_stand_side_by_side(checkpoints: dict[str, Path], files: list[Path], tmp_path: Path) -> None:
    both = encoder(checkpoints["resnet"], tmp_path, layer=[0, -1]).encode(read(files[:4]))
    assert both.shape == (4, 8 + 16)
    np.testing.assert_allclose(both[:, 8:], encoder(checkpoints["resnet"], tmp_path).encode(read(files[:4])), atol=1e-5)


def test_the_store_knows_a_picture_by_its_bytes_whatever_its_name(
    checkpoints: dict[str, Path], files: list[Path], tmp_path: Path
) -> None:
    vit = encoder(checkpoints["vit"], tmp_path / "store")
    own = tmp_path / "a.png"
    own.write_bytes(files[0].read_bytes())
    assert vit.fill(read([own, *files[1:4]])).computed == 4
    renamed = own.rename(tmp_path / "another name.png")
    assert vit.fill(read([renamed, files[0]])).computed == 0
    before = vit.encode(read([renamed]))
    renamed.write_bytes(files[9].read_bytes())
    assert vit.fill(read([renamed])).computed == 1
    assert not np.allclose(vit.encode(read([renamed])), before, atol=1e-3)


def test_settings_and_checkpoint_are_in_the_key_and_speed_is_not(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    first = encoder(checkpoints["vit"], tmp_path)
    assert first.key() == encoder(checkpoints["vit"], tmp_path, batch_images=3, device="cpu", workers=2).key()
    assert first.key() != encoder(checkpoints["resnet"], tmp_path).key()
    for change in ({"pooling": "mean"}, {"layer": 1}, {"dtype": "bfloat16"}):
        assert first.key() != encoder(checkpoints["vit"], tmp_path, **change).key()


@pytest.mark.slow
def test_several_workers_give_the_same_vectors(checkpoints: dict[str, Path], files: list[Path], tmp_path: Path) -> None:
    alone = encoder(checkpoints["vit"], tmp_path / "one").encode(read(files))
    shared = encoder(checkpoints["vit"], tmp_path / "two", workers=2).encode(read(files))
    np.testing.assert_allclose(shared, alone, atol=1e-5)


def test_a_broken_picture_is_named_by_its_file(checkpoints: dict[str, Path], files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(files[0].read_bytes()[:60])
    with pytest.raises(DataError, match=r"broken\.png is no picture that can be read"):
        encoder(checkpoints["vit"], tmp_path / "store").encode(read([*files[:3], broken]))


def test_a_checkpoint_without_an_image_processor_reads_no_pictures(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    save_vit(tmp_path / "bare")
    (tmp_path / "bare" / "preprocessor_config.json").unlink()
    with pytest.raises(ModelError, match="has no image processor"):
        encoder(tmp_path / "bare", tmp_path / "store").checkpoint.check()
    encoder(checkpoints["vit"], tmp_path / "store").checkpoint.check()
    with pytest.raises(ModelError, match="has 2 layers"):
        encoder(checkpoints["vit"], tmp_path / "store", layer=7).check()


def test_a_processor_that_needs_a_missing_library_says_which_extra_has_it(
    checkpoints: dict[str, Path], files: list[Path], tmp_path: Path
) -> None:
    if find_spec("torchvision") is not None:
        pytest.skip("torchvision is installed")
    shutil.copytree(checkpoints["vit"], tmp_path / "vit")
    file = tmp_path / "vit" / "preprocessor_config.json"
    file.write_text(file.read_text().replace("ViTImageProcessor", "DINOv3ViTImageProcessorFast"))
    with pytest.raises(ModelError, match=r"needs torchvision: pip install 'w2s\[vision\]'"):
        encoder(tmp_path / "vit", tmp_path / "store").encode(read(files[:2]))


def test_a_configuration_of_timms_is_a_checkpoint_that_needs_that_library(files: list[Path], tmp_path: Path) -> None:
    if find_spec("timm") is not None:
        pytest.skip("timm is installed")
    folder = save_vit(tmp_path / "timm")
    (folder / "preprocessor_config.json").unlink()
    config = {"architecture": "resnet18", "num_features": 512, "pretrained_cfg": {"input_size": [3, 32, 32]}}
    (folder / "config.json").write_text(json.dumps(config))
    own = encoder(folder, tmp_path / "store")
    own.checkpoint.check()
    own.check()
    with pytest.raises(ModelError, match=r"needs timm: pip install 'w2s\[vision\]'"):
        own.encode(read(files[:2]))


def test_data_without_pictures_is_refused_in_words(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="This model reads pictures, but the data set has none"):
        encoder(checkpoints["vit"], tmp_path).encode(Inputs(texts=("a text",)))
