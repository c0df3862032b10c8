"""The checkpoint and the store of the encoders' tests."""

from tests.model.encoder.conftest import folder, store

__all__ = ["folder", "store"]
