"""What a run found, as a few lines of text that terminal and page share: the gain in points comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from w2s.report.families import ARTIFICIAL
from w2s.report.tables import with_ends
from w2s.results.catalogue import CONTROLS, MODELS, metric_of
from w2s.results.metric import Metrics
from w2s.results.schema import Fact, RunResults

SOURCES_SHOWN = 8
CONFIDENT = CONTROLS["random_non_hard"]
CONTROLS_OF = {
    "student": ("permuted/accuracy", "permuted labels {}"),
    "ceiling": ("gold/accuracy", "on weak_train {}"),
}
"""Model -> the metric that its accuracy is compared with, and how that is said."""


@dataclass(frozen=True)
class Line:
    """One line of the result."""

    topic: str
    """Part of the study: transfer, overlap, detection, mixing, selection, sources."""
    label: str
    value: str
    interval: str = ""
    """95 % interval, or empty."""
    remark: str = ""


def headline(metrics: Metrics, facts: Mapping[str, Fact] | None = None) -> list[Line]:
    """The lines that `metrics` (the flat metrics of `results.json`) have something to say for, in reading order."""
    parts = (_transfer, _overlap, _detection, _mixing, _selection)
    artificial = str((facts or {}).get("sources", "")).startswith(ARTIFICIAL)
    return [*(line for part in parts for line in part(metrics)), *_sources(metrics, artificial=artificial)]


def shown(metrics: Metrics, name: str) -> str:
    """A metric's value with its unit; differences with their sign."""
    metric = metric_of(name)
    value = metrics.get(name)
    unit = f" {metric.unit}" if value is not None and metric.unit in ("%", "points") else ""
    return f"{metric.text(value, sign=metric.unit == 'points')}{unit}"


def bounds(metrics: Metrics, name: str) -> str:
    """The interval `name/low` to `name/high`, or nothing where there is none."""
    _, low, high = with_ends(metrics, name)
    metric = metric_of(name)
    return "" if low is None or high is None else f"{metric.text(low)} to {metric.text(high)}"


def _line(metrics: Metrics, topic: str, name: str, label: str, remark: str = "") -> Iterator[Line]:
    """The line of one metric with its interval, where it was recorded."""
    if name in metrics:
        yield Line(topic, label, shown(metrics, name), bounds(metrics, name), remark)


def _remark(metrics: Metrics, name: str, words: str) -> str:
    """What is said of a metric, `{}` being its value, or nothing where it is undefined."""
    return "" if metrics.get(name) is None else words.format(shown(metrics, name).lstrip("+"))


def pgr_line(metrics: Metrics) -> Line:
    """PGR with its interval, or why there is none."""
    label = "gap recovered (PGR)"
    if not metrics.get("pgr/defined"):
        below = (metrics.get("ceiling/accuracy") or 0.0) <= (metrics.get("weak/accuracy") or 0.0)
        remark = "the ceiling is not above the weak model: no gap to recover" if below else "the gap is noise"
        return Line("transfer", label, "not defined", remark=remark)
    remark = "" if metrics.get("pgr/precise") else "not precise"
    return Line("transfer", label, shown(metrics, "pgr"), bounds(metrics, "pgr"), remark)


def _transfer(metrics: Metrics) -> Iterator[Line]:
    yield from _line(metrics, "transfer", "gain", "gain, student over weak")
    for name, title in MODELS.items():
        said = [_remark(metrics, *each) for each in ((f"{name}/auroc", "AUROC {}"), CONTROLS_OF.get(name, ("", "")))]
        if metrics.get(f"{name}/cross_fitted") is None or metrics.get(f"{name}/accuracy") is not None:
            yield from _line(metrics, "transfer", f"{name}/accuracy", f"{title}, accuracy", ", ".join(filter(None, said)))
    rest = _remark(metrics, "weak/cross_fitted", "weak model {}")
    yield from _line(metrics, "transfer", "ceiling/cross_fitted", "ceiling, cross-fitted on weak_train", rest)
    if "pgr/defined" in metrics and (metrics["pgr/defined"] is not None or "ceiling/cross_fitted" not in metrics):
        yield pgr_line(metrics)


def _overlap(metrics: Metrics) -> Iterator[Line]:
    rest = f"easy {shown(metrics, 'overlap/easy')}, hard {shown(metrics, 'overlap/hard')}"
    known = metrics.get("overlap/density") is not None
    yield from _line(metrics, "overlap", "overlap/density", "overlap density", rest if known else "")


def _detection(metrics: Metrics) -> Iterator[Line]:
    names = [f"detection/{key}" for key in ("precision", "recall", "auc", "density_bias")]
    rest = ", ".join(f"{metric_of(name).title} {shown(metrics, name)}" for name in names if name in metrics)
    yield from _line(metrics, "detection", "detection/f1", "overlap found, F1", rest)


def _mixing(metrics: Metrics) -> Iterator[Line]:
    control = _remark(metrics, "mixing/random_non_hard/balanced", f"{CONFIDENT} {{}}")
    yield from _line(metrics, "mixing", "mixing/gain", f"mixing, over {CONFIDENT}", control or "balanced")


def _selection(metrics: Metrics) -> Iterator[Line]:
    control = _remark(metrics, "selection/random_accuracy", "uniform sources {}")
    yield from _line(metrics, "selection", "selection/accuracy", "selection, accuracy", control)
    for name, label, other, words in (
        ("density", "selection, density bought", "regret", "regret {}"),
        ("gain", "selection, over uniform sources", "smallest_difference", "would show from {} on"),
        ("gold_labels", "worth gold labels", "", ""),
    ):
        if metrics.get(f"selection/{name}") is not None:
            yield from _line(metrics, "selection", f"selection/{name}", label, _remark(metrics, f"selection/{other}", words))


def _sources(metrics: Metrics, *, artificial: bool) -> Iterator[Line]:
    """What to take from each source, the largest part first."""
    prefix = "selection/take/"
    taken = {name.removeprefix(prefix): value or 0.0 for name, value in metrics.items() if name.startswith(prefix)}
    kind = "artificial " if artificial else ""
    for source in sorted(taken, key=lambda name: -taken[name])[:SOURCES_SHOWN]:
        remark = f"take {taken[source]:,.0f}, best with chance {shown(metrics, f'selection/best_chance/{source}')}"
        remark += _remark(metrics, f"selection/label_accuracy/{source}", ", {} of its labels right")
        density = f"selection/source_density/{source}"
        yield Line("sources", f"{kind}{source}, density", shown(metrics, density), bounds(metrics, density), remark)
    if len(taken) > SOURCES_SHOWN:
        yield Line("sources", f"and {len(taken) - SOURCES_SHOWN} more {kind}sources", "", remark="in sources.parquet")


def left_out(skipped: Mapping[str, str]) -> list[tuple[str, bool]]:
    """What was not computed and why, one text a reason, and whether it is a whole part of the study."""
    parts: dict[tuple[str, bool], list[str]] = {}
    for part, reason in skipped.items():
        parts.setdefault((reason, "/" not in part), []).append(part)
    return [(f"not measured: {', '.join(names)} ({reason})", whole) for (reason, whole), names in parts.items()]


def subtitle(results: RunResults) -> str:
    """Which run it is, in one line."""
    name = results.experiment or results.study
    return " · ".join(part for part in (name, results.setting, f"seed {results.seed}") if part)
