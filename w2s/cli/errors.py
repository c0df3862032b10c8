"""How a person's mistake reaches the terminal: one short message, no traceback."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def wants_traceback() -> bool:
    """Whether HYDRA_FULL_ERROR=1 asks for the whole story."""
    return os.environ.get("HYDRA_FULL_ERROR", "0") == "1"


def stop(error: Exception, cause: Exception | None = None) -> NoReturn:
    """Leave the program with the message on standard error and exit code 1."""
    if wants_traceback():
        raise error from cause
    sys.exit(f"w2s: {error}")
