"""Made-up run folders that keep the contract of what a run leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from w2s.results.files import checksum

N_TEST = 60
SHARES = tuple(k / 10 for k in range(11))


def write_run(
    folder: Path,
    *,
    seed: int = 0,
    signature: str = "aaaa00000000",
    setting: str = "digits paper",
    gain: float = 0.1,
    **fields: Any,
) -> dict[str, Any]:
    """A finished run with points and results; predictions are drawn from `seed`, truth and test ids are shared."""
    folder.mkdir(parents=True)
    labels = np.random.default_rng(0).integers(0, 2, N_TEST)
    draw = np.random.default_rng([seed, int(signature, 16) % 2**32])
    right = {
        name: draw.random(N_TEST) < share for name, share in {"weak": 0.7, "student": 0.7 + gain, "ceiling": 0.95}.items()
    }
    test = {"id": [f"t{k}" for k in range(N_TEST)], "split": "test", "label": labels, "region": "easy"}
    predictions = {name: np.where(hit == (labels == 1), 0.8, 0.2) for name, hit in right.items()}
    confidence = draw.random(80)
    region = np.where(confidence < 0.4, "hard", np.where(draw.random(80) < 0.5, "easy", "overlap"))
    score = np.where(region == "hard", np.nan, np.where(region == "overlap", 0.9, 0.1))
    pool = {"id": [f"p{k}" for k in range(80)], "split": "pool", "confidence": confidence, "score": score, "region": region}
    frame = pd.concat([pd.DataFrame(pool), pd.DataFrame({**test, **predictions})], ignore_index=True)
    frame.astype({"label": "Int64"}).to_parquet(folder / "points.parquet", index=False)
    accuracy = {f"{name}/accuracy": float(hit.mean()) for name, hit in right.items()}
    results: dict[str, Any] = {
        "format": 2,
        "status": "ok",
        "error": None,
        "study": "transfer",
        "experiment": None,
        "signature": signature,
        "seed": seed,
        "attempt": 1,
        "setting": setting,
        "dataset": "digits",
        "metrics": {**accuracy, "gain": accuracy["student/accuracy"] - accuracy["weak/accuracy"], "pgr": None},
        "skipped": {},
        "notes": [],
        "facts": {"data": "made up"},
        "seconds": {"data": 0.5, "transfer": 0.25},
        "config": {"seed": seed, "dataset": {"_target_": "w2s.dataset.Digits"}, "preparation": {"seed": seed}},
        "overrides": [f"seed={seed}"],
        "choices": {"dataset": "digits"},
        "versions": {"w2s": "0.1.0"},
        "git": None,
        "files": {},
        "command": f"python -m w2s.main seed={seed}",
        **fields,
    }
    write_results(folder, results)
    return results


def write_results(folder: Path, results: dict[str, Any]) -> None:
    """Write `results.json`, which names the tables that lie in the folder now."""
    results["files"] = {path.name: checksum(path.read_bytes()) for path in sorted(folder.glob("*.parquet"))}
    (folder / "results.json").write_text(json.dumps(results))


def write_table(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Add a table to a run."""
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    write_results(folder, json.loads((folder / "results.json").read_text()))


def add_metrics(folder: Path, metrics: dict[str, float | None]) -> None:
    """Add metrics to a run."""
    results = json.loads((folder / "results.json").read_text())
    write_results(folder, {**results, "metrics": results["metrics"] | metrics})


def curve(draws: int = 3, lift: float = 0.1) -> pd.DataFrame:
    """A mixing curve that rises by `lift`, with two controls, plain and balanced."""
    shares = [
        {"share": p, "control": f"{p:.1f}", "draw": k, "accuracy": 0.7 + lift * p + k / 100}
        for p in SHARES
        for k in range(draws)
    ]
    names = ("random", "random/balanced", "random_non_hard", "random_non_hard/balanced")
    controls = [
        {"share": np.nan, "control": name, "draw": k, "accuracy": 0.75 + k / 100} for name in names for k in range(draws)
    ]
    return pd.DataFrame([*shares, *controls]).assign(size=40)


def rounds(policies: tuple[str, ...] = ("ucb", "random"), horizon: int = 6) -> pd.DataFrame:
    """A selection run with a policy that buys more overlap than another."""
    parts = []
    for k, policy in enumerate(policies):
        step = np.arange(1, horizon + 1)
        columns = {"n": 10, "n_overlap": 6 - 3 * k, "regret": step * (k + 0.1), "accuracy": 0.7 + step / 100, "source": "a"}
        parts.append(pd.DataFrame({"policy": policy, "round": step, **columns}))
    return pd.concat(parts, ignore_index=True)
