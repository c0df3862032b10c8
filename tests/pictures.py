"""Generated pictures, and tiny networks with random weights that read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COLOURS = ("red", "green", "blue")


def draw(rng: np.random.Generator, colour: int, side: int = 24) -> Image.Image:
    """Noise with a square of one colour in it."""
    pixels = rng.integers(40, 130, (side, side, 3)).astype(np.uint8)
    top, left = rng.integers(0, side - side // 3, 2)
    pixels[top : top + side // 3, left : left + side // 3, colour] = rng.integers(150, 255)
    return Image.fromarray(pixels)


def picture_folder(folder: Path, count: int, *, side: int = 24, roles: Sequence[str] = ("",)) -> Path:
    """FOLDER/ROLE/CLASS/i.png or .jpg, `count` in each role."""
    rng = np.random.default_rng(0)
    for role in roles:
        for i in range(count):
            place = folder / role / COLOURS[i % 3]
            place.mkdir(parents=True, exist_ok=True)
            draw(rng, i % 3, side).save(place / f"{i}.{'jpg' if i % 2 else 'png'}")
    return folder


def save_processor(folder: Path, side: int) -> None:
    from transformers import ViTImageProcessorPil

    ViTImageProcessorPil(size={"height": side, "width": side}).save_pretrained(folder)


def save_vit(folder: Path, *, width: int = 32, layers: int = 2, seed: int = 0) -> Path:
    import torch
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
    )
    return _saved(folder, lambda: ViTModel(config, add_pooling_layer=False), torch, seed)


def save_resnet(folder: Path, *, widths: Sequence[int] = (8, 16), seed: int = 0) -> Path:
    import torch
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(embedding_size=8, hidden_sizes=list(widths), depths=[1] * len(widths), layer_type="basic")
    return _saved(folder, lambda: ResNetModel(config), torch, seed)


def save_clip(folder: Path) -> Path:
    import torch
    from transformers import CLIPConfig, CLIPModel

    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(text_config={**small, "vocab_size": 100}, vision_config={**small, "image_size": 32, "patch_size": 8})
    return _saved(folder, lambda: CLIPModel(config), torch, 0)


def _saved(folder: Path, make: Any, torch: Any, seed: int) -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        make().save_pretrained(folder)
    save_processor(folder, 32)
    return folder
