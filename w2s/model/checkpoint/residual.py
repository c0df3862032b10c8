"""Small convolutional networks with random weights, made on the spot: to be trained from scratch by `learner=full`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le, MinLen, MultipleOf

from w2s.identity import digest
from w2s.model.checkpoint.folder import folder_fingerprint
from w2s.model.checkpoint.loading import quiet_transformers
from w2s.store import Store
from w2s.store.generated_checkpoints import generated_folder
from w2s.utils.ranges import Seed, Width, checked

VERSION = 1
Blocks = Annotated[int, Ge(1), Le(64)]
Side = Annotated[int, Ge(8), Le(1_024), MultipleOf(4)]


@dataclass(frozen=True, kw_only=True)
@checked
class ResidualCheckpoint:
    """A residual network (He et al., "Deep residual learning", CVPR 2016) with random weights, written into the store.

    Its stem, a convolution of stride 2 and a pooling of stride 2, leaves a quarter of the side: of pictures enlarged four
    times, the maps of the published networks for small pictures, which have no such stem. Three stages of n blocks are the
    body of ResNet-(6 n + 2).
    """

    widths: Annotated[tuple[Width, ...], MinLen(1)] = (16, 32, 64)
    """Channels of each stage; the last are d."""
    blocks: Blocks = 1
    """In each stage, of two convolutions."""
    side: Side = 32
    """Pixels that every picture is brought to."""
    seed: Seed = 0

    def check(self) -> None:
        """Nothing outside this machine is needed."""

    def config(self) -> dict[str, Any]:
        """Its widths."""
        return {"hidden_sizes": list(self.widths)}

    def identify(self, store: Store) -> dict[str, str]:
        """The hash of its content."""
        return {"sha256": folder_fingerprint(self.fetch(store), store, "residual")}

    def pinned(self, store: Store) -> ResidualCheckpoint:  # noqa: ARG002
        """Its settings stand for its content."""
        return self

    def fetch(self, store: Store) -> Path:
        """The folder, made first where it is not there or damaged."""
        settings = digest([VERSION, list(self.widths), self.blocks, self.side, self.seed])[:12]
        return generated_folder(store, f"residual-{6 * self.blocks + 2}-{settings}", self.make)

    def make(self, folder: Path) -> None:
        """Write configuration, weights and image processor; torch's own random state stays what it was."""
        import torch
        from transformers import ResNetConfig, ResNetModel, ViTImageProcessorPil

        config = ResNetConfig(
            embedding_size=self.widths[0],
            hidden_sizes=list(self.widths),
            depths=[self.blocks] * len(self.widths),
            layer_type="basic",
        )
        processor = ViTImageProcessorPil(
            size={"height": self.side, "width": self.side}, image_mean=[0.5] * 3, image_std=[0.5] * 3
        )
        with torch.random.fork_rng(devices=[]), quiet_transformers():
            torch.manual_seed(self.seed)
            ResNetModel(config).save_pretrained(folder)
        processor.save_pretrained(folder)
