"""Fine-tuning against the loop that a user would write and against transformers' Trainer: texts a second, in one run.

    python -m benchmarks.finetuning --texts DATA/sciq --column support

All weights are trained on the same texts, in turns, by AdamW in steps of 32. The plain loop pads every text to the longest
of the data set and takes them in order; the Trainer pads each batch to its longest. The network is that of
`benchmarks.encoding`. Processor seconds are compared beside wall-clock ones, since other work may share the cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoding import HEADS, LAYERS, VOCABULARY, WIDTH, read_texts
from w2s.model import FineTuning
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.tiny import save_network, save_tokenizer
from w2s.model.encoder import FrozenEncoder
from w2s.model.encoder.devices import cores
from w2s.model.training import Recipe
from w2s.store import Store
from w2s.types import Inputs, IntArray

BATCH, RATE, TURNS = 32, 1e-4, 3


def loaded(folder: Path) -> tuple[Any, Any]:
    """Tokenizer and classifier, as a user loads them."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, pad_token="<|endoftext|>")
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2)
    model.config.pad_token_id = tokenizer.pad_token_id
    return tokenizer, model


def plain_loop(folder: Path, texts: Sequence[str], labels: IntArray) -> None:
    """Pad to the longest of the data set, batches in order."""
    import torch

    tokenizer, model = loaded(folder)
    batch = tokenizer(list(texts), return_tensors="pt", padding=True, truncation=True, max_length=512)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    for start in range(0, len(texts), BATCH):
        rows = slice(start, start + BATCH)
        out = model(**{name: value[rows] for name, value in batch.items()}, labels=torch.as_tensor(labels[rows]))
        out.loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def trainer(folder: Path, texts: Sequence[str], labels: IntArray) -> None:
    """Transformers' Trainer, padding by batch."""
    from transformers import DataCollatorWithPadding, Trainer, TrainingArguments

    tokenizer, model = loaded(folder)
    tokens = tokenizer(list(texts), truncation=True, max_length=512)["input_ids"]
    rows = [{"input_ids": ids, "labels": int(label)} for ids, label in zip(tokens, labels, strict=True)]
    with tempfile.TemporaryDirectory() as out:
        arguments = TrainingArguments(
            out,
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            learning_rate=RATE,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            use_cpu=True,
        )
        Trainer(model, arguments, train_dataset=rows, data_collator=DataCollatorWithPadding(tokenizer)).train()


def ours(folder: Path, texts: Sequence[str], labels: IntArray) -> None:
    """`learner=full`, storing included."""
    recipe = Recipe(learning_rate=RATE, batch=BATCH, clip=None, warmup_share=0.0)
    with tempfile.TemporaryDirectory() as root:
        encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(folder)), store=Store(root), max_tokens=512)
        FineTuning(train="all", recipe=recipe).on(encoder).fit(Inputs(texts=tuple(texts)), labels)


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", required=True, help="a local copy of SciQ")
    parser.add_argument("--column", default="support", choices=["support", "question"])
    parser.add_argument("--count", type=int, default=256)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(cores())
    texts = read_texts(options.texts, options.column, options.count)
    labels = np.random.default_rng(0).integers(0, 2, len(texts))
    ways: dict[str, Callable[[Path, Sequence[str], IntArray], None]] = {
        "plain loop": plain_loop,
        "Trainer": trainer,
        "w2s": ours,
    }
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        save_network(folder, width=WIDTH, layers=LAYERS, heads=HEADS, vocabulary=VOCABULARY, seed=0)
        save_tokenizer(folder, texts, vocabulary=VOCABULARY)
        for turn in range(TURNS + 1):
            for name, way in ways.items():
                begun, used = time.perf_counter(), time.process_time()
                way(folder, texts[:BATCH] if turn == 0 else texts, labels[:BATCH] if turn == 0 else labels)
                if turn:  # the first turn only imports
                    seconds[name].append((time.process_time() - used, time.perf_counter() - begun))
    best = {name: np.min(taken, axis=0) for name, taken in seconds.items()}
    for name, (processor, wall) in best.items():
        ratio = processor / best["w2s"][0]
        print(
            f"{name:10} {len(texts) / wall:7.1f} texts/s, {len(texts) / processor:7.1f} a processor second; "
            f"takes {ratio:.2f} times as long as w2s"
        )


if __name__ == "__main__":
    main()
