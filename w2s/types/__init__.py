"""What crosses from one stage to the next: frozen, each field with its shape and range.

Symbols used throughout the package: n points, d strong features, e weak features, C classes, L labelling functions,
K sources, T rounds.
"""

from w2s.types.arrays import BoolArray, FloatArray, Index, IntArray, StrArray, as_names
from w2s.types.evidence import (
    KNOWN_REGIONS,
    PROBABILITY_SLACK,
    Evidence,
    KnownLabels,
    KnownPoints,
    Partition,
    Refined,
    Region,
)
from w2s.types.history import CacheStats, History, Specialised
from w2s.types.points import Column, ColumnRoles, Inputs, LabelledInputs, NewRows, Picture, Sealed, Split, Splits

__all__ = [
    "KNOWN_REGIONS",
    "PROBABILITY_SLACK",
    "BoolArray",
    "CacheStats",
    "Column",
    "ColumnRoles",
    "Evidence",
    "FloatArray",
    "History",
    "Index",
    "Inputs",
    "IntArray",
    "KnownLabels",
    "KnownPoints",
    "LabelledInputs",
    "NewRows",
    "Partition",
    "Picture",
    "Refined",
    "Region",
    "Sealed",
    "Specialised",
    "Split",
    "Splits",
    "StrArray",
    "as_names",
]
