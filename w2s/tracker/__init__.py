"""Where people compare runs."""

from w2s.tracker.none import NoTracker
from w2s.tracker.wandb import WandbTracker

__all__ = ["NoTracker", "WandbTracker"]
