"""One process per GPU of this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn

from w2s.cli.sweep.launchers import Begin, PreparedLauncher, announced, failed_job
from w2s.utils.ranges import Count

log = logging.getLogger(__name__)


class LocalGpusLauncher(PreparedLauncher):
    """Fixed slots, each a process that sees one device alone; goes on after failures, also of a whole process."""

    def __init__(self, devices: Sequence[int | str] | None = None, jobs_per_device: Count = 1) -> None:
        self.devices = devices
        self.jobs_per_device = jobs_per_device

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; each has an answer, whatever happened to its process.

        Raises:
            ConfigError: no device is named and none is visible, or no slot is left.
        """
        from w2s.cli.sweep.process_slots import Died, run_in_slots

        slots = [{"CUDA_VISIBLE_DEVICES": device} for device in self.slots()]
        log.info("%d jobs in %d slots: devices %s", len(job_overrides), len(slots), ", ".join(self.slots()))
        begin = Begin(self.hydra_context, self.config, self.task_function, Singleton.get_state())
        answers = run_in_slots(begin, announced(job_overrides, initial_job_idx), slots)
        return [
            failed_job(overrides, str(answer)) if isinstance(answer, Died) else answer
            for overrides, answer in zip(job_overrides, answers, strict=True)
        ]

    def slots(self) -> list[str]:
        """The visible device of each slot: every device in turn, then again."""
        from w2s.errors import require

        devices = visible_devices() if self.devices is None else [str(device) for device in self.devices]
        require(
            bool(devices),
            "launcher=local_gpus: no GPU is visible.\nName slots, hydra.launcher.devices=[0,1], or say launcher=joblib.",
        )
        return devices * self.jobs_per_device


def visible_devices() -> list[str]:
    """What CUDA_VISIBLE_DEVICES names, or all GPUs of the machine."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [device.strip() for device in named.split(",") if device.strip() not in {"", "-1"}]
    import torch

    return [str(k) for k in range(torch.cuda.device_count())]
