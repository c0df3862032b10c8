"""Pretrained networks fine-tuned by gradient steps: low-rank adapters or all weights, and a last layer."""

from w2s.model.finetuning.learner import FineTuning

__all__ = ["FineTuning"]
