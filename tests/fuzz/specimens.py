"""One small valid specimen of every kind of input from outside, how it is spoilt, and how it is read."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tests.fuzz.mutations import BYTES, PLACES, Mutation, cell, changed, insert, json_value
from tests.report.runs import write_run
from w2s.dataset.hub import Hub
from w2s.dataset.table import Table
from w2s.dataset.wrench import Wrench
from w2s.detector.rows import LinearMap
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.encoder.request import forget
from w2s.report.collect import collect
from w2s.report.load import load_results, read_run, read_runs
from w2s.report.run_page import run_page
from w2s.report.sweep_page import Report
from w2s.report.terminal import print_report
from w2s.results.files import RESULTS
from w2s.store import Store
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import Inputs, Splits
from w2s.utils.sealing import ZEROS, sealed

TEXTS = Inputs(texts=tuple(f"Text {i} of water and light." for i in range(20)))


@dataclass(frozen=True)
class Specimen:
    """A kind of input."""

    make: Callable[[Path], None]
    """Writes a valid one into an empty folder."""
    use: Callable[[Path], None]
    """Reads all of it as a run does; fails an assertion where what comes out is nothing that could have gone in."""
    files: str = "*"
    """Which of its files are spoilt."""
    mutations: tuple[Mutation, ...] = ()
    """Beside those of all files."""
    times: int = 200
    """How often it is spoilt: what takes long less."""

    def spoil(self, folder: Path, chance: random.Random) -> str:
        """Spoil one file, once or twice; what was done to which."""
        files = sorted(path for path in folder.rglob(self.files) if path.is_file())
        told = []
        path = chance.choice(files)
        for _ in range(chance.choice((1, 1, 1, 2))):
            mutation = chance.choice((*BYTES, *self.mutations * 4, *PLACES))
            if not path.is_file() or (mutation in self.mutations and told):
                break
            mutation(path, chance)
            told.append(f"{mutation.__name__} {path.relative_to(folder)}")
        return ", ".join(told)


def rows(n: int = 80) -> list[dict[str, Any]]:
    """Rows with everything a table can have."""
    draw = np.random.default_rng(0)
    return [
        {
            "id": f"p{i}",
            "label": ("ham", "spam")[i % 2],
            "x": float(draw.normal() + i % 2),
            "y": int(draw.integers(0, 100)),
            "text": f"text {i} about {'water' if i % 2 else 'light'}",
            "source": f"s{i % 3}",
        }
        for i in range(n)
    ]


def right(splits: Splits) -> None:
    """Assert what every data set promises."""
    for part in (splits.weak_train, splits.pool, splits.validation, splits.test):
        labels = part.labels.open("the test of reading")
        assert len(part.ids) == len(labels) >= 4
        assert ((labels >= 0) & (labels < len(splits.classes))).all()
        features, texts, votes = part.inputs.features, part.inputs.texts, part.inputs.votes
        assert features is None or (features.ndim == 2 and np.isfinite(features).all())
        assert texts is None or all(text.encode() is not None for text in texts)
        assert votes is None or ((votes >= -1) & (votes < len(splits.classes))).all()
    assert len({*splits.classes}) == len(splits.classes) >= 2


def separated(path: Path, mark: str) -> None:
    header = list(rows(1)[0])
    lines = [mark.join(map(str, row.values())) for row in rows()]
    path.write_text("\n".join([mark.join(header), *lines]) + "\n")


def json_lines(path: Path) -> None:
    path.write_text("\n".join(map(json.dumps, rows())) + "\n")


def packed(write: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write(path.with_suffix(""))
        path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
        path.with_suffix("").unlink()

    return make


def inside_gzip(mutation: Mutation) -> Mutation:
    """Spoil what is packed."""

    def mutate(path: Path, chance: random.Random) -> None:
        plain = path.with_suffix("")
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        mutation(plain, chance)
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()

    return mutate


def odd_columns(path: Path, chance: random.Random) -> None:
    """A parquet column of another type."""
    n = pq.read_metadata(path).num_rows
    table = pq.read_table(path)
    odd: tuple[Any, ...] = (
        *(pa.array([[[1, 2]]] * n), pa.array([{"a": 1}] * n), pa.array(["a", "b"] * (n // 2)).dictionary_encode()),
        *(pa.array([2**63] * n, pa.uint64()), pa.array([b"\xff\x00"] * n), pa.nulls(n), pa.array([1.5] * n, pa.float16())),
        *(pa.array([None, float("nan")] * (n // 2)), pa.array([0] * n, pa.timestamp("ns")), pa.array([[]] * n)),
        *(pa.array([0] * n, pa.date32()), pa.array([True, None] * (n // 2)), pa.array([[1.0, None]] * n)),
        *(pa.array([1] * n, pa.duration("s")), pa.array([None] * n, pa.map_(pa.string(), pa.int8()))),
        *(pa.array(range(n), pa.decimal128(38, 30)), pa.array(["x" * 9_999] * n, pa.large_string())),
        *(pa.array([[1.0, 2.0], [1.0]] * (n // 2)), pa.array([2**53 + 1] * n), pa.array(["1_000"] + ["1"] * (n - 1))),
    )
    k, column = chance.randrange(len(table.column_names)), chance.choice(odd)
    pq.write_table(table.set_column(k, table.column_names[k], column), path)


def plainly(path: Path) -> dict[str, Any]:
    """The text of each id, as the standard library alone reads the file."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    if path.suffix == ".parquet":
        found = pq.read_table(path).to_pylist()
    else:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            if path.suffix == ".json":
                found = json.load(stream)
            elif path.suffix == ".jsonl":
                found = [json.loads(line) for line in stream if line.strip()]
            else:
                found = list(csv.DictReader(stream, delimiter="\t" if path.suffix == ".tsv" else ","))
    return {str(row["id"]): row.get("text") for row in found if "id" in row}


