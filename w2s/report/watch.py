"""A sweep that runs in another shell, watched until its last job is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from w2s.errors import DataError
from w2s.results.progress import PLAN, Progress, SweepOnDisk
from w2s.utils.text import for_terminal

POLL_SECONDS = 2.0
MOST_RUNNING = 12
"""Running jobs that are listed."""


def watch(folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Print how far the sweep in a folder is: on a terminal in place, elsewhere a line whenever it has changed.

    Args:
        folder: of a sweep, or one that holds the folders of several, of which the latest is watched.
        sleep: waits so many seconds.

    Raises:
        DataError: no sweep has begun there.
    """
    from rich.console import Console
    from rich.live import Live

    console = Console()
    sweep = SweepOnDisk(latest(folder))
    console.print(for_terminal(f"{sweep.folder}: {len(sweep.jobs)} jobs", "bold"), soft_wrap=True)
    if not console.is_terminal:
        for progress in until_over(sweep, sleep):
            console.print(for_terminal(str(progress)))
        return
    with Live(console=console, auto_refresh=False) as live:
        for progress in until_over(sweep, sleep, always=True):
            live.update(for_terminal("\n").join(map(for_terminal, lines(progress))), refresh=True)


def latest(folder: Path) -> Path:
    """The folder itself, or the one below it in which a sweep began last."""
    if (folder / PLAN).is_file():
        return folder
    below = sorted(folder.glob(f"*/{PLAN}"), key=lambda path: path.stat().st_mtime)
    return below[-1].parent if below else folder


def until_over(sweep: SweepOnDisk, sleep: Callable[[float], None], *, always: bool = False) -> Iterator[Progress]:
    """How far it is, at once and whenever that has changed, or at every look, until no job is waiting or running."""
    said = ""
    while True:
        progress = sweep.progress()
        if always or progress.counts != said or progress.over:
            said = progress.counts
            yield progress
        if progress.over:
            return
        sleep(POLL_SECONDS)


def lines(progress: Progress) -> list[str]:
    """The counts, and each running job with the last line of its log."""
    found = [str(progress)]
    found += [f"  {job.name}  {last_line(job)}" for job in progress.running[:MOST_RUNNING]]
    more = len(progress.running) - MOST_RUNNING
    return [*found, f"  and {more} more"] if more > 0 else found


def last_line(job: Path) -> str:
    """What a job said last."""
    with suppress(OSError, DataError):
        for path in sorted(job.glob("*.log")):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 2_000))
                said = file.read().decode(errors="replace").strip().splitlines()
            if said:
                return said[-1].rsplit(" - ", 1)[-1]
    return ""
