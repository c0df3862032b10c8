"""Weights & Biases, on a short leash: it may be absent, refuse, hang or die, and the run still ends normally.

One W&B run per run of the package: group = signature, id = signature-seed-attempt, job type = study. Final metrics are the
run's summary, so that they equal `results.json` to the last digit; series are history rows with their own step metric.
"""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from w2s.identity import identity
from w2s.tracker.none import NoTracker
from w2s.tracker.wandb_service import end_service, forget_tables, within, without_import_hooks
from w2s.utils.ranges import Positive, checked

if TYPE_CHECKING:
    import pandas as pd
    import wandb

log = logging.getLogger(__name__)
SYNC = log.getChild("sync")
"""Says that a run stays on disk, and how to send it; jobs of a sweep disable it."""

T = TypeVar("T")

AXES = ("/share", "/round")
"""A metric of such an ending is the axis that its step is drawn over; without one it is the number of the step."""
KINDS = {"string": str, "boolean": bool, "integer": int, "floating": float, "mixed-integer-float": float, "empty": str}
"""What pandas finds in a column -> the type it is declared with; one without a value counts as text."""
AT_ONCE = 0.1
"""Seconds that a call may take without counting as a wait."""
SHORTEST = 1.0
"""Seconds that every call is given."""
ONLINE, OFFLINE = 0.5, 0.9
"""Shares of the patience left that beginning a run may take."""


