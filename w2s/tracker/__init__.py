"""Where people compare runs."""

from w2s.tracker.none import NoTracker

__all__ = ["NoTracker"]
