"""Pretrained checkpoints as frozen encoders of texts and of pictures."""

from w2s.model.encoder.frozen import FrozenEncoder, checkpoint_at, encoder_model
from w2s.model.encoder.images import ImageEncoder, image_model
from w2s.model.encoder.scratch import residual_model
from w2s.model.encoder.tiny import tiny_model

__all__ = ["FrozenEncoder", "ImageEncoder", "checkpoint_at", "encoder_model", "image_model", "residual_model", "tiny_model"]
