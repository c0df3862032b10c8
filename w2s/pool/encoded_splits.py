"""Points as vectors: read by an encoder of the weak or of the strong model."""

from __future__ import annotations

from w2s.protocols import Encoder, Representation, StoredEncoder
from w2s.results.recorder import Recorder
from w2s.types import Inputs, Split


def strong_features(
    representation: Representation, read: list[Split], weak_train: Split, recorder: Recorder
) -> tuple[Encoder, list[Inputs]]:
    """The strong encoder, fitted on the first split `read`, the pool, and each of these splits with its features."""
    encoder = representation.fit(read[0].inputs)
    trace("strong checkpoint", encoder, recorder)
    others = [weak_train] if isinstance(encoder, StoredEncoder) else []  # so that no seed needs a new vector
    return encoder, encoded(encoder, *read, *others)[: len(read)]


def encoded(encoder: Encoder, *splits: Split) -> list[Inputs]:
    """The inputs of each split with the encoder's features, a pretrained one's together: one bar, one sort by length."""
    if not isinstance(encoder, StoredEncoder):
        return [split.inputs.with_features(encoder.encode(split.inputs)) for split in splits]
    together = Inputs.concatenate([split.inputs for split in splits])
    together = together.with_features(encoder.encode(together))
    parts, start = [], 0
    for split in splits:
        parts.append(together.take(slice(start, start + len(split))))
        start += len(split)
    return parts


def trace(name: str, encoder: Encoder, recorder: Recorder) -> None:
    """Put on record which checkpoint an encoder read, by content or by commit."""
    if isinstance(encoder, StoredEncoder):
        for kind, value in encoder.provenance.items():
            recorder.fact(f"{name} {kind}", value)
