"""Seconds, memory and page size of the report over made-up runs: `python -m benchmarks.report [RUNS]` (10,000 by default).

Where Chromium and Playwright are installed also how long the page takes to load and its table of runs to filter. Each run
has the metrics, configuration and points of a real one: 500 pool and 500 test points, some forty settings.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from w2s.report.load import load_results
from w2s.report.sweep_page import report
from w2s.results.files import checksum

SEEDS = 10
N = 500


def config(setting: int, seed: int) -> dict[str, Any]:
    """About sixty settings, nested as a real configuration is."""
    part = {"_target_": "w2s.model.Model", "learner": {"_target_": "w2s.model.LogisticProbe", "C": 1.0, "scale": "none"}}
    options = {f"option_{k}": k * 0.5 for k in range(40)}
    groups = {"dataset": {"_target_": "w2s.dataset.Digits", "pool": 600}, "weak_model": part, "strong_model": part}
    detector = {"_target_": "w2s.detector.MaxAbsCosine", "quantile": setting / 1000}
    preparation = {**groups, "detector": detector, "seed": seed}
    return {
        "seed": seed,
        **groups,
        "detector": detector,
        "preparation": preparation,
        "study": {"preparation": preparation, **options},
    }


def write(folder: Path, k: int, ids: list[str], labels: Any) -> None:
    """One made-up finished run (every 200th failed)."""
    setting, seed = divmod(k, SEEDS)
    draw = np.random.default_rng(k)
    folder.mkdir(parents=True)
    hit = {name: draw.random(N) < share for name, share in {"weak": 0.75, "student": 0.8, "ceiling": 0.9}.items()}
    predictions = {name: np.where(right == (labels == 1), 0.9, 0.1) for name, right in hit.items()}
    gains = {f"{study}_gain": draw.integers(-8, 9, N) / 8 for study in ("mixing", "selection")}
    test = pd.DataFrame({"id": ids, "split": "test", "label": labels, "region": "easy", **predictions, **gains})
    pool = pd.DataFrame(
        {"id": ids, "split": "pool", "label_weak": labels, "p_0": 0.5, "p_1": 0.5, "confidence": draw.random(N)}
    )
    points = pd.concat([pool, test], ignore_index=True).astype({"label": "Int64", "label_weak": "Int64"})
    points.to_parquet(folder / "points.parquet", index=False)
    metrics = {f"mixing/{p / 10:.1f}": float(draw.random()) for p in range(11)}
    metrics |= {f"{name}/accuracy": float(right.mean()) for name, right in hit.items()} | {
        "overlap/density": float(draw.random())
    }
    metrics |= {f"extra/{name}": float(draw.random()) for name in range(40)} | {
        "gain": 0.05,
        "mixing/gain": float(gains["mixing_gain"].mean()),
        "selection/gain": float(gains["selection_gain"].mean()),
    }
    failed = k % 200 == 199
    results = {
        "format": 2,
        "status": "failed" if failed else "ok",
        "error": "DataError: made up" if failed else None,
        "study": "full",
        "signature": f"{setting:012x}",
        "seed": seed,
        "attempt": 1,
        "setting": f"digits detector {setting}",
        "dataset": f"digits{setting % 7}",
        "metrics": {} if failed else metrics,
        "skipped": {},
        "notes": [],
        "facts": {"points/pool": N, "points/test": N},
        "seconds": {"data": 1.0, "transfer": 0.5},
        "config": config(setting, seed),
        "overrides": [f"seed={seed}", f"detector.quantile={setting / 1000}"],
        "choices": {"dataset": f"digits{setting % 7}"},
        "versions": {"w2s": "0.1.0", "numpy": np.__version__},
        "git": None,
        "files": {"points.parquet": checksum((folder / "points.parquet").read_bytes())},
        "command": f"python -m w2s.main seed={seed} detector.quantile={setting / 1000}",
    }
    (folder / "results.json").write_text(json.dumps(results, indent=2), encoding="utf-8")


def write_all(root: Path, n_runs: int) -> None:
    """Made-up runs, ten seeds a setting."""
    ids, labels = [f"point-{k}" for k in range(N)], np.random.default_rng(0).integers(0, 2, N)
    for k in range(n_runs):
        write(root / f"{k // SEEDS:05d}-s{k % SEEDS}", k, ids, labels)


FILTER = """() => ["d", "digits", "digits detector 77", "ok 3", ""].map((words) => {
  const box = document.querySelector("#runs input"), start = performance.now();
  box.value = words; box.dispatchEvent(new Event("input")); document.body.offsetHeight;
  return performance.now() - start;
})"""


def slowest_filter(tab: Any) -> float:
    """Milliseconds of the slowest of some filters of the table of runs, in a page that Playwright has opened."""
    return float(max(tab.evaluate(FILTER)))


def main() -> None:
    """Write the runs, then measure."""
    n_runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        with clock(f"{n_runs} runs made up"):
            write_all(root, n_runs)
        with clock("load_results"):
            load_results(root)
        with clock("report"):
            page = report([root])
        print(f"{'page':24} {page.stat().st_size / 1e6:7.2f} MB")
        browse(page)
    print(f"{'peak memory':24} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:7.0f} MB")


def browse(page: Path) -> None:
    """Load and filter the page in Chromium, where there is one."""
    binary = shutil.which("chromium")
    if binary is None or importlib.util.find_spec("playwright") is None:
        print("no Chromium with Playwright: the page was not opened")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        with clock("page loaded"):
            tab.goto(page.as_uri())
        print(f"{'slowest filter':24} {slowest_filter(tab):7.0f} ms")
        browser.close()


@contextmanager
def clock(what: str) -> Iterator[None]:
    """Print wall-clock and processor seconds; they differ where the machine is shared."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    print(f"{what:24} {time.perf_counter() - wall:7.1f} s, processor {time.process_time() - processor:7.1f} s", flush=True)


if __name__ == "__main__":
    main()
