"""A long sweep takes no more memory at its end than near its beginning."""

from __future__ import annotations

import numpy as np
import pytest

JOBS, FIRST = 90, 30
"""The first jobs still import things."""
MOST = 0.05
"""Megabytes a job; what kept the configurations of all jobs grew by .2."""


@pytest.mark.slow
def test_memory_stays_flat_over_the_jobs_of_a_sweep(sweeps) -> None:
    done = sweeps.run(f"seed=range(0,{JOBS})", "launcher=serial")
    assert done.returncode == 0, done.stderr
    memory = [int(line) / 2**20 for line in (sweeps.folder / "journal-memory").read_text().splitlines()]
    assert len(memory) == JOBS
    later = memory[FIRST:]
    assert np.polyfit(range(len(later)), later, 1)[0] < MOST, later
