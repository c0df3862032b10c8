"""A model is a representation and a learner; a fitted model is an encoder and what was trained on its vectors."""

from __future__ import annotations

from dataclasses import dataclass

from w2s.protocols import ComesApart, Encoder, Fitted, Learner, ReadsColumn, Representation, StoredEncoder
from w2s.types import FloatArray, Inputs


@dataclass(frozen=True)
class Model:
    """How a model reads inputs (`representation`, never shown a label) and what it trains on top (`learner`)."""

    representation: Representation
    learner: Learner


@dataclass(frozen=True)
class FittedModel:
    """A trained model that takes inputs as the data set gives them."""

    encoder: Encoder
    fitted: Fitted

    def read(self, inputs: Inputs) -> Inputs:
        """The n inputs with the encoder's features (n, d), unless `fitted` reads them as they are."""
        own = isinstance(self.fitted, ReadsColumn) and self.fitted.reads in ("texts", "images")
        own = own or getattr(self.fitted, "reads_inputs", False)
        return inputs if own else inputs.with_features(self.encoder.encode(inputs))

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows sum to 1."""
        return self.fitted.predict(self.read(inputs))

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) what the model's last layer reads."""
        return self.fitted.represent(self.read(inputs))

    def apart(self) -> FittedModel:
        """The same model; a trained network is its encoder, so that its vectors are computed once for all that is asked."""
        return FittedModel(*self.fitted.apart()) if isinstance(self.fitted, ComesApart) else self

    @staticmethod
    def to_save(encoder: Encoder, fitted: Fitted) -> FittedModel:
        """A model that can be saved: a pretrained encoder is a reference to its checkpoint's content."""
        return FittedModel(encoder.pinned() if isinstance(encoder, StoredEncoder) else encoder, fitted)
