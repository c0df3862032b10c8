"""Checkpoints that timm wrote, against timm itself: where it and torchvision are installed (extra `vision`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.pictures import picture_folder
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.encoder.image_encoder import ImageEncoder
from w2s.model.encoder.image_network import ImagePooling
from w2s.store import Store
from w2s.types import Inputs
from w2s.utils.image_decoding import FilePicture, decoded

pytest.importorskip("torchvision")
timm = pytest.importorskip("timm")


@pytest.mark.parametrize("name", ["resnet10t", "vit_tiny_patch16_224"])
@pytest.mark.parametrize("pooling", ["first", "mean", "own"])
def test_vectors_are_timms(name: str, pooling: ImagePooling, tmp_path: Path) -> None:
    import torch
    from timm.data import create_transform, resolve_data_config
    from timm.models._hub import save_for_hf

    pictures = [FilePicture(str(file)) for file in sorted(picture_folder(tmp_path / "pictures", 6).rglob("*.*g"))]
    network = timm.create_model(name, pretrained=False).eval()
    (tmp_path / name).mkdir()
    save_for_hf(network, str(tmp_path / name), safe_serialization=True)
    encoder = ImageEncoder(
        checkpoint=FolderCheckpoint(str(tmp_path / name), reads="images"), store=Store(str(tmp_path / "s")), pooling=pooling
    )
    encoder.checkpoint.check()
    found = encoder.encode(Inputs(images=tuple(pictures)))
    prepare = create_transform(**resolve_data_config({}, model=network))
    with torch.no_grad():
        states = network.forward_features(torch.stack([prepare(decoded(picture)) for picture in pictures]))
        if pooling == "own" or states.ndim == 4:
            expected = network.forward_head(states, pre_logits=True)
        else:
            expected = states[:, 0] if pooling == "first" else states.mean(dim=1)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
