"""Data sets of the Hugging Face hub, or local copies in their schema: from rows to labelled texts and pictures."""

from w2s.dataset.hub.images import HubImages
from w2s.dataset.hub.texts import Hub

__all__ = ["Hub", "HubImages"]
