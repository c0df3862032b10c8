"""A frozen network of images: its processor, the forward pass, pooling."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from w2s.errors import ModelError
from w2s.model.checkpoint.config_json import read_config, width_of
from w2s.model.checkpoint.loading import OPTIONS, Precision, load_with
from w2s.types import FloatArray, Picture
from w2s.utils.image_decoding import decoded

if TYPE_CHECKING:
    import torch

BILINEAR = 2
"""As Pillow and transformers number it."""
PATCH = 256
"""Pixels that count as one token: 16 by 16."""

ImagePooling = Literal["first", "mean", "own"]
Pixels = FloatArray


@dataclass(frozen=True)
class ImageNetwork:
    """A loaded checkpoint that reads pictures."""

    model: Any
    processor: Any
    device: str
    width: int
    """d of one layer."""
    turn: AbstractContextManager[Any] = field(default_factory=nullcontext)
    """Of the batches that are decoded at once, one is on the device at a time."""

    def pixels(self, picture: Picture | Pixels) -> Pixels:
        """(3, h, w) float32 as the network's processor makes them."""
        if isinstance(picture, np.ndarray):
            return picture
        image, options = decoded(picture), dict[str, Any]()
        size = getattr(self.processor, "size", None)
        if size is None:  # timm's, which gives torch's tensors alone
            return np.asarray(self.processor(images=image, return_tensors="pt")["pixel_values"][0], dtype=np.float32)
        plain = "PilBackend.resize" in type(self.processor).resize.__qualname__
        if plain and self.processor.do_resize and size and size.get("height") and size.get("width"):
            # what it does itself, without an array of the whole picture on the way
            resample = self.processor.resample if self.processor.resample is not None else BILINEAR
            image, options = image.resize((size["width"], size["height"]), resample), {"do_resize": False}
        return np.asarray(self.processor(images=image, return_tensors="np", **options)["pixel_values"][0], dtype=np.float32)

    def size(self, prepared: Picture | Pixels) -> int:  # noqa: ARG002
        """How much of a batch a picture takes, in patches of `PATCH` pixels."""
        sides = getattr(self.processor, "crop_size", None) or getattr(self.processor, "size", None) or {}
        height = sides.get("height", sides.get("shortest_edge", 224))
        return max(1, int(height) * int(sides.get("width", height)) // PATCH)

    def pool(self, batch: Sequence[Picture | Pixels], *, pooling: ImagePooling, layers: Sequence[int]) -> FloatArray:
        """(b, d) float32 vectors of b pictures; several layers stand side by side."""
        import torch

        pixels = [self.pixels(picture) for picture in batch]
        with torch.inference_mode(), self.turn:
            return np.asarray(self.forward(pixels, pooling=pooling, layers=layers).cpu().numpy())

    def forward(self, batch: Sequence[Picture | Pixels], *, pooling: ImagePooling, layers: Sequence[int]) -> torch.Tensor:
        """What `pool` gives, on the device and with gradients where they are recorded."""
        import torch

        pixels = [self.pixels(picture) for picture in batch]
        shapes = sorted({each.shape for each in pixels})
        if len(shapes) > 1:  # the processor keeps proportions
            groups = [[i for i, each in enumerate(pixels) if each.shape == shape] for shape in shapes]
            parts = [self.forward([pixels[i] for i in group], pooling=pooling, layers=layers) for group in groups]
            return torch.cat(parts)[torch.as_tensor(np.argsort(np.concatenate(groups)), device=self.device)]
        values = torch.as_tensor(np.stack(pixels), device=self.device, dtype=next(self.model.parameters()).dtype)
        only_last = tuple(layers) == (-1,)
        out = self.model(pixel_values=values, output_hidden_states=not only_last)
        if pooling == "own":
            own: torch.Tensor = out.pooler_output.flatten(1).float()
            return own
        states = [out.last_hidden_state] if only_last else [out.hidden_states[layer] for layer in layers]
        return torch.cat([pool_states(state, pooling) for state in states], dim=1)


def pool_states(states: torch.Tensor, pooling: ImagePooling) -> torch.Tensor:
    """(b, d) float32 of (b, t, d) tokens, or of (b, d, h, w) maps, whose places are always averaged."""
    if states.ndim == 4:
        return states.float().mean(dim=(2, 3))
    return states[:, 0].float() if pooling == "first" else states.float().mean(dim=1)


def load_images(
    folder: Path, *, name: str, device: str, dtype: Precision, layers: Sequence[int], unused: str | None = "pooler."
) -> ImageNetwork:
    """Load a checked checkpoint folder: the files that its content hash covers, and no others.

    Of a network of pictures and texts (CLIP, SigLIP) the part that reads pictures is kept. Pictures are prepared by Pillow,
    whether torchvision is installed or not, so that a vector does not depend on that.

    Raises:
        ModelError: transformers cannot build it, or it needs a library that is not installed.
    """

    def processor_in(place: Path) -> Any:
        from transformers import AutoImageProcessor

        return AutoImageProcessor.from_pretrained(place, backend="pil", **OPTIONS)  # type: ignore[no-untyped-call]

    try:
        model, processor = load_with(
            processor_in, folder, name=name, device=device, dtype=dtype, layers=layers, unused=unused
        )
    except ModelError as error:
        if not isinstance(error.__cause__, ImportError):
            raise
        needed = "timm" if "timm" in str(error.__cause__).lower() else "torchvision"
        raise ModelError(f"checkpoint={name}: reading its pictures needs {needed}: pip install 'w2s[vision]'.") from error
    turn = nullcontext() if device == "cpu" else Lock()
    return ImageNetwork(getattr(model, "vision_model", model), processor, device, width_of(read_config(folder, name)), turn)
