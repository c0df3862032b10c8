"""Every metric that a study records is in the table of metrics, with title, unit and meaning."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.configured import CONF
from tests.pool.pools import recipe
from tests.study.apply.fitted_runs import leave_run, table
from tests.study.test_encode import Kept, Words
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.new_files import NewFiles
from w2s.detector import MeanCosine, NoDetector, OracleDetector, RandomDetector
from w2s.model import Columns, LogisticProbe, Model, Raw
from w2s.policy import UCB, Random
from w2s.pool.preparation import Preparation
from w2s.refiner import Chance, Filter, NoRefiner
from w2s.results.catalogue import MODELS, describe
from w2s.results.recorder import Recorder
from w2s.study import OnPool
from w2s.study.apply import Apply
from w2s.study.arena import Arena
from w2s.study.arena import Setting as Problem
from w2s.study.audit import Audit
from w2s.study.detection import Detection
from w2s.study.encode import Encode
from w2s.study.full import Full
from w2s.study.mixing import Mixing
from w2s.study.picks import PickComparison
from w2s.study.refinement import Refinement
from w2s.study.selection import Selection
from w2s.study.synthetic import Synthetic
from w2s.study.theory import Theory
from w2s.study.transfer import Transfer

DETECTORS = {"oracle": OracleDetector(), "random": RandomDetector(), "mean": MeanCosine(), "none": NoDetector()}
KEPT = Model(Kept(), LogisticProbe())
SELECTION = Selection(policy=UCB, baseline=Random, rounds=3, draws=2, gold_draws=1, audit=5)


def planted() -> Preparation:
    return Preparation(
        dataset=Gaussian(easy=80, hard=80, overlap=80, variance=2.0),
        weak_model=Model(Columns(stop=20), LogisticProbe(C=1.0, intercept=False)),
        strong_model=Model(Raw(), LogisticProbe(l2=1.0)),
        detector=RandomDetector(),
        labels="hard",
    )


def apply_run(recorder: Recorder) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run, _ = leave_run(folder, table(300))
        table(50, seed=1).to_parquet(folder / "new.parquet")
        Apply(fitted=str(run), rows=NewFiles(path=str(folder / "new.parquet")), output=str(folder / "out")).run(recorder)


STUDIES: Mapping[type, Callable[[Recorder], object]] = {
    Transfer: OnPool(recipe(), (Transfer(),)).run,
    Mixing: OnPool(recipe(), (Mixing(draws=2),)).run,
    Theory: OnPool(recipe(), (Theory(draws=2),)).run,
    Selection: OnPool(recipe(), (SELECTION,)).run,
    Full: OnPool(planted(), (Full(transfer=Transfer(), mixing=Mixing(draws=2), selection=SELECTION),)).run,
    Detection: Detection(settings={"a": planted()}, detectors=DETECTORS, seeds=2).run,
    PickComparison: PickComparison(
        settings={"a": planted()}, detectors=DETECTORS, seeds=2, draws=2, share=0.2, fewest=8
    ).run,
    Refinement: Refinement(
        settings={"a": planted()}, refiners={"none": NoRefiner(), "chance": Filter(doubt=Chance())}, seeds=2
    ).run,
    Arena: Arena(policies={"ucb": UCB}, settings={"k2": Problem(densities=(0.1, 0.5), batch=9)}, repetitions=5).run,
    Audit: Audit(
        densities=(0.3, 0.5), false_positive=(0.1, 0.1), false_negative=(0.1, 0.1), labels=(5,), repetitions=20
    ).run,
    Synthetic: Synthetic(runs=5, levels=(10, 20)).run,
    Apply: apply_run,
    Encode: Encode(preparation=replace(planted(), dataset=Words(), weak_model=KEPT, strong_model=KEPT)).run,
}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_every_metric_of_a_study_has_title_unit_and_meaning(study: type) -> None:
    recorder = Recorder()
    STUDIES[study](recorder)
    assert recorder.metrics
    for name in recorder.metrics:
        metric = describe(name)
        assert metric is not None, f"{name} is in no line of w2s/results/metrics.csv"
        assert metric.title
        assert metric.unit
        assert metric.explanation


def test_every_study_of_the_configuration_is_among_them() -> None:
    files = (CONF / "study").glob("*.yaml")
    targets = {yaml.safe_load(file.read_text(encoding="utf-8"))["_target_"].rsplit(".", 1)[-1] for file in files}
    assert targets <= {study.__name__ for study in STUDIES}


def test_the_entries_for_models_are_of_those_that_transfer_records() -> None:
    recorder = Recorder()
    STUDIES[Transfer](recorder)
    assert all(f"{name}/accuracy" in recorder.metrics for name in MODELS)
