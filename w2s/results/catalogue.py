"""The table of all metrics that the package's studies record: `metrics.csv`, a line for each, in reading order.

A `{name}` in a pattern stands for one part of a metric's name: a source, a detector, a number of labels. The ends `/low`
and `/high` of a 95 % interval belong to the metric before them. The columns are the fields of `Metric`, an empty cell being
the default; `independent_of` names one of `INDEPENDENT_OF`, and a metric without one is its study's own.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from w2s.results.metric import Metric, Prominence

TABLE = Path(__file__).with_name("metrics.csv")
ENDS = ("/low", "/high")
PART = re.compile(r"(\{\w+\})")
VARYING = {"source": ".+", "share": r"\d\.\d+"}
"""What may stand for a part that varies, where that is not any text without a slash."""
INDEPENDENT_OF = {
    "weak": ("detector", "policy", "study", "strong_model", "learner", "probe", "labels", "loss", "refiner"),
    "student": ("detector", "policy", "study"),
    "partition": ("policy", "study"),
    "mixing": ("policy", "study.selection", "study.transfer"),
    "selection": ("study.mixing", "study.transfer"),
}
"""Word in the table -> beginnings of the settings that the weak model, a student on all weak labels, the pool's partition,
or a student of the study of that name cannot depend on."""
READ: dict[str, Callable[[str], Any]] = {
    "independent_of": INDEPENDENT_OF.__getitem__,
    "interval": {"yes": True}.__getitem__,
    "lower_is_better": {"yes": True}.__getitem__,
    "shown": lambda word: Prominence[word.upper()],
    "places": int,
}
"""Column of the table -> what makes a cell into a value, where it is no text."""
MODELS = {"weak": "weak model", "student": "student", "ceiling": "ceiling"}
"""Name in metrics -> title."""
CONTROLS = {
    "random": "any points",
    "random_non_hard": "confident points",
    "most_confident": "surest points",
    "easy": "easy points",
    "accuracy_matched": "equally right labels (oracle)",
    "true_labels": "overlap, true labels (oracle)",
    "gold": "gold labels",
}
"""Subset of the mixing study that overlap is held against -> title."""


def _entries() -> Iterator[Metric]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            given = {name: READ.get(name, str)(cell) for name, cell in row.items() if cell}
            yield Metric(**given, own="independent_of" not in given)


METRICS = tuple(_entries())
"""In reading order."""


@functools.cache
def describe(name: str) -> Metric | None:
    """The entry of a metric, also of an end of its interval; None of one that no study of the package records."""
    for candidate in dict.fromkeys((base_of(name), name)):
        for expression, metric in _expressions():
            if found := expression.fullmatch(candidate):
                return replace(metric, title=metric.title.format(**found.groupdict()))
    return None


def metric_of(name: str) -> Metric:
    """The entry of a metric; one that a study from elsewhere records goes by its name."""
    return describe(name) or Metric(name, name, "none", "Recorded by a study from elsewhere.", "other", own=True, places=4)


def base_of(name: str) -> str:
    """The metric that `name` is, or is an end of the interval of."""
    return next((name.removesuffix(end) for end in ENDS if name.endswith(end)), name)


@functools.cache
def _expressions() -> list[tuple[re.Pattern[str], Metric]]:
    """What each entry matches, entries without a part that varies first."""
    ordered = sorted(METRICS, key=lambda metric: "{" in metric.pattern)
    return [(re.compile("".join(map(_expression, PART.split(metric.pattern)))), metric) for metric in ordered]


def _expression(part: str) -> str:
    if not PART.fullmatch(part):
        return re.escape(part)
    name = part.strip("{}")
    return f"(?P<{name}>{VARYING.get(name, '[^/]+')})"
