"""A class that no fitted folder may name unless its package is allowed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Foreign:
    """Data, but not of the package."""

    value: int
