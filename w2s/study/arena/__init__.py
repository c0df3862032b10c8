"""Policies against one another on simulated sources."""

from w2s.study.arena.arena import Arena, Setting

__all__ = ["Arena", "Setting"]
