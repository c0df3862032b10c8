"""Weak-to-strong generalization, seen through the data."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from w2s.report import load_results

__all__ = ["__version__", "load_results"]

try:
    __version__ = version("w2s")
except PackageNotFoundError:
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    """`w2s.load_results`, imported when it is asked for."""
    if name == "load_results":
        from w2s.report import load_results

        return load_results
    raise AttributeError(f"module 'w2s' has no attribute '{name}'")
