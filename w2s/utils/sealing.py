"""A JSON text that holds the SHA-256 of itself, with zeros in the checksum's place: a changed byte does not go unseen."""

from __future__ import annotations

import hashlib
import re

ZEROS = "0" * 64
"""Stands where the checksum will."""
CHECKSUM = re.compile(rb'"sha256": "([0-9a-f]{64})"')


def sealed(text: str) -> str:
    """The JSON `text`, whose first `ZEROS` are replaced by its checksum."""
    return text.replace(ZEROS, hashlib.sha256(text.encode()).hexdigest(), 1)


def is_whole(content: bytes) -> bool | None:
    """Whether every byte is as it was sealed; None where there is no checksum."""
    stated = CHECKSUM.search(content)
    if stated is None:
        return None
    zeroed = content[: stated.start(1)] + ZEROS.encode() + content[stated.end(1) :]
    return hashlib.sha256(zeroed).hexdigest().encode() == stated[1]
