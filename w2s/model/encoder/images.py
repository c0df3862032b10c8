"""Any pretrained checkpoint with an image processor as a frozen, pure encoder of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import MinLen

from w2s.errors import ModelError
from w2s.identity import identity
from w2s.model.encoder.config import read_config, width_of
from w2s.model.encoder.frozen import StoredVectors, checkpoint_at
from w2s.model.encoder.loading import OPTIONS, load_with
from w2s.model.encoder.network import MAX_BATCHES_AT_ONCE, Precision, cores
from w2s.model.model import Model
from w2s.model.representation import images_of
from w2s.protocols import Learner
from w2s.store import Store
from w2s.store.input_hashes import HashArray, as_hashes
from w2s.types import Column, FloatArray, Inputs, IntArray, Picture
from w2s.utils.pictures import decoded
from w2s.utils.ranges import Count, Workers

if TYPE_CHECKING:
    import torch

VERSION = 1
"""Raised when the code gives other vectors of pictures than before."""
BILINEAR = 2
"""As Pillow and transformers number it."""
PATCH = 256
"""Pixels that count as one token: 16 by 16."""
CPU_BATCH_TOKENS, GPU_BATCH_TOKENS = 2_048, 65_536
CPU_BATCH, GPU_BATCH = 16, 256
"""Pictures in a batch at most: a batch is decoded by one thread, so that there are some for each."""
HELD_BYTES = 2**30
"""Pictures up to this size together are decoded once for a fit; more of them once an epoch."""

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


@identity(runtime=("store", "device", "batch_images", "workers"))
@dataclass(frozen=True, kw_only=True)
class ImageEncoder(StoredVectors):
    """A checkpoint read as a fixed function of each picture; vectors are stored by the SHA-256 of the picture's file."""

    reads: ClassVar[Column] = "images"
    unit: ClassVar[str] = "picture"

    pooling: ImagePooling = "first"
    """`first`: the class token. `mean`: the mean of all tokens. `own`: what the network itself pools (CLIP's is normed).
    Maps of a convolutional network are averaged over their places, whichever it is."""
    batch_images: Count | None = None
    """Pictures in a batch; None is by size and device. Changes the speed alone."""

    def key(self) -> dict[str, Any]:
        """All that determines a vector beside its picture."""
        return super().key() | {"images": VERSION, "pooling": self.pooling}

    def items(self, inputs: Inputs) -> tuple[Picture, ...]:
        """The pictures."""
        return images_of(inputs)

    def hashes(self, items: Sequence[Picture]) -> HashArray:
        """Of the bytes of their files."""
        return as_hashes(picture.sha256 for picture in items)

    def contents(self, items: Sequence[Picture]) -> list[str]:
        """The hashes."""
        return [picture.sha256.hex() for picture in items]

    def open(self, folder: Path, device: str) -> ImageNetwork:
        """The network of a checked folder, loaded."""
        unused = None if self.pooling == "own" else "pooler."
        return load_images(folder, name=str(folder), device=device, dtype=self.dtype, layers=self.layers, unused=unused)

    def prepare(self, network: ImageNetwork, items: Sequence[Picture]) -> tuple[Sequence[Picture], int]:  # noqa: ARG002
        """The pictures themselves: they are decoded batch by batch."""
        return items, 0

    def batch(self, network: ImageNetwork) -> tuple[int, int, int | None]:
        """By the patch. Each of several threads decodes its batch, so that the device seldom waits."""
        size, cpu = network.size(np.empty(0)), network.device == "cpu"
        most = size * (CPU_BATCH if cpu else GPU_BATCH)
        budget = min(CPU_BATCH_TOKENS if cpu else GPU_BATCH_TOKENS, most)
        return size * self.batch_images if self.batch_images else budget, min(cores(), MAX_BATCHES_AT_ONCE), 1

    def cut_to(self, network: ImageNetwork) -> str:  # noqa: ARG002
        """Pictures are never cut."""
        return "nothing"

    def trained(self, max_tokens: int | None, dtype: Precision) -> Self:  # noqa: ARG002
        """The encoder as fine-tuning reads it."""
        return replace(self, dtype=dtype)

    def examples(
        self,
        network: ImageNetwork,
        items: Sequence[Picture],
        *,
        drop_long: bool,  # noqa: ARG002
    ) -> tuple[Sequence[Picture | Pixels], IntArray]:
        """The pictures, decoded once for the whole fit where memory holds them."""
        everyone = np.arange(len(items))
        if not len(items) or len(items) * network.pixels(items[0]).nbytes > HELD_BYTES:
            return items, everyone
        return [network.pixels(item) for item in items], everyone


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


@identity(runtime=("store", "device", "batch_images", "workers"), content=("checkpoint",))
def image_model(
    *,
    checkpoint: str,
    store: Store,
    learner: Learner,
    revision: str | None = None,
    pooling: ImagePooling = "first",
    layer: int | Annotated[list[int], MinLen(1)] = -1,
    dtype: Precision = "auto",
    batch_images: Count | None = None,
    device: str = "auto",
    workers: Workers | None = None,
) -> Model:
    """A model that reads pictures with a pretrained checkpoint and trains `learner` on the vectors.

    Args:
        checkpoint: a folder that `save_pretrained` wrote, with its image processor, or a hub id such as
            `facebook/dinov2-small`.
        store: where vectors are kept.
        learner: trained on the vectors.
        revision: commit, tag or branch of a hub checkpoint; None is its main branch.
        pooling: see `ImageEncoder`, as all that follow.
        layer: one hidden state, or several that stand side by side.
        dtype: numbers computed with.
        batch_images: pictures in a batch.
        device: where the network runs.
        workers: processes that share the work.
    """
    encoder = ImageEncoder(
        checkpoint=checkpoint_at(checkpoint, revision, "images"),
        store=store,
        pooling=pooling,
        layers=(layer,) if isinstance(layer, int) else tuple(layer),
        dtype=dtype,
        batch_images=batch_images,
        device=device,
        workers=workers,
    )
    return Model(encoder, learner)
