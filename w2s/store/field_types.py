"""Whether a value is what a field's annotation says, arrays with their kind of numbers included."""

from __future__ import annotations

import functools
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np


@functools.cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The annotations of a class's fields; none where one of them names what only a type checker imports."""
    try:
        return get_type_hints(kind)
    except NameError:
        return {}


def admits(hint: Any, value: Any) -> bool:
    """Whether `value` is a `hint`. What cannot be held against values, such as a type variable, admits all."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(admits(part, value) for part in arguments)
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and admits_parts(arguments, value)
    if origin is dict:
        return isinstance(value, dict) and all(admits(arguments[1], part) for part in value.values())
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and admits_numbers(arguments[1], value)
    if hint is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (None, NoneType):
        return value is None
    return admits_class(origin or hint, value)


def admits_parts(arguments: tuple[Any, ...], value: tuple[Any, ...]) -> bool:
    """Whether each part of a tuple is what its annotation says."""
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return all(admits(arguments[0], part) for part in value)
    return len(arguments) == len(value) and all(admits(a, part) for a, part in zip(arguments, value, strict=True))


def admits_numbers(dtype: Any, value: np.ndarray[Any, Any]) -> bool:
    """Whether an array holds the kind of numbers of an annotation `np.dtype[kind]`."""
    kind = get_args(dtype)[0]
    kind = get_origin(kind) or kind
    return not isinstance(kind, type) or bool(np.issubdtype(value.dtype, kind))


def admits_class(kind: Any, value: Any) -> bool:
    """Whether a value is an instance; a Protocol that is not made for asking admits all."""
    try:
        return isinstance(value, kind)
    except TypeError:
        return True
