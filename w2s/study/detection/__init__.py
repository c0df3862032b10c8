"""Detectors against planted truth: where they find overlap, and what their picks are worth to a student."""

from w2s.study.detection.detection import Detection

__all__ = ["Detection"]
