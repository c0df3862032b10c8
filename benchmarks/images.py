"""Pictures a second through the encoder, against a plain loop over them.

    python -m benchmarks.images --count 400

Both are measured in one run, in turns, on the same pictures and cores: JPEG files of generated noise, and a ViT with random
weights. The plain loop opens one file after the other and hands it to the library's processor and network, once with one
thread and once with a thread for each core; the faster counts. The encoder's time holds hashing, loading and the store.

The last columns say what is left to gain: processor time of a picture through the encoder, and what the network's products
alone would take at the rate at which one core multiplies large float32 matrices, measured in the same turn.

Measured on two cores that other jobs shared (128 and 96 pictures): the small network 1.7 times as fast as the faster
plain loop at load 4.7; ViT-Ti/16 1.0 times at load 2.4 and 1.1 times at load 5 to 7, of 45 ms of a core for a picture, 24
being products. On shared cores the number says little: twice as fast is not shown for that network. In a profile of its
forward pass with one thread (38 ms a picture, in batches of 4 to 16, beside 4 ms of decoding and resizing; 52 ms for one
picture alone) the products take 73 %, attention 18 %, GELU 5 %; eager attention takes 41 ms in place of 38. So batches
save 14 ms of 56, and what is left to gain lies in torch's own kernels.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.encoder import ImageEncoder
from w2s.model.encoder.devices import cores
from w2s.store import Store
from w2s.types import FloatArray, Inputs
from w2s.utils.image_decoding import FilePicture

TURNS = 3
SIDE, PRODUCTS = 1024, 32
"""Of the square matrices whose products measure the machine, and how many."""
NETWORKS = {"ViT, d = 64, 32 pixels": (64, 4, 32, 8), "ViT, d = 192, 224 pixels": (192, 12, 224, 16)}
"""Width, layers, side and patch: a network that decoding outweighs, and the size of ViT-Ti/16."""


def save_pictures(folder: Path, count: int, side: int) -> list[Path]:
    """JPEG files of a smooth picture with noise in it."""
    from PIL import Image

    draw = np.random.default_rng(0)
    files = [folder / f"{i}.jpg" for i in range(count)]
    for file in files:
        smooth = Image.fromarray(draw.integers(0, 255, (8, 8, 3)).astype(np.uint8)).resize((side, side))
        noise = draw.integers(0, 30, (side, side, 3))
        Image.fromarray(np.clip(np.asarray(smooth) + noise, 0, 255).astype(np.uint8)).save(file, quality=90)
    return files


def save_network(folder: Path, width: int, layers: int, side: int, patch: int) -> None:
    """A ViT with random weights, and its processor."""
    import torch
    from transformers import ViTConfig, ViTImageProcessorPil, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 64),
        image_size=side,
        patch_size=patch,
    )
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": side, "width": side}).save_pretrained(folder)


def plain_loop(folder: Path, files: Sequence[Path], threads: int) -> tuple[FloatArray, float]:
    """One picture at a time, and the seconds that takes once the network is loaded."""
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor, AutoModel

    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")  # type: ignore[no-untyped-call]
    network, rows = AutoModel.from_pretrained(folder).eval(), []
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    begun = time.perf_counter()
    with torch.inference_mode():
        for file in files:
            pixels = processor(images=Image.open(file).convert("RGB"), return_tensors="pt")
            rows.append(network(**pixels).last_hidden_state[0, 0].numpy())
    seconds = time.perf_counter() - begun
    torch.set_num_threads(before)
    return np.stack(rows), seconds


def products_alone(folder: Path, side: int) -> float:
    """Milliseconds of a core for a picture if its products ran at the rate of large ones, and all else were free."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import AutoModel

    with torch.inference_mode(), FlopCounterMode(display=False) as counted:
        AutoModel.from_pretrained(folder).eval()(pixel_values=torch.zeros(1, 3, side, side))
    matrix, before = torch.rand(SIDE, SIDE), torch.get_num_threads()
    torch.set_num_threads(1)
    for count in (2, PRODUCTS):  # the first ones warm up
        begun = time.process_time()
        for _ in range(count):
            matrix @ matrix
        seconds = time.process_time() - begun
    torch.set_num_threads(before)
    return 1_000 * seconds / PRODUCTS / (2 * SIDE**3) * float(counted.get_total_flops())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--side", type=int, default=400, help="pixels of a picture in width and height")
    options = parser.parse_args()
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{cores()} cores ({load}), {options.count} pictures of {options.side} pixels; a second, median of {TURNS} turns")
    heads = f"{'plain loop':>12}{'encoder':>10}{'ratio':>8}{'warm store':>12}{'max diff':>10}{'core ms':>9}{'products':>10}"
    print(f"{'':<26}{heads}")
    for name, shape in NETWORKS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            save_network(folder / "network", *shape)
            (folder / "pictures").mkdir()
            files = save_pictures(folder / "pictures", options.count, options.side)
            plain_loop(folder / "network", files[:8], 1)
            rows = []
            for turn in range(TURNS):
                store = Store(str(folder / f"store {turn}"))
                encoder = ImageEncoder(checkpoint=FolderCheckpoint(str(folder / "network"), reads="images"), store=store)
                begun, used = time.perf_counter(), time.process_time()
                ours = encoder.encode(Inputs(images=tuple(FilePicture(str(file)) for file in files)))
                middle, used = time.perf_counter(), 1_000 * (time.process_time() - used) / len(files)
                loops = [plain_loop(folder / "network", files, threads) for threads in sorted({1, cores()})]
                end = time.perf_counter()
                encoder.encode(Inputs(images=tuple(FilePicture(str(file)) for file in files)))
                seconds = min(loop[1] for loop in loops), middle - begun, time.perf_counter() - end
                slow, fast, warm = (len(files) / each for each in seconds)
                error = float(np.abs(ours - loops[0][0]).max())
                rows.append([slow, fast, warm, error, fast / slow, used, products_alone(folder / "network", shape[2])])
            slow, fast, warm, error, ratio, used, products = np.median(np.array(rows), axis=0)
            told = f"{slow:>12,.0f}{fast:>10,.0f}{ratio:>7.1f}x{warm:>12,.0f}{error:>10.0e}{used:>9.1f}{products:>10.1f}"
            print(f"{name:<26}{told}")


if __name__ == "__main__":
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    main()