def table(name: str, write: Callable[[Path], None], *mutations: Mutation) -> Specimen:
    """A table file: with features, and with texts, sources and ids."""

    def use(folder: Path) -> None:
        for settings in ({}, {"text": "{text}", "source": "source", "id": "id"}, {"features": ["x", "y"]}):
            read = Table(path=str(folder / name), **settings)
            read.check()
            splits = read.load(0)
            right(splits)
            expected = plainly(folder / name) if "text" in settings else {}
            for part in (splits.weak_train, splits.pool, splits.validation, splits.test):
                for point, text in zip(part.ids.tolist(), part.inputs.texts or (), strict=False):
                    found = expected.get(point, text)
                    assert isinstance(found, list | dict) or str(found) == text

    return Specimen(lambda folder: write(folder / name), use, mutations=mutations)


def use_votes(folder: Path) -> None:
    wrench = Wrench(path=str(folder))
    assert wrench.provides
    right(wrench.load(0))


def make_votes(folder: Path) -> None:
    (folder / "label.json").write_text(json.dumps({"0": "ham", "1": "spam"}))
    for name, n in (("train", 20), ("valid", 6), ("test", 6)):
        content = {str(i): {"data": {"text": f"{name} {i}"}, "label": i % 2, "weak_labels": [i % 2, -1]} for i in range(n)}
        (folder / f"{name}.json").write_text(json.dumps(content))


CARD = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train.parquet
  - split: test
    path: test.jsonl
