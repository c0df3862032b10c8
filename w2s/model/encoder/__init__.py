"""Pretrained checkpoints as frozen encoders of texts and of images."""

from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import HubCheckpoint
from w2s.model.encoder.images import ImageEncoder, image_model, residual_model
from w2s.model.encoder.texts import FrozenEncoder, encoder_model, tiny_model

__all__ = [
    "FolderCheckpoint",
    "FrozenEncoder",
    "HubCheckpoint",
    "ImageEncoder",
    "encoder_model",
    "image_model",
    "residual_model",
    "tiny_model",
]
