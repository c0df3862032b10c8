"""Which sources to buy from: policies, sources, purchases, and what is recommended."""

from w2s.study.selection.selection import Selection
from w2s.study.selection.sources import Sources

__all__ = ["Selection", "Sources"]