---
# A data set
"""


def make_mirror(folder: Path) -> None:
    (folder / "README.md").write_text(CARD)
    (folder / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows(60)), folder / "data" / "train.parquet")
    json_lines(folder / "test.jsonl")


def use_mirror(folder: Path) -> None:
    read = Hub(path=str(folder), text="{text}", label="label", weak_train=20, pool=20, validation=8, test=40)
    read.check()
    right(read.load(0))


def card_value(path: Path, chance: random.Random) -> None:
    """Another value in the head of a card."""
    if path.name != "README.md":
        insert(path, chance)
        return
    head = changed(yaml.safe_load(path.read_text().split("---")[1]), chance)
    path.write_text(f"---\n{yaml.safe_dump(head)}---\n", errors="replace")


def checkpoint_value(path: Path, chance: random.Random) -> None:
    """Another value in the JSON of a checkpoint, or in the JSON header of its weights."""
    if path.suffix == ".json":
        json_value(path, chance)
        return
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(changed(json.loads(content[8 : 8 + length]), chance)).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[8 + length :])


def make_checkpoint(folder: Path) -> None:
    made = TinyCheckpoint(width=16, layers=1).fetch(Store(str(folder / "store")))
    for path in made.iterdir():
        shutil.move(path, folder / path.name)
    shutil.rmtree(folder / "store")


def use_checkpoint(folder: Path) -> None:
    forget()
    store = Store(str(folder.with_name("vectors")))
    checkpoint = FolderCheckpoint(str(folder))
    checkpoint.check()
    encoder = FrozenEncoder(checkpoint=checkpoint, store=store, device="cpu", workers=1)
    encoder.check()
    vectors = encoder.encode(TEXTS)
    assert len(vectors) == 20
    assert np.isfinite(vectors).all()
    assert len(np.unique(vectors, axis=0)) > 1


VALUE = LinearMap(weights=np.arange(6.0).reshape(2, 3), mean=np.zeros(2), scale=np.ones(2), centre=np.zeros(3))


def resealed(path: Path, chance: random.Random) -> None:
    """Another value in the structure, with a checksum that fits it again."""
    if path.suffix != ".json":
        insert(path, chance)
        return
    content = json.loads(path.read_text())
    content["value"] = changed(content["value"], chance)
    path.write_text(sealed(json.dumps(content | {"sha256": ZEROS})))


def use_fitted(folder: Path) -> None:
    value = load_fitted(folder, "value")
    assert re.sub(r"\s", "", str(type(value)))


def make_runs(folder: Path) -> None:
    for seed in range(2):
        results = write_run(folder / f"run{seed}", seed=seed)
        (folder / f"run{seed}" / RESULTS).write_text(sealed(json.dumps({**results, "sha256": ZEROS})))
    (folder / "begun" / ".hydra").mkdir(parents=True)
    (folder / "begun" / ".hydra" / "overrides.yaml").write_text("- seed=3\n")
    (folder / "begun" / ".hydra" / "hydra.yaml").write_text("hydra:\n  mode: RUN\n  overrides:\n    hydra: []\n")


@cache
def written_metrics() -> list[Any]:
    """What the runs measured."""
    with tempfile.TemporaryDirectory() as folder:
        return [write_run(Path(folder) / str(seed), seed=seed)["metrics"] for seed in range(2)]


def resealed_results(path: Path, chance: random.Random) -> None:
    """Another value in the results, with a checksum that fits it again."""
    if path.name != RESULTS:
        insert(path, chance)
        return
    found = changed(json.loads(path.read_text()), chance)
    path.write_text(sealed(json.dumps({**found, "sha256": ZEROS} if isinstance(found, dict) else found)))


def use_runs(folder: Path) -> None:
    for run in read_runs([folder]):
        assert not run.metrics or run.metrics == written_metrics()[run.ended.seed]
    use_any_runs(folder)


def use_any_runs(folder: Path) -> None:
    load_results(folder)
    collected = collect([folder])
    print_report(collected)
    assert Report(folder, [folder], collected).page([]).html()
    run = read_run(folder / "run0")
    assert run.table("points") is None or len(run.table("points"))
    assert run.results is None or run_page(run, []).html()


SPECIMENS: dict[str, Specimen] = {
    "csv": table("t.csv", lambda path: separated(path, ","), cell),
    "tsv": table("t.tsv", lambda path: separated(path, "\t"), cell),
    "jsonl": table("t.jsonl", json_lines, json_value),
    "json": table("t.json", lambda path: path.write_text(json.dumps(rows())) and None, json_value),
    "csv.gz": table("t.csv.gz", packed(lambda path: separated(path, ",")), inside_gzip(cell)),
    "parquet": table("t.parquet", lambda path: pq.write_table(pa.Table.from_pylist(rows()), path), odd_columns),
    "mirror": Specimen(make_mirror, use_mirror, mutations=(card_value,), times=250),
    "wrench": Specimen(make_votes, use_votes, mutations=(json_value,)),
    "checkpoint": Specimen(make_checkpoint, use_checkpoint, mutations=(checkpoint_value,), times=300),
    "fitted": Specimen(lambda folder: save_fitted(folder, "value", VALUE) and None, use_fitted, mutations=(resealed,)),
    "runs": Specimen(make_runs, use_runs, mutations=(json_value,), times=60),
    "edited runs": Specimen(make_runs, use_any_runs, mutations=(resealed_results,), times=60),
}
