"""The table of the metrics of study=apply."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from w2s.results.metric import Metric


def applied() -> Iterator[Metric]:
    """Metrics of what a run fitted, applied to new rows."""
    metric = partial(Metric, topic="new rows", own=True)
    yield metric(
        "apply/rows", "new rows", "count", "Rows of the parts that this job knows: all of them once the last is there."
    )
    yield metric("apply/computed", "rows computed", "count", "Rows that this job answered; the others were answered before.")
    words = "Rows answered in a second of this job, models loaded and files written."
    yield metric("apply/rows_per_second", "rows a second", "count", words)
    for name in ("overlap", "easy", "hard"):
        yield metric(
            f"apply/{name}", f"new rows, {name}", "%", f"Share of the new rows that the run's detector calls {name}."
        )
    words = "Share of the new rows on which student and weak model give the same class."
    yield metric("apply/agreement", "student and weak model agree", "%", words)
    words = "0 for none, at most 1: KS distance of confidence or score to the pool's, Cramer's V of what has names."
    yield metric("apply/drift/{what}", "drift of {what}", "none", words, places=3)
    words = "p-value of that difference: of many rows a tiny one is significant, so look at its size."
    yield metric("apply/drift/{what}/p", "drift of {what}, p", "none", words, places=3)