@identity(runtime=("project", "entity", "mode", "tags", "notes", "patience"))
@dataclass(kw_only=True)
@checked
class WandbTracker(NoTracker):
    """Sends a run to Weights & Biases, or keeps it on disk for `wandb sync`, below its folder or in WANDB_DIR."""

    project: str | None = None
    """None: WANDB_PROJECT, else `w2s`."""
    entity: str | None = None
    """User or team; None: WANDB_ENTITY, else the key's default."""
    mode: Literal["auto", "online", "offline", "disabled"] = "auto"
    """`auto`: WANDB_MODE, else online with a key and offline without one."""
    tags: tuple[str, ...] = ()
    """Labels to filter by; empty: WANDB_TAGS."""
    notes: str | None = None
    """Free text; None: WANDB_NOTES."""
    patience: Positive = 15.0
    """Seconds that all waits of a run may take together; then W&B is given up, and the run goes on without it."""
    _unreachable: ClassVar[bool] = False
    """Whether the server failed an earlier run of this process; a sweep waits for it once."""
    _run: Any = field(default=None, init=False, repr=False)
    _series: set[str] = field(default_factory=set, init=False, repr=False)
    _left: float = field(default=0.0, init=False, repr=False)
    """Seconds of patience left."""

    def __post_init__(self) -> None:
        self._left = self.patience

    @classmethod
    def destination(cls) -> str:
        """Where the numbers of a run go, in words."""
        return "W&B: a key is there" if has_key() else "W&B: no key, so runs stay offline (wandb login)"

    def __enter__(self) -> Self:
        """Begin the W&B run; when the server does not answer, begin it offline and say so."""
        mode = self.mode if self.mode != "auto" else os.environ.get("WANDB_MODE") or "auto"
        if mode == "disabled":
            return self
        try:
            import wandb  # noqa: F401  before any wait is timed
        except Exception as error:  # noqa: BLE001  a broken installation fails no run
            log.warning("W&B cannot be imported (%s: %s), so nothing is tracked.", type(error).__name__, error)
            return self
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # its exit hook would wait for a server that hangs
        if mode not in ("offline", "dryrun") and not WandbTracker._unreachable and (mode != "auto" or self._has_key()):
            failure = "could not begin online, so this and later runs of this process stay offline"
            self._run = self._attempt(failure, partial(self._begin, "online", self._left * ONLINE), ONLINE)
            WandbTracker._unreachable = self._run is None
        if self._run is None:
            begin = partial(self._begin, "offline", self._left * OFFLINE)
            self._run = self._attempt("could not begin offline", begin, OFFLINE)
        without_import_hooks()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the W&B run; after an exception it is marked as failed."""
        run, self._run = self._run, None
        if run is None:
            return
        finished = self._attempt("could not finish", lambda: run.finish(exit_code=0 if kind is None else 1) or True)
        if run.offline or not finished:
            say_how_to_sync(run)
        forget_tables()

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics into the summary, or one step of a series over rounds or shares."""
        if step is None:
            self._send("the metrics", lambda run: run.summary.update(dict(metrics)))
        else:
            self._send("a step", lambda run: self._row(run, metrics, step))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table; missing values are null."""
        self._send(f"the table {name}", lambda run: run.log({name: as_table(frame)}))

    def image(self, name: str, path: Path) -> None:
        """A figure."""
        self._send(f"the figure {name}", lambda run: run.log({name: as_image(path)}))

    def note(self, text: str) -> None:
        """What was found, as the run's notes, behind those that a person gave."""
        self._send("the notes", lambda run: setattr(run, "notes", "\n\n".join(filter(None, (self.notes, text)))))

    def _row(self, run: Any, metrics: Mapping[str, float], step: int) -> None:
        """One history row; each series is tied to its step metric and kept out of the summary, which holds final numbers."""
        axis = next((name for name in metrics if name.endswith(AXES)), "step")
        for name in sorted({axis, *metrics} - self._series):
            self._series.add(name)
            run.define_metric(name, step_metric=None if name == axis else axis, summary="none")
        run.log({"step": step, **metrics} if axis == "step" else dict(metrics))

    def _send(self, what: str, call: Callable[[Any], object]) -> None:
        """Do `call` with the run, where there is one."""
        run = self._run
        if run is not None:
            self._attempt(f"lost {what}", lambda: call(run))

    def _has_key(self) -> bool:
        """Whether there are credentials; said where there are none."""
        known = bool(self._attempt("could not look for a key", has_key))
        if not known:
            SYNC.info("W&B: no key found, so this run stays offline (wandb login, or tracker=none to be silent).")
        return known

    def _begin(self, mode: Literal["online", "offline"], seconds: float) -> Any:
        """Open the W&B run, which may take so many seconds."""
        import wandb

        settings = wandb.Settings(
            init_timeout=seconds, finish_timeout=self.patience, console="off", silent=True, x_save_requirements=False
        )
        run = wandb.init(
            project=self.project or os.environ.get("WANDB_PROJECT") or "w2s",
            entity=self.entity,
            group=self.group,
            name=self.name,
            id=self.run_id,
            job_type=self.job_type,
            tags=self.tags or None,
            notes=self.notes,
            config={**self.config, "setting": self.setting},
            dir=os.environ.get("WANDB_DIR") or self.folder,
            mode=mode,
            resume="allow" if mode == "online" else None,
            reinit="create_new",
            settings=settings,
        )
        atexit.unregister(end_service)
        atexit.register(end_service)  # before W&B's own exit hook, which waits without a limit
        return run

    def _attempt(self, failure: str, call: Callable[[], T], share: float = 1.0) -> T | None:
        """What `call` returns; what fails is said and never reaches the study. A W&B that does not answer is given up.

        Args:
            failure: what to say where it fails.
            call: what to do.
            share: of the patience left that it may take.
        """
        start = time.monotonic()
        try:
            return within(max(self._left * share, SHORTEST), call)
        except Exception as error:  # noqa: BLE001  a tracker may fail in any way, and never fails the run
            log.warning("W&B %s (%s: %s). All numbers are in %s.", failure, type(error).__name__, error, self.folder)
            if isinstance(error, ConnectionError | TimeoutError) or failure.startswith("could not"):
                if self._run is not None:
                    say_how_to_sync(self._run)
                self._run = None
                end_service()
            return None
        finally:
            self._left = max(0.0, self._left - max(0.0, time.monotonic() - start - AT_ONCE))


def as_table(frame: pd.DataFrame) -> wandb.Table:
    """W&B's table of a frame. Columns of one kind are declared, else W&B looks at every cell, the longest part of a job."""
    import wandb
    from pandas.api.types import infer_dtype

    columns: list[Any] = [str(column) for column in frame.columns]
    rows: list[Any] = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    kinds = [KINDS.get(infer_dtype(frame[column], skipna=True)) for column in frame.columns]
    if None in kinds:
        return wandb.Table(columns=columns, data=rows)
    table = wandb.Table(columns=columns, dtype=kinds)
    table.data = rows
    return table


def as_image(path: Path) -> wandb.Image:
    """W&B's image of a file."""
    import wandb

    return wandb.Image(str(path))


def say_how_to_sync(run: Any) -> None:
    """Where the run lies on disk, and the command that sends it."""
    SYNC.info("W&B: this run is on disk; send it with: wandb sync %s", run.settings.sync_dir)


def has_key() -> bool:
    """Whether W&B finds credentials (environment, its settings, the netrc file); it asks nobody and no server."""
    import wandb

    return bool(wandb.login(prompt=False, verify=False))
