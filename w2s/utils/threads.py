"""How many threads the linear algebra of small fits may use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Run the block with at most `threads` BLAS and OpenMP threads; torch keeps its own number.

    Small fits on several threads wait for one another: ten logistic fits took .05 s with one thread and 4.7 s with two
    on a busy machine of two cores. scipy and scikit-learn bring thread pools of their own, and only pools that are
    loaded can be limited, so both are imported first.
    """
    import scipy.linalg  # noqa: F401
    import sklearn  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=threads):
        yield
