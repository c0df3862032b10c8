"""The encoder against the plain way, one text at a time with all hidden states kept, and the store when it is warm.

    python -m benchmarks.encoding --texts DATA/sciq

Everything compared is measured in one run, in turns, on the same texts and threads. The network is a Qwen2 of 6 layers,
256 wide, with random weights, and a tokenizer of 8,000 entries learnt from the texts.
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
from w2s.model.checkpoint.tiny import save_network, save_tokenizer
from w2s.model.encoder import FrozenEncoder
from w2s.model.encoder.batches import Batches
from w2s.model.encoder.devices import cores, parallelism
from w2s.model.encoder.text_encoder import CPU_BATCH_TOKENS
from w2s.model.encoder.text_network import TextNetwork, load_texts
from w2s.store import Store
from w2s.store.input_hashes import hashes_of
from w2s.types import FloatArray, Inputs

WIDTH, LAYERS, HEADS, VOCABULARY = 256, 6, 8, 8_000
TURNS = 5
PRODUCT = 1024
"""Rows and columns of the plain matrix product."""


def read_texts(folder: str, column: str, count: int) -> list[str]:
    """Texts of a local copy in the hub's schema: SciQ's questions with their answers, or with the passage before them."""
    import pandas as pd

    frame = pd.concat([pd.read_parquet(path) for path in sorted(Path(folder).glob("*.parquet"))], ignore_index=True)
    texts = "Q: " + frame["question"] + " A: " + frame["correct_answer"]
    if column == "support":
        texts = frame["support"] + "\n" + texts
    return [str(text) for text in texts[:count]]


def plain_way(network: TextNetwork, texts: Sequence[str]) -> FloatArray:
    """One text at a time, every layer stacked, the last token of the last layer kept: as the public code does."""
    import torch

    rows = []
    with torch.no_grad():
        for text in texts:
            tokens = network.tokenizer(text, return_tensors="pt", truncation=True, max_length=network.max_tokens)
            states = torch.stack(network.model(**tokens, output_hidden_states=True).hidden_states)
            rows.append(states[-1, 0, -1].float().numpy())
    return np.stack(rows)


def batched(network: TextNetwork, texts: Sequence[str]) -> FloatArray:
    """As the encoder does: tokenized together, sorted by length, in batches."""
    at_once, threads = parallelism("cpu")
    batches = Batches(
        lambda batch: network.pool(batch, pooling="last", layers=(-1,)),
        CPU_BATCH_TOKENS,
        padded=False,
        at_once=at_once,
        threads=threads,
    )
    tokens, _ = network.tokenize(texts)
    vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
    for places, block in batches.pieces(tokens):
        vectors[places] = block
    return vectors


def product_rate(seconds: float = 1.0) -> float:
    """Floating-point operations a second of a plain float32 matrix product on all cores."""
    import torch

    a, b = torch.rand(PRODUCT, PRODUCT), torch.rand(PRODUCT, PRODUCT)
    torch.mm(a, b)
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        torch.mm(a, b)
        count += 1
    return 2 * PRODUCT**3 * count / (time.perf_counter() - begun)


def operations(network: TextNetwork, texts: Sequence[str]) -> float:
    """Floating-point operations of the network on the texts' real tokens: two for each weight and token, and attention."""
    weights = sum(p.numel() for name, p in network.model.named_parameters() if "embed" not in name)
    lengths = np.array([len(tokens) for tokens in network.tokenize(texts)[0]], dtype=np.float64)
    return float(2 * weights * lengths.sum() + 4 * LAYERS * WIDTH * (lengths**2).sum())


def compare(network: TextNetwork, texts: Sequence[str], name: str) -> None:
    """Both ways in turns, and the matrix product beside them; the median over the turns of each ratio."""
    parts = [list(texts[i::TURNS]) for i in range(TURNS)]
    plain_way(network, parts[0][:20]), batched(network, parts[0][:200])
    rows, error = [], 0.0
    for part in parts:
        begun = time.perf_counter()
        ours = batched(network, part)
        middle = time.perf_counter()
        plain = plain_way(network, part)
        end = time.perf_counter()
        error = max(error, float(np.abs(ours - plain).max()))
        rate = product_rate()
        rows.append(
            (
                len(part) / (end - middle),
                len(part) / (middle - begun),
                operations(network, part) / (middle - begun) / rate,
                rate,
            )
        )
    plain_rate, our_rate, share, rate = np.median(np.array(rows), axis=0)
    speedup = np.median([row[1] / row[0] for row in rows])
    print(
        f"{name:<28}{plain_rate:>12,.0f}{our_rate:>12,.0f}{speedup:>9.1f}x{share:>10.0%}{rate / 1e9:>10,.0f}{error:>10.0e}"
    )


def warm_store(count: int, width: int) -> None:
    """Load known vectors of `count` texts in a fresh look at the folder, files hot."""
    import psutil

    with tempfile.TemporaryDirectory() as folder:
        texts = [f"A text with the number {i} and some more words, as long as a sentence." for i in range(count)]
        hashes = hashes_of(texts)
        store, values = Store(folder), np.random.default_rng(0).standard_normal((count, width), dtype=np.float32)
        store.embeddings({}).fill(
            hashes, lambda places: ((p, values[p]) for p in np.array_split(places, max(1, len(places) // 1024)))
        )
        memory = psutil.Process()
        before = memory.memory_info().rss
        begun = time.perf_counter()
        vectors, tally = store.embeddings({}).get_or_compute(hashes_of(texts), lambda _: iter(()))
        seconds = time.perf_counter() - begun
        extra = memory.memory_info().rss - before - vectors.nbytes
        assert np.array_equal(vectors, values)
        assert tally.computed == 0
    size = f"{vectors.nbytes / 1e6:,.0f} MB"
    print(
        f"{count:,} known vectors, d = {width:,}: {seconds:.3f} s, {size} read, {extra / 1e6:,.1f} MB of memory beside them"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", required=True, help="a local copy of SciQ in the hub's schema")
    parser.add_argument("--count", type=int, default=1500)
    options = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    with tempfile.TemporaryDirectory() as folder:
        texts = read_texts(options.texts, "question", 10**9)
        save_network(Path(folder), width=WIDTH, layers=LAYERS, heads=HEADS, vocabulary=VOCABULARY, seed=0)
        save_tokenizer(Path(folder), texts, vocabulary=VOCABULARY)
        network = load_texts(Path(folder), name="benchmark", device="cpu", dtype="float32", max_tokens=512, layers=(-1,))
        print(
            f"{cores()} cores; texts a second, and the encoder's share of the rate of a plain {PRODUCT} x {PRODUCT} product"
        )
        print(f"{'':<28}{'plain way':>12}{'encoder':>12}{'ratio':>10}{'share':>10}{'GFLOP/s':>10}{'max diff':>10}")
        for column in ("question", "support"):
            compare(network, read_texts(options.texts, column, options.count), f"SciQ, {column}")
        encoder = FrozenEncoder(checkpoint=FolderCheckpoint(folder), store=Store(f"{folder}/store"))
        inputs = Inputs(texts=tuple(texts[: options.count]))
        begun = time.perf_counter()
        encoder.encode(inputs)
        cold = time.perf_counter() - begun
        begun = time.perf_counter()
        encoder.encode(inputs)
        print(f"through the store, {options.count:,} texts: cold {cold:.2f} s, then {time.perf_counter() - begun:.3f} s")
    for width in (384, 4096):
        warm_store(10_000, width)


if __name__ == "__main__":
    main()
