"""Vectors of pure encoders, computed once per input and kept on disk."""

from w2s.store.embedding_cache import EmbeddingCache
from w2s.store.store import Store

__all__ = ["EmbeddingCache", "Store"]
