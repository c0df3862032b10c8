"""Mistakes that are found before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.configured import check_command
from w2s.cli.configuration.checks import check_node, check_settings
from w2s.dataset.digits import Digits
from w2s.errors import ConfigError, W2SError
from w2s.types import Splits

DIGITS = "w2s.dataset.digits.Digits"


def test_an_unknown_argument_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"dataset\.thresold: Digits takes no 'thresold'\. Did you mean 'threshold'\?"):
        check_node("dataset", {"_target_": DIGITS, "thresold": 5}, (), needs_all=True)


def test_a_missing_value_is_refused_only_where_the_node_is_used() -> None:
    node = {"_target_": "w2s.model.TopRows", "rows": "???", "width": 8}
    check_node("weak_model", node, (), needs_all=False)
    with pytest.raises(ConfigError, match=r"Say weak_model\.rows="):
        check_node("weak_model", node, (), needs_all=True)


def test_an_argument_that_is_not_given_is_refused_unless_the_node_is_partial() -> None:
    node = {"_target_": "w2s.model.TopRows", "rows": 4}
    with pytest.raises(ConfigError, match="width is missing"):
        check_node("weak_model", node, (), needs_all=True)
    check_node("weak_model", node | {"_partial_": True}, (), needs_all=True)


def test_an_interpolation_that_leads_nowhere_is_one_line() -> None:
    with pytest.raises(ConfigError, match="nowhere") as caught:
        check_settings(OmegaConf.create({"seed": "${nowhere}"}))
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: Digits, data_seed: int) -> Splits:
        raise AssertionError("the data was loaded")

    monkeypatch.setattr(Digits, "load", load)


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["detector=oracle"], r"detector reads planted regions, but the data set holds features only\.\n.*detector=paper"),
        (["model=votes"], r"weak_model reads votes of labelling functions.*\n.*model=features"),
        (["model=tiny"], r"weak_model reads texts"),
        (["weak_model=raw", "strong_model=tiny_b"], r"strong_model reads texts"),
        (["dataset=sst2", "model=features"], r"weak_model reads features, but the data set holds texts only"),
        (["study.selection.sources.prices=[1,2,3]"], r"3 for 2 sources\.\nGive one for each of: source 1, source 2"),
        (["study=selection", "study.sources.prices=[1]"], r"1 for 2 sources"),
        (["study=encode", "model=tiny"], r"weak_model reads texts"),
        (["study=detection", "study.settings.zeros.dataset=${dataset}"], r"detector reads planted regions"),
    ],
)
def test_choices_that_do_not_fit_each_other_are_refused_before_the_data_is_loaded(command: list[str], said: str) -> None:
    with pytest.raises(W2SError, match=said) as caught:
        check_command(command)
    assert len(str(caught.value).splitlines()) <= 3


class Unfinished:
    """A detector of one's own, which does not say which features it reads, nor fits."""


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ["study=transfer", "detector=none", "detector"],
            r"^detector: Unfinished is no Detector, since it lacks: features, fit\.$",
        ),
        (["study=transfer", "+preparation.probe"], r"^preparation\.probe: Unfinished is no Learner, since it lacks: fit\.$"),
        (
            ["study=transfer", "~study.controls", "study"],
            r"^study: Unfinished is neither a Study nor an Analysis, since it lacks: run, analyse\.$",
        ),
    ],
)
def test_a_class_of_ones_own_that_lacks_a_method_is_refused_before_the_run(overrides: list[str], said: str) -> None:
    *choices, node = overrides
    own = [*choices, "allow_targets=[tests]", f"{node}._target_={__name__}.Unfinished"]
    with pytest.raises(ConfigError, match=said):
        check_command(own)


def write_csv(folder: Path, header: str, row: str) -> str:
    file = folder / "points.csv"
    file.write_text("\n".join([header, *(row.format(i, i % 2, "abc"[i % 3]) for i in range(60))]))
    return f"dataset.path={file}"


def test_a_tables_settings_say_what_it_holds(tmp_path: Path) -> None:
    texts = ["dataset=table", write_csv(tmp_path, "text,label", "a word {},{}"), "dataset.text=text"]
    with pytest.raises(ConfigError, match=r"weak_model reads features, but .* texts only\.\nChoose model=minilm"):
        check_command(texts)
    check_command([*texts, "model=tiny"])


def test_a_small_tables_own_sources_are_counted_before_the_run(tmp_path: Path) -> None:
    table = ["dataset=table", write_csv(tmp_path, "x,label,shop", "{},{},{}"), "dataset.source=shop", "study=selection"]
    with pytest.raises(ConfigError, match=r"2 for 3 sources\.\nGive one for each of: a, b, c"):
        check_command([*table, "study.sources.prices=[1,2]"])
    check_command([*table, "study.sources.prices=[1,2,3]"])
    check_command([*table, "study.sources.prices=[1,2]", "study.sources.column=false"])
