"""Pretrained checkpoints as frozen encoders of texts."""

from w2s.model.encoder.frozen import FrozenEncoder, checkpoint_at, encoder_model
from w2s.model.encoder.tiny import tiny_model

__all__ = ["FrozenEncoder", "checkpoint_at", "encoder_model", "tiny_model"]
