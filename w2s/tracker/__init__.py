"""Where people compare runs."""

from w2s.tracker.csv import CsvTracker
from w2s.tracker.guarded import Guarded, several
from w2s.tracker.mlflow import MLflowTracker
from w2s.tracker.none import NoTracker
from w2s.tracker.tensorboard import TensorBoardTracker
from w2s.tracker.wandb import WandbTracker

__all__ = ["CsvTracker", "Guarded", "MLflowTracker", "NoTracker", "TensorBoardTracker", "WandbTracker", "several"]
