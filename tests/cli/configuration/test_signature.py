"""What changes a run's signature, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.configured import composed
from w2s.cli.configuration.signature import canonical_tree, content, signature
from w2s.identity import identity
from w2s.store import Store


def sign(*overrides: str) -> str:
    return signature(composed(*overrides))


@pytest.mark.parametrize(
    "override",
    [
        "seed=3",
        "tracker=none",
        "threads=2",
        "setting=mine",
        "resume=false",
        "figures=true",
        "hydra.job.name=x",
        "launcher=joblib",
    ],
)
def test_what_does_not_change_the_numbers_is_not_in_it(override: str) -> None:
    assert sign(override) == sign()


@pytest.mark.parametrize(
    "override",
    [
        "data_seed=1",
        "study=mixing",
        "dataset.threshold=4",
        "weak_model.learner.C=2",
        "strong_model.representation.components=20",
        "detector=none",
        "refiner=random_filter",
        "preparation.labels=hard",
        "study.mixing.draws=4",
    ],
)
def test_what_changes_the_numbers_is_in_it(override: str) -> None:
    assert sign(override) != sign()


def test_a_part_that_the_study_does_not_use_is_not_in_it() -> None:
    assert sign("study=transfer", "policy=random") == sign("study=transfer")
    assert sign("policy=random") != sign()


def test_a_file_enters_by_its_content_and_not_by_its_place(tmp_path: Path) -> None:
    first, second, other = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    first.write_text("x,y\n1,2\n")
    second.write_text("x,y\n1,2\n")
    other.write_text("x,y\n1,3\n")
    store = Store(str(tmp_path / "store"))
    assert content(str(first), store) == content(str(second), store) != content(str(other), store)


def test_a_changed_file_changes_its_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x,y\n1,2\n")
    store = Store(str(tmp_path / "store"))
    before = content(str(file), store)
    file.write_text("x,y\n1,2\n3,4\n")
    assert content(str(file), store) != before


def test_a_folder_enters_by_its_names_and_contents(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_text("weights")
    before = content(str(tmp_path / "here"), store)
    assert content(str(tmp_path / "there"), store) == before
    (tmp_path / "there" / "model.bin").rename(tmp_path / "there" / "other.bin")
    assert content(str(tmp_path / "there"), store) != before


def test_a_pattern_enters_by_the_files_that_it_matches(tmp_path: Path) -> None:
    store, pattern = Store(str(tmp_path / "store")), str(tmp_path / "new-*.csv")
    assert content(pattern, store) == pattern
    (tmp_path / "new-1.csv").write_text("a")
    one = content(pattern, store)
    (tmp_path / "new-2.csv").write_text("b")
    assert len({pattern, one, content(pattern, store)}) == 3


def test_a_name_that_is_no_path_enters_as_it_is(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert content("Qwen/Qwen2.5-0.5B", store) == "Qwen/Qwen2.5-0.5B"
    assert content(None, store) is None


@identity(version=2, runtime=("device",), content=("path",))
class Choice:
    pass


def test_runtime_arguments_leave_and_the_version_enters(tmp_path: Path) -> None:
    name = f"{__name__}.Choice"
    node = {"_target_": name, "device": "cpu", "path": None, "layer": 3}
    assert canonical_tree(node, Store(str(tmp_path)), [__name__.split(".")[0]]) == {
        "version": 2,
        "_target_": name,
        "path": None,
        "layer": 3,
    }


def test_a_sweep_is_named_by_its_experiment_or_else_by_its_study() -> None:
    hydra = {"runtime": {"choices": {"experiment": None, "study": "mixing"}}}
    config = OmegaConf.create({"hydra": hydra, "name": "${w2s.sweep:}"})
    assert config.name == "mixing"
    config.hydra.runtime.choices.experiment = "figure_1"
    assert config.name == "figure_1"


def test_a_run_folder_carries_the_signature() -> None:
    config = OmegaConf.create({"seed": 2, "study": {"draws": 8}, "folder": "${w2s.signature:}-s${seed}"})
    assert config.folder == f"{signature(config)}-s2"


def test_a_picture_that_a_table_names_enters_by_its_content(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("photo,label\n" + "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(80)))
    for i in range(80):
        (tmp_path / f"{i}.png").write_bytes(b"%d" % i)

    def now(path: str | Path = table, *more: str) -> str:
        chosen = ["dataset=images", f"dataset.path={path}", "dataset.image=photo", f"store.root={tmp_path}/s"]
        return sign(*chosen, *(more or ("study=transfer",)))

    before, applied = now(), ("study=apply", "study.fitted=null")
    new_rows = now(f"{tmp_path}/*.csv", *applied)
    assert now() == before
    (tmp_path / "7.png").write_bytes(b"other")
    assert now() != before, "the same name, another picture"
    assert now(f"{tmp_path}/*.csv", *applied) != new_rows
    (tmp_path / "7.png").write_bytes(b"7")
    assert now() == before
    (tmp_path / "points.csv").rename(tmp_path / "other.csv")
    assert now(tmp_path / "other.csv") == before
