"""Whether the jobs of a cluster ask for a GPU, where their launcher leaves that to what they compute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.build import build_study, study_parts
from w2s.errors import W2SError
from w2s.model.checkpoint.hub import weight_bytes
from w2s.model.encoder.settings import EncoderSettings
from w2s.protocols import TrainsRepresentation

AUTO = "auto"
NONE = {"gpus_per_node": None, "remote.num_gpus": 0}
"""Where a launcher's node says how many GPUs a job has, Slurm's and Ray's, and what says none there."""
BIG = 2 * 10**9
"""Bytes of weights from which on reading a network wants a GPU."""
BIG_TO_TRAIN = 2 * 10**8
"""Bytes of weights from which on training it does."""


def weights_on_gpu(config: DictConfig) -> int:
    """Bytes of the largest network of a job for which a processor is too slow; 0 where there is none.

    A checkpoint whose size cannot be looked up, a hub that does not answer for one, counts as small.
    """
    parts = [part for _, part in study_parts(build_study(config))]
    least = BIG_TO_TRAIN if any(isinstance(part, TrainsRepresentation) for part in parts) else BIG
    read = [part for part in parts if isinstance(part, EncoderSettings) and part.device != "cpu"]
    return max((size for size in map(_size, read) if size > least), default=0)


def _size(encoder: EncoderSettings) -> int:
    try:
        return weight_bytes(encoder.checkpoint)
    except (W2SError, OSError):  # the job itself says what is wrong
        return 0


def with_gpus(launcher: Any, jobs: Iterable[DictConfig]) -> dict[str, Any]:
    """A launcher's node as plain values, where `auto` is one GPU if any of the jobs wants it, else none."""
    node = OmegaConf.create(OmegaConf.to_container(launcher, resolve=True) if OmegaConf.is_config(launcher) else launcher)
    open_places = [place for place in NONE if OmegaConf.select(node, place) == AUTO]
    if open_places:
        wanted = any(weights_on_gpu(job) for job in jobs)
        for place in open_places:
            OmegaConf.update(node, place, 1 if wanted else NONE[place])
    plain = OmegaConf.to_container(node, resolve=True)
    assert isinstance(plain, dict), "a launcher's node is a mapping"
    return {str(key): value for key, value in plain.items()}
