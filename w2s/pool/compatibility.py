"""Whether the parts of a study can read what its data set holds: asked before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterable

from w2s.errors import ConfigError
from w2s.protocols import Dataset, DeclaresColumns, ReadsColumn
from w2s.types import Column

WORDS: dict[Column, str] = {
    "features": "features",
    "texts": "texts",
    "images": "pictures",
    "votes": "votes of labelling functions",
    "predictions": "somebody else's predictions",
    "planted": "planted regions",
}
SETS: dict[Column, str] = {
    "features": "dataset=table dataset.features=[COLUMNS]",
    "texts": "dataset=table dataset.text=COLUMN",
    "images": "dataset=images dataset.path=FOLDER",
    "votes": "dataset=table dataset.votes=[lf_1,lf_2], or labelling_functions=FILE",
    "predictions": "weak_model=column weak_model.column=COLUMN with dataset=table or hub",
    "planted": "dataset=gaussian",
}
"""A data set that holds a column."""
PAIRS: dict[frozenset[Column], str] = {
    frozenset({"features"}): "model=features",
    frozenset({"texts"}): "model=minilm",
    frozenset({"images"}): "model=small_convs",
    frozenset({"images", "features"}): "model=small_convs",
    frozenset({"features", "texts"}): "model=minilm",
    frozenset({"texts", "votes"}): "model=votes",
    frozenset({"features", "votes"}): "model=votes strong_model=raw",
    frozenset({"features", "texts", "votes"}): "model=votes",
}
"""A pair of models that reads what a data set holds; of votes alone a strong model cannot learn."""


INSTEAD = {"detector": "detector=paper", "learner": "learner=probe", "weak_learner": "weak_learner=probe"}
"""Settings that are not a model's -> a choice that reads what nearly every data set holds."""


def check_match(dataset: Dataset, parts: Iterable[tuple[str, object]]) -> None:
    """Refuse a part that reads what the data set does not hold. Parts that say nothing of themselves are not checked.

    Args:
        dataset: a data set that says what it holds; others are not checked.
        parts: (setting, representation or learner or detector).

    Raises:
        ConfigError: naming what is read, what is there, and a choice that fits.
    """
    if not isinstance(dataset, DeclaresColumns):
        return
    held = dataset.provides
    pair = PAIRS.get(frozenset(column for column in held if column not in ("sources", "planted", "predictions")))
    for name, part in parts:
        if isinstance(part, ReadsColumn) and part.reads not in held:
            listed = " and ".join(word for column, word in WORDS.items() if column in held)
            instead = INSTEAD.get(name, pair)
            raise ConfigError(
                f"{name} reads {WORDS[part.reads]}, but the data set holds {listed} only.\n"
                f"Choose {f'{instead}, or ' if instead else ''}data with {WORDS[part.reads]}: {SETS[part.reads]}."
            )
