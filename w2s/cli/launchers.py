"""Where the jobs of a command run, and what a cluster would be handed."""

from __future__ import annotations

import json
from typing import Any

from omegaconf import DictConfig, OmegaConf

from w2s.errors import require

OURS = "hydra_plugins.w2s."
"""Launchers of the package: each runs the jobs of a sweep, and nothing else."""
ELSEWHERE = ("slurm", "ray")
"""Those of them whose jobs may run on other machines."""


def check_launcher(config: DictConfig, *, multirun: bool) -> None:
    """Refuse a launcher of sweeps for a single run, which it would never see.

    Raises:
        ConfigError: naming what to add.
    """
    name = launcher_of(config)
    require(multirun or not name, f"launcher={name} runs the jobs of a sweep: add -m, or leave it out to run here.")


def launcher_of(config: DictConfig) -> str:
    """Which of our launchers runs the jobs; empty for any other."""
    target = str(OmegaConf.select(config, "hydra.launcher._target_") or "")
    return target.removeprefix(OURS).split(".")[0] if target.startswith(OURS) else ""


def runs_here(config: DictConfig) -> bool:
    """Whether jobs run on this machine."""
    return launcher_of(config) not in ELSEWHERE


def submitted(config: DictConfig, jobs: int) -> str:
    """What a cluster would be handed for so many jobs: a script, or what each takes; empty where nothing is."""
    name = launcher_of(config)
    if name not in ELSEWHERE:
        return ""
    node: Any = OmegaConf.to_container(config.hydra.launcher, resolve=True)
    del node["_target_"]
    if name == "slurm":
        from hydra_plugins.w2s.slurm import script

        return f"one array job of {jobs:,}, at most {node['array_parallelism']} at a time:\n{script(node, jobs)}"
    cluster = node["init"].get("address") or "a cluster on this machine for the sweep"
    return f"{jobs:,} tasks on {cluster}; each takes {json.dumps(node['remote'])}"
