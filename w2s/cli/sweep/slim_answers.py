"""What a job's answer need not carry."""

from __future__ import annotations

from typing import Any

from hydra.core.utils import JobReturn
from hydra.experimental.callback import Callback
from omegaconf import DictConfig


class SlimAnswers(Callback):
    """Leaves both configurations out of each job's answer: a sweep keeps all answers, and none is asked for them."""

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **kwargs: Any) -> None:  # noqa: ARG002
        """Let them go."""
        job_return.cfg = job_return.hydra_cfg = None
