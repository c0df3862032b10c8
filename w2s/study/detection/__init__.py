"""Detectors against one another: on planted truth, and by what their picks are worth to a student."""

from w2s.study.detection.detection import Detection, Setting
from w2s.study.detection.picks import PickComparison

__all__ = ["Detection", "PickComparison", "Setting"]
