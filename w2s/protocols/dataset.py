"""Where points come from."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from w2s.types import Column, Splits


@runtime_checkable
class Dataset(Protocol):
    """Where points come from."""

    def load(self, data_seed: int) -> Splits:
        """The data in its four roles. `data_seed` fixes the sample, the coin flips and the balancing.

        Raises:
            DataError: the data is missing, malformed or too small.
        """
        ...


@runtime_checkable
class DeclaresColumns(Dataset, Protocol):
    """A data set that says before it is loaded what its points hold; one that does not is not checked."""

    @property
    def provides(self) -> frozenset[Column]:
        """The columns that every split will hold."""
        ...


@runtime_checkable
class Previewable(Dataset, Protocol):
    """A data set that can be so small that loading it is part of checking it."""

    def preview(self, data_seed: int) -> Splits | None:
        """What `load` gives, where that takes milliseconds; else None."""
        ...
