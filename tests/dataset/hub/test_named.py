"""The 26 named data sets: each composes, loads from a copy in its hub schema, and tells its label by nothing but meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import DictConfig, OmegaConf

from tests.dataset.hub.hub_schemas import MIRRORS, Draw, table, write_mirror
from w2s.cli.configuration.build import build
from w2s.cli.configuration.paths import conf_folder
from w2s.dataset.hub import Hub
from w2s.errors import ConfigError, DataError
from w2s.types import IntArray

SIZES = {"weak_train": 60, "pool": 60, "validation": 10, "test": 40}
NO_ID = ("dream", "cosmos_qa")


def named(name: str, **settings: Any) -> Hub:
    """The data set as its configuration makes it."""
    files = [OmegaConf.load(conf_folder() / "dataset" / f"{file}.yaml") for file in ("hub", name)]
    config = OmegaConf.merge(*files, settings)
    assert isinstance(config, DictConfig)
    config.pop("defaults")
    dataset: Hub = build(config)
    return dataset


def examples(name: str, n: int) -> tuple[list[str], IntArray]:
    """Texts and labels of `n` made-up rows, with random coins."""
    dataset = named(name, path=".")
    rows = table(name, n, seed=3)
    formatter, _ = dataset.formatter([rows])
    draws = np.random.default_rng(4).random((n, 2))
    made = [formatter(row, *pair) for row, pair in zip(rows.to_pylist(), draws.tolist(), strict=True)]
    found = [example for example in made if example is not None]
    return [text for text, _ in found], np.array([label for _, label in found])


def test_all_named_sets_are_here() -> None:
    assert len(MIRRORS) == 26


@pytest.mark.parametrize("name", MIRRORS)
def test_it_loads_from_a_local_copy_in_its_hub_schema(name: str, tmp_path: Path) -> None:
    held_out = {"held_out": 100} if named(name, path=".").held_out else {}
    dataset = named(name, path=str(write_mirror(name, tmp_path)), **SIZES, **held_out)
    dataset.check()
    splits = dataset.load(0)
    assert [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)] == [60, 60, 10, 40]
    assert len(splits.classes) == 2
    assert splits.notes == ()
    for part in (splits.weak_train, splits.pool, splits.test):
        assert part.inputs.texts is not None
        assert abs(part.labels.open("test").mean() - 0.5) < 0.05
    train, test = set(splits.pool.ids.tolist()) | set(splits.weak_train.ids.tolist()), set(splits.test.ids.tolist())
    assert not train & test
    assert dict(splits.provenance).keys() == {"data", "data/sha256"}


@pytest.mark.parametrize("name", sorted(set(MIRRORS) - set(NO_ID)))
def test_it_names_an_id_of_the_hub_with_a_namespace(name: str) -> None:
    assert str(named(name).id).count("/") == 1


@pytest.mark.parametrize("name", NO_ID)
def test_a_set_that_the_hub_cannot_load_says_where_its_files_are(name: str) -> None:
    with pytest.raises(ConfigError, match=r"github\.com/(?s:.*)dataset\.path=FOLDER"):
        named(name)


@pytest.mark.parametrize("name", sorted(set(MIRRORS) - {"dream"}))
def test_a_missing_column_is_found_from_the_headers(name: str, tmp_path: Path) -> None:
    write_mirror(name, tmp_path, n=8)
    text = named(name, path=str(tmp_path)).text
    template = text if "{" in text else f"{{{text}}}"
    lacking = named(name, path=str(tmp_path), text=template + " {missing_column}")
    with pytest.raises(DataError, match="no column 'missing_column'"):
        lacking.check()


def surface(texts: list[str]) -> np.ndarray[Any, Any]:
    """What can be seen of a text without reading it: lengths, and the form of its end."""
    rows = []
    for text in texts:
        tail = text.rstrip('"?. ').split()[-1] if text.split() else ""
        rows.append(
            [
                len(text), len(text.split()), text.count("\n"), text.count("."), text.count('"'),
                sum(c.isdigit() for c in text), sum(c.isupper() for c in text),
                len(tail), len(tail) == 1, tail.isdigit(), tail.isupper(), text.count(tail) if tail else 0,
            ]
        )  # fmt: skip
    return np.array(rows, dtype=np.float64)


def probe(texts: list[str], labels: IntArray) -> float:
    """Accuracy of a probe on the surface, on balanced points it was not trained on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    n = min(int((labels == 0).sum()), int((labels == 1).sum()))
    kept = np.concatenate([np.flatnonzero(labels == k)[:n] for k in (0, 1)])
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return float(cross_val_score(model, surface([texts[i] for i in kept]), labels[kept], cv=5).mean())


@pytest.mark.parametrize("name", MIRRORS)
def test_the_surface_of_a_text_does_not_tell_its_label(name: str) -> None:
    texts, labels = examples(name, 1200)
    n = 2 * min(int((labels == 0).sum()), int((labels == 1).sum()))
    assert n >= 600
    assert probe(texts, labels) < 0.5 + 3 * np.sqrt(0.25 / n)


def test_the_probe_catches_the_published_leak_of_openbookqa() -> None:
    """The public code shows a letter where the answer is right and a text where it is wrong."""
    draw = Draw(0)
    labels = np.array([draw.below(2) for _ in range(400)])
    texts = [f"Q: {draw.words()}\n\nAnswer: {'B' if label else draw.words(1, 4)}" for label in labels]
    assert probe(texts, labels) > 0.95


def test_words_that_mark_one_label_are_never_shown_in_cosmos_qa() -> None:
    texts, labels = examples("cosmos_qa", 600)
    assert not any("none of the above" in text.lower() for text in texts)
    assert 0.3 < labels.mean() < 0.45  # a right answer needs a gold that may be shown (3 of 4) and heads


@pytest.mark.parametrize("name", ["sst2", "sciq", "openbookqa"])
def test_the_real_data_loads_with_the_published_sizes(name: str, shared_data: Path) -> None:
    dataset = named(name, path=str(shared_data / name))
    dataset.check()
    splits = dataset.load(0)
    sizes = [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)]
    # sst2's validation split holds 428 negative sentences of 872
    expected = {"sst2": [5000, 5000, 1000, 856], "sciq": [4750, 4750, 950, 2850], "openbookqa": [2180, 2180, 430, 450]}
    assert all(size >= least for size, least in zip(sizes, expected[name], strict=True))
    assert sizes[:2] <= [5000, 5000]
