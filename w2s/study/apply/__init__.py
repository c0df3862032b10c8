"""What a run fitted, applied to new files: labels, regions and answers for every row, and how far the data have drifted."""

from w2s.study.apply.apply import Apply

__all__ = ["Apply"]
