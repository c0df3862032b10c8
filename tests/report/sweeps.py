"""Sweeps as tables: the runs of settings that differ in chosen ways, without a folder behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from w2s.report.families import Family, families
from w2s.report.naming import Setting

Values = Mapping[str, Sequence[float | None]]
"""Metric -> its value by seed."""


def family(values: Mapping[str, Values], *, sources: str = "", dataset: str = "digits") -> Family:
    """The family of settings named `detector policy`, each with its metrics by seed."""
    settings, rows = {}, []
    for name, metrics in values.items():
        detector, policy = name.split()
        choices = {"detector": detector, "policy": policy}
        config = {"dataset.path": dataset, "detector.kind": detector, "policy.kind": policy, "study.mixing.draws": 8}
        settings[name] = Setting(name, name, "full", dataset, choices, config, sources)
        for seed in range(max(map(len, metrics.values()))):
            cells = {metric: known[seed] for metric, known in metrics.items() if seed < len(known)}
            rows.append({"study": "full", "dataset": dataset, "signature": name, "setting": name, "seed": seed, **cells})
    (found,) = families(pd.DataFrame(rows), settings)
    return found
