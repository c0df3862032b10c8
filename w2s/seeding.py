"""Named random streams: what one part draws never changes what another part draws."""

from __future__ import annotations

import hashlib
from numbers import Integral

import numpy as np

from w2s.errors import ConfigError

LARGEST = 2**63 - 1
"""The largest seed: what a column of whole numbers holds."""


def generator(seed: int, *stream: str | int) -> np.random.Generator:
    """An independent generator for the stream named by `stream` under `seed`.

    Args:
        seed: the run's seed or data seed, a whole number >= 0.
        *stream: the name of the stream, from the general to the particular: `"mixing", "draw", 3`.

    Raises:
        ConfigError: `seed` is negative or not a whole number.
    """
    check_seed("seed", seed)
    name = hashlib.sha256("/".join(map(str, stream)).encode()).digest()
    return np.random.default_rng([int(seed), *np.frombuffer(name, dtype="<u4").tolist()])


def check_seed(name: str, seed: int) -> None:
    """Refuse anything but a whole number from 0 to `LARGEST`.

    Raises:
        ConfigError: naming the setting, what was given and what is accepted.
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed <= LARGEST:
        raise ConfigError(f"{name}={seed}: a seed is a whole number of at least 0 and below 2^63, for example {name}=0.")
