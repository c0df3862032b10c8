"""The published files of DREAM (K. Sun et al., TACL 2019, github.com/nlpdata/dream)."""

from __future__ import annotations

from typing import Any

from w2s.errors import DataError


def questions(dialogues: Any) -> list[dict[str, Any]]:
    """One row a question, in the hub's schema, out of `[[turns, [question, ...], id], ...]`.

    Raises:
        DataError: the file is built in another way.
    """
    try:
        return [
            {**question, "dialogue": turns, "dialogue_id": name} for turns, found, name in dialogues for question in found
        ]
    except (TypeError, ValueError) as error:
        raise DataError("This JSON file is not built as DREAM's: a list of [turns, questions, id].") from error
