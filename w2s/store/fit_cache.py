"""Expensive fits, computed once: stored by all that determines them, under a lock, and checked when they are read.

`fits/<digest of the key>/` holds the key in `key.json`, the outcome as `fit.json` and `fit.safetensors`, and, while it is
computed, whatever the computation keeps to be taken up again after a kill.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from w2s.errors import StoreError
from w2s.store.disk_errors import explain_os_errors
from w2s.store.fitted import load_fitted, paths_of, save_fitted
from w2s.store.store import Store, write_key

T = TypeVar("T")

log = logging.getLogger(__name__)

NAME = "fit"
LOCK = ".lock"


def stored_fit(store: Store, key: Mapping[str, Any], compute: Callable[[Path], T], kind: type[T]) -> T:
    """The outcome that belongs to `key`: read where it is stored whole, else computed by one process and stored.

    Args:
        store: where it lies.
        key: JSON; all that determines the outcome.
        compute: gives the outcome; it may keep its state in the folder it is given.
        kind: of the outcome, a frozen dataclass of data.

    Raises:
        StoreError: it has to be computed, and the store cannot be written.
    """
    from filelock import FileLock

    folder = store.fit_folder(key)
    known = read_fit(folder, kind)
    if known is not None:
        return known
    with explain_os_errors(folder):
        write_key(folder, key)
        with FileLock(folder / LOCK):
            known = read_fit(folder, kind)
            if known is None:
                known = compute(folder)
                save_fitted(folder, NAME, known)
    return known


def read_fit(folder: Path, kind: type[T]) -> T | None:
    """What is stored there; None where nothing is, or where it is damaged, which the log then names."""
    if not paths_of(folder, NAME)[1].exists():
        return None
    try:
        value = load_fitted(folder, NAME)
    except StoreError as error:
        log.warning("%s It is computed again.", error)
        return None
    if not isinstance(value, kind):
        log.warning("%s holds something else. It is computed again.", folder)
        return None
    log.info("a fit is reused (%s)", folder.name[:12])
    return value
