"""The devices and processor cores that a network may use."""

from __future__ import annotations

import os

from w2s.errors import ModelError

MAX_BATCHES_AT_ONCE = 8


def available_devices(device: str) -> list[str]:
    """The devices to use: `auto` is every visible GPU, else Apple's, else the processor.

    Raises:
        ModelError: the device asked for is not there.
    """
    import torch

    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if device == "auto":
        return gpus or (["mps"] if torch.backends.mps.is_available() else ["cpu"])
    there = device == "cpu" or (device == "cuda" and gpus) or device in gpus
    if there or (device == "mps" and torch.backends.mps.is_available()):
        return [device]
    raise ModelError(
        f"device={device}: this machine has {', '.join([*gpus, 'cpu'])}. Use device=auto to take what is there."
    )


def parallelism(device: str) -> tuple[int, int | None]:
    """Batches on their way at once, and processor threads for each.

    On a processor, one thread for each of several batches beats several threads for one: they never wait for each other,
    which matters most where other work runs on the same cores. A GPU gets one batch after the other. All cores that this
    process may use are taken, or OMP_NUM_THREADS where somebody set it.
    """
    if device != "cpu":
        return 1, None
    batches = min(cores(), MAX_BATCHES_AT_ONCE)
    return batches, cores() // batches


def cores() -> int:
    """Processor cores to use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) > 0 else len(os.sched_getaffinity(0))
