"""Pretrained checkpoints as frozen encoders of texts and of images."""

from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import HubCheckpoint
from w2s.model.encoder.image_encoder import ImageEncoder, image_model, residual_model
from w2s.model.encoder.text_encoder import FrozenEncoder, encoder_model, tiny_model

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
