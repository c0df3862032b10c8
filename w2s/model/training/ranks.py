"""One fit in several processes, each with a copy of the network: the micro-batches of a step are dealt to them.

Gradients are added up, so that the outcome is that of one process but for the order of the additions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from w2s.errors import ModelError, W2SError
from w2s.model.encoder.devices import cores
from w2s.types import IntArray
from w2s.utils.processes import end_with_parent

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

MEETING = "meeting"
"""File in the folder of a fit through which its processes find one another."""
PATIENCE = timedelta(hours=1)
"""How long processes wait for one another, as while the first one evaluates."""
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this one is."""

    rank: int = 0
    size: int = 1
    spread: bool = False
    """Whether the network's weights are spread over the processes, so that all have to compute at the same time."""

    @property
    def first(self) -> bool:
        """Whether this is the process that evaluates, saves and shows."""
        return self.rank == 0

    def budget(self, most: int, lengths: IntArray) -> int:
        """Tokens of a micro-batch, at most `most`: so few that texts of these lengths (n,) make a part for each process."""
        return most if self.size == 1 else min(most, -(-int(lengths.sum()) // self.size))

    def own(self, parts: Sequence[slice]) -> list[tuple[slice, bool]]:
        """The parts that are this process's to do, and whether they count.

        Of a spread network each process does as many as any other; those that do not count keep the others company.
        """
        mine = [(part, True) for part in parts[self.rank :: self.size]]
        most = -(-len(parts) // self.size)
        return mine + [(parts[0], False)] * (most - len(mine)) if self.spread else mine

    def add(self, *tensors: Tensor) -> None:
        """Replace each tensor by the sum of all processes' tensors in its place."""
        if self.size > 1:
            import torch
            import torch.distributed as dist

            together = torch.cat([tensor.reshape(-1) for tensor in tensors])
            with _said():
                dist.all_reduce(together)
            parts = torch.split(together, [tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def agreed(self, value: Callable[[], bool]) -> bool:
        """What the first process finds; the others ask only where the network is spread."""
        if self.size == 1:
            return value()
        import torch.distributed as dist

        found: list[Any] = [value() if self.first or self.spread else None]
        with _said():
            dist.broadcast_object_list(found)
        return bool(found[0])


@contextmanager
def _said() -> Iterator[None]:
    """A process that is gone is named in one line."""
    try:
        yield
    except RuntimeError as error:
        raise ModelError(f"A process of the training is gone: {str(error).splitlines()[0]}\nRun it again.") from error


def together(
    train: Callable[[Ranks, str], T], devices: Sequence[str], size: int, folder: Path, *, spread: bool = False
) -> T:
    """Call `train(ranks, device)` in `size` processes, of which this is the first; returns what it returns here.

    Args:
        train: can be pickled.
        devices: dealt to the processes in turn.
        size: at least 2.
        folder: of the fit, which this process holds alone.
        spread: whether the network's weights are to be spread over the processes.

    Raises:
        ModelError: a process ended early.
    """
    meeting = folder / MEETING
    meeting.unlink(missing_ok=True)
    context = get_context("spawn")
    kept, threads = os.environ.get("OMP_NUM_THREADS"), str(max(1, cores() // size))
    os.environ["OMP_NUM_THREADS"] = threads  # theirs, too
    others = []
    try:
        for rank in range(1, size):
            ready = context.Event()
            arguments = (train, Ranks(rank, size, spread), devices[rank % len(devices)], meeting, ready)
            others.append((context.Process(target=_follow, args=arguments, daemon=True), ready))
        for process, _ in others:
            process.start()
        for process, ready in others:
            while not ready.is_set():
                if not process.is_alive():
                    raise ModelError(f"A process of the training ended at its start (exit {process.exitcode}).")
                time.sleep(POLL_SECONDS)
        ranks = Ranks(0, size, spread)
        with joined(ranks, devices[0], meeting):
            return train(ranks, devices[0])
    finally:
        for process, _ in others:
            process.join(1.0)
            process.kill()
        meeting.unlink(missing_ok=True)
        del os.environ["OMP_NUM_THREADS"]
        os.environ |= {} if kept is None else {"OMP_NUM_THREADS": kept}


def _follow(train: Callable[[Ranks, str], Any], ranks: Ranks, device: str, meeting: Path, ready: Any) -> None:
    """In another process: do its part; what goes wrong for all is said by the first."""
    end_with_parent()
    ready.set()
    try:
        with joined(ranks, device, meeting):
            train(ranks, device)
    except W2SError:
        os._exit(1)


@contextmanager
def joined(ranks: Ranks, device: str, meeting: Path) -> Iterator[None]:
    """The processes of a fit, connected: NCCL between GPUs, else Gloo."""
    import torch.distributed as dist

    backend = "nccl" if device.startswith("cuda") else "gloo"
    where = f"file://{meeting.absolute()}"
    with _said():
        dist.init_process_group(backend, init_method=where, rank=ranks.rank, world_size=ranks.size, timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()
