"""Weak-to-strong generalization, seen through the data."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("w2s")
except PackageNotFoundError:
    __version__ = "0+unknown"
