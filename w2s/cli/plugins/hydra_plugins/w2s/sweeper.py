"""A sweep that checks first, resumes, survives its failures and says how to mend them."""

from __future__ import annotations

from collections.abc import Sequence

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.utils import JobReturn


class ResumingSweeper(BasicSweeper):
    """Hydra's basic sweeper, but nothing is launched before all is checked, and nothing finished is run again."""

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Hand over to `w2s.cli.multirun`."""
        from w2s.cli.multirun import run_sweep

        assert self.config is not None
        assert self.hydra_context is not None
        assert self.launcher is not None
        return run_sweep(
            arguments,
            params=self.params,
            batch=self.max_batch_size,
            config=self.config,
            context=self.hydra_context,
            launcher=self.launcher,
        )
