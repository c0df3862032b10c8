"""MLflow: a server, or its store of plain files."""

from __future__ import annotations

import importlib.util
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from w2s.results.catalogue import describe
from w2s.tracker.none import NoTracker

if TYPE_CHECKING:
    import pandas as pd

STORE = "mlruns"
QUIET = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""What MLflow reads from the environment, where a user has not said otherwise: a server that hangs holds up no run."""
MOST_AT_ONCE = 100
"""Parameters that MLflow takes in one call."""
LONGEST = 500
"""Characters of a parameter."""


@dataclass(kw_only=True)
class MLflowTracker(NoTracker):
    """An MLflow run for each run, with its settings as parameters, and tables and figures as artifacts."""

    uri: str | None = None
    """Of the server or store; None: MLFLOW_TRACKING_URI, else the folder `mlruns`."""
    project: str = "w2s"
    """The experiment, as MLflow calls it."""
    _client: Any = field(default=None, init=False, repr=False)
    _run: str = field(default="", init=False, repr=False)

    @classmethod
    def destination(cls) -> str:
        """Where the numbers of a run go, in words."""
        here = importlib.util.find_spec("mlflow") is not None
        return (
            "MLflow: at tracker.uri, MLFLOW_TRACKING_URI or in mlruns"
            if here
            else "not installed: pip install 'w2s[mlflow]'"
        )

    def __enter__(self) -> Self:
        """Begin the run.

        Raises:
            ImportError: the extra is not installed: pip install 'w2s[mlflow]'.
        """
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient
        from mlflow.entities import Param

        self._client = MlflowClient(self.uri or os.environ.get("MLFLOW_TRACKING_URI") or STORE)
        tags = {"group": self.group, "id": self.run_id, "study": self.job_type, "setting": self.setting}
        self._run = self._client.create_run(self._experiment(), run_name=self.name, tags=tags).info.run_id
        settings = [Param(accepted(key), str(value)[:LONGEST]) for key, value in flat(self.config).items()]
        for start in range(0, len(settings), MOST_AT_ONCE):
            self._client.log_batch(self._run, params=settings[start : start + MOST_AT_ONCE])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the run; after an exception it is marked as failed."""
        if self._run:
            self._client.set_terminated(self._run, "FINISHED" if kind is None else "FAILED")

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Metrics; those of the end have no step of their own."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        rows = [Metric(accepted(name), value, now, step or 0) for name, value in metrics.items()]
        for start in range(0, len(rows), MOST_AT_ONCE):
            self._client.log_batch(self._run, metrics=rows[start : start + MOST_AT_ONCE])

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """The table as an artifact that MLflow shows."""
        self._client.log_text(self._run, frame.to_csv(index=False), f"tables/{name}.csv")

    def image(self, name: str, path: Path) -> None:  # noqa: ARG002  the file has its name
        """The figure as an artifact."""
        self._client.log_artifact(self._run, str(path), "figures")

    def note(self, text: str) -> None:
        """What was found, as the run's description."""
        self._client.set_tag(self._run, "mlflow.note.content", text)

    def _experiment(self) -> str:
        """The experiment's id; of jobs that begin together one makes it."""
        from mlflow.exceptions import MlflowException

        known = self._client.get_experiment_by_name(self.project)
        if known is None:
            try:
                return str(self._client.create_experiment(self.project))
            except MlflowException:
                known = self._client.get_experiment_by_name(self.project)
                if known is None:
                    raise
        return str(known.experiment_id)


def accepted(name: str) -> str:
    """A name that MLflow takes. Its store makes folders of what stands before a slash, so no metric may be one: gain.low."""
    first, *rest = re.sub(r"[^\w\-. /:]", "_", name).split("/")
    return (("." if describe(first) else "/").join([first, ".".join(rest)])) if rest else first


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted key -> value."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        below = flat(value) if isinstance(value, Mapping) and value else None
        found |= {str(key): value} if below is None else {f"{key}.{name}": part for name, part in below.items()}
    return found
