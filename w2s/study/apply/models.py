"""What a run left in `fitted/`, read back and asked about new points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from w2s.errors import DataError, StoreError, require
from w2s.model.model import FittedModel
from w2s.model.representation import features_of
from w2s.pool.handover import Handover
from w2s.protocols import FittedDetector
from w2s.results.files import FITTED
from w2s.store import Store
from w2s.store.fitted import load_fitted
from w2s.types import Evidence, FloatArray, Inputs, Partition
from w2s.utils.numerics import steady
from w2s.utils.reading import located

PARTS = ("pool", "weak_model", "detector", "student")
"""Names of what is read."""
ADVICE = "A single run with study=full or study=transfer leaves all of it; a sweep's job with keep_fitted=true."


@dataclass(frozen=True)
class Answers:
    """What is said of n new points."""

    weak: FloatArray
    """(n, C)"""
    student: FloatArray
    """(n, C)"""
    partition: Partition


@dataclass(frozen=True)
class Models:
    """All that a run fitted."""

    pool: Handover
    weak_model: FittedModel
    detector: FittedDetector
    student: FittedModel

    def answer(self, inputs: Inputs) -> Answers:
        """Label, read and partition n points: each row as the run did, whatever other rows there are.

        Raises:
            DataError: the points have other features than those that the run knew.
        """
        width = 0 if inputs.features is None else inputs.features.shape[1]
        known = self.pool.width
        require(width == known, f"the rows have {width} feature columns, and the run was fitted on {known}.", DataError)
        weak_model, student = self.weak_model.apart(), self.student.apart()
        read = weak_model.read(inputs)
        weak = steady(weak_model.fitted.predict, read)
        strong = inputs.with_features(student.encoder.encode(inputs))
        if self.detector.features == "student":
            seen = steady(student.fitted.represent, strong)
        else:
            frozen = strong if student is self.student else strong.with_features(self.student.encoder.encode(inputs))
            seen = features_of(frozen)
        evidence = Evidence(seen, steady(weak_model.fitted.represent, read), weak, self.pool.seed)
        return Answers(weak, steady(student.fitted.predict, strong), self.detector.partition(evidence))


def fitted_folder(run: str | None) -> Path:
    """Where a run left what it fitted; `run` may be that folder itself.

    Raises:
        StoreError: there is no such folder, or something is missing in it.
    """
    require(bool(run), "study=apply applies what a run fitted: say study.fitted=outputs/RUN, the folder of that run.")
    place = located(str(run), "study.fitted", StoreError)
    require(place.is_dir(), f"study.fitted={run}: there is no such folder.", StoreError)
    folder = place / FITTED if (place / FITTED).is_dir() else place
    there = {file.stem for file in folder.glob("*.json")}
    require(bool(there & set(PARTS)), f"study.fitted={run}: no run left fitted models there.\n{ADVICE}", StoreError)
    if "pool" not in there:
        raise StoreError(f"study.fitted={run}: an earlier version left no summary of its pool. Repeat the run.")
    lacking = next((name for name in PARTS if name not in there), None)
    require(lacking is None, f"study.fitted={run}: the run left no {lacking}.\n{ADVICE}", StoreError)
    return folder


def load_handover(folder: Path) -> Handover:
    """How the run's pool was read and spread.

    Raises:
        StoreError: it is damaged, or something else.
    """
    pool: Handover = _kind_of(load_fitted(folder, "pool"), Handover, folder, "pool")
    return pool


def load_models(folder: Path, allowed: Sequence[str], store: Store) -> Models:
    """All that the run fitted; vectors of pretrained encoders are kept in `store`.

    Raises:
        StoreError: a file is damaged, of another version, or names a class that may not be built.
    """
    weak, student = (
        _kind_of(load_fitted(folder, name, allowed), FittedModel, folder, name) for name in ("weak_model", "student")
    )
    detector = _kind_of(load_fitted(folder, "detector", allowed), FittedDetector, folder, "detector")
    weak, student = (_placed(model, store) for model in (weak, student))
    return Models(load_handover(folder), weak, detector, student)


def _kind_of(value: Any, kind: type[Any], folder: Path, name: str) -> Any:
    wanted = isinstance(value, kind)
    require(wanted, f"{folder / name}.json holds a {type(value).__name__} and no {kind.__name__}.", StoreError)
    return value


def _placed(value: Any, store: Store) -> Any:
    """What was fitted, with the vectors of all encoders in it, fine-tuned ones too, in `store`."""
    if isinstance(value, tuple):
        return tuple(_placed(part, store) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    old = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    new = {name: store if name == "store" else _placed(part, store) for name, part in old.items()}
    moved = {name: part for name, part in new.items() if isinstance(old[name], tuple) or part is not old[name]}
    return replace(value, **moved) if moved else value
