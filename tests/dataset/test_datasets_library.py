"""Local copies read as Hugging Face's own library reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s.dataset.hub import Hub


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_folder_gives_the_rows_that_load_dataset_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    folder = tmp_path / "copy"
    folder.mkdir()
    draw = np.random.default_rng(0)
    for split, n in (("train", 60), ("validation", 20)):
        rows = {"sentence": [f'{split}, row {i}: "née"' for i in range(n)], "label": draw.permutation(n) % 2}
        frame = pd.DataFrame(rows)
        write = {"parquet": frame.to_parquet, "csv": frame.to_csv, "jsonl": frame.to_json}[suffix]
        options = {"parquet": {}, "csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}}[suffix]
        write(folder / f"{split}.{suffix}", **options)
    theirs = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    expected = {row["sentence"]: row["label"] for split in theirs.values() for row in split}
    splits = Hub(id="someone/copy", path=str(folder), text="sentence", label="label", test_splits=("validation",)).load(0)
    parts = (splits.weak_train, splits.pool, splits.validation, splits.test)
    ours = {
        text: label
        for part in parts
        for text, label in zip(part.inputs.texts or (), part.labels.open("comparison").tolist(), strict=True)
    }
    assert len(expected) == 80
    assert len(ours) >= 78, "equal roles leave up to two rows over"
    assert ours.items() <= expected.items()
