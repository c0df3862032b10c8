"""Vectors of pure encoders, computed once per input and kept on disk."""

from w2s.store.shelf import Shelf
from w2s.store.store import Store

__all__ = ["Shelf", "Store"]
