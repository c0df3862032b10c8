"""A fitted value as JSON and a list of arrays, and back: frozen dataclasses all the way down, no code and no pickle.

JSON's own null, booleans, numbers and strings stand for themselves and a list for a tuple. Everything else is an object:
`{"array": 0, "order": "C"}` is the first of the arrays, `{"strings": [...], "shape": [n]}` an array of strings,
`{"scalar": 0}` a numpy number, `{"float": "nan"}` what JSON has no number for, `{"dict": {...}}` a mapping of strings,
`{"enum": "w2s.types.Region", "name": "HARD"}` a member, `{"class": "w2s.detector.base.FittedTwoStep", "fields": {...}}` a
dataclass. Fields that its `identity` calls runtime (device, folder of the store) are left out and take their defaults.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from w2s.errors import W2SError
from w2s.identity import identity_of
from w2s.store.field_types import admits, hints_of

Array = npt.NDArray[Any]

KINDS = "biuf"
"""Kinds of numpy numbers that are saved: booleans, integers, real numbers of any precision that safetensors holds."""


class StructureError(ValueError):
    """A value that cannot be written, or JSON that stands for none."""


def flatten(value: Any, arrays: list[Array], where: str = "value") -> Any:
    """The JSON of `value`; its arrays are appended to `arrays`.

    Raises:
        StructureError: something in it is neither data nor a frozen dataclass of data; `where` says what.
    """
    match value:
        case Enum():
            return {"enum": name_of(type(value)), "name": value.name}
        case None | bool() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else {"float": str(float(value))}
        case int():
            return value
        case tuple():
            return [flatten(part, arrays, f"{where}[{i}]") for i, part in enumerate(value)]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise StructureError(f"{where} is a mapping with keys that are no strings")
            return {"dict": {key: flatten(part, arrays, f"{where}[{key!r}]") for key, part in value.items()}}
        case np.generic() | np.ndarray():
            return flatten_array(np.asarray(value), arrays, where, scalar=isinstance(value, np.generic))
    if not is_frozen(type(value)):
        raise StructureError(
            f"{where} is a {type(value).__name__}: no array, number, text, tuple or frozen dataclass of them"
        )
    return flatten_dataclass(value, arrays, where)


def flatten_array(array: Array, arrays: list[Array], where: str, *, scalar: bool) -> Any:
    """The JSON of an array or a numpy number. The order in memory is kept, as sums depend on it in their last bit."""
    if array.dtype.kind == "U" and not scalar:
        return {"strings": array.ravel().tolist(), "shape": list(array.shape)}
    if array.dtype.kind not in KINDS or array.dtype.itemsize > 8:
        raise StructureError(f"{where} holds numbers of type {array.dtype}")
    array = array.astype(array.dtype.newbyteorder("="), order="K", copy=False)
    if not array.flags.c_contiguous and not array.flags.f_contiguous:
        array = array.copy(order="C")
    order = "C" if array.flags.c_contiguous else "F"
    arrays.append(array if order == "C" else array.T)
    return {"scalar": len(arrays) - 1} if scalar else {"array": len(arrays) - 1, "order": order}


def flatten_dataclass(value: Any, arrays: list[Array], where: str) -> Any:
    """The JSON of a dataclass. What its annotations do not admit is refused here already, as it would be in reading."""
    kind: Any = type(value)
    hints = hints_of(kind)
    found = {}
    for name in saved_fields(kind):
        part = getattr(value, name)
        if not admits(hints.get(name, Any), part):
            raise StructureError(f"{where}.{name} is no {hints[name]} but a {type(part).__name__}")
        found[name] = flatten(part, arrays, f"{where}.{name}")
    return {"class": name_of(kind), "fields": found}


def rebuild(node: Any, arrays: Sequence[Array], allowed: Sequence[str]) -> Any:
    """The value that `flatten` made `node` and `arrays` of; classes come from the packages `allowed` alone.

    Raises:
        StructureError: the node stands for nothing that `flatten` makes.
    """
    match node:
        case None | bool() | int() | float() | str():
            return node
        case list():
            return tuple(rebuild(part, arrays, allowed) for part in node)
        case {"float": "nan" | "inf" | "-inf" as number}:
            return float(number)
        case {"dict": dict(parts)}:
            return {key: rebuild(part, arrays, allowed) for key, part in parts.items()}
        case {"enum": str(path), "name": str(name)}:
            return member(find_class(path, allowed), name)
        case {"class": str(path), "fields": dict(parts)}:
            return rebuild_dataclass(find_class(path, allowed), parts, arrays, allowed)
    return rebuild_array(node, arrays)


def rebuild_array(node: Any, arrays: Sequence[Array]) -> Any:
    """An array or a numpy number."""
    match node:
        case {"array": int(i), "order": "C" | "F" as order} if 0 <= i < len(arrays):
            return arrays[i] if order == "C" else arrays[i].T
        case {"scalar": int(i)} if 0 <= i < len(arrays) and arrays[i].shape == ():
            return arrays[i][()]
        case {"strings": list(texts), "shape": list(shape)} if holds(texts, shape):
            return np.array(texts, dtype=np.str_).reshape(shape)
    raise StructureError(f"{str(node)[:60]} stands for no value")


def member(kind: type, name: str) -> Enum:
    """The member `name` of an enumeration."""
    if not issubclass(kind, Enum) or name not in kind.__members__:
        raise StructureError(f"{name_of(kind)}.{name} is no member of an enumeration")
    return kind[name]


def rebuild_dataclass(kind: type, parts: Mapping[str, Any], arrays: Sequence[Array], allowed: Sequence[str]) -> Any:
    """A dataclass from the JSON of its fields, each held against its annotation."""
    if not is_frozen(kind):
        raise StructureError(f"{name_of(kind)} is no frozen dataclass")
    if set(parts) != set(saved_fields(kind)):
        odd = sorted(set(parts) ^ set(saved_fields(kind)))
        raise StructureError(f"{name_of(kind)} has other fields in this version of the package ({', '.join(odd)})")
    values = {name: rebuild(part, arrays, allowed) for name, part in parts.items()}
    hints = hints_of(kind)
    for name, value in values.items():
        if not admits(hints.get(name, Any), value):
            raise StructureError(f"{name_of(kind)}.{name} is no {type(value).__name__}{dtype_of(value)}")
    try:
        return kind(**values)
    except (W2SError, ValueError, TypeError, AssertionError) as error:
        raise StructureError(f"{name_of(kind)} refuses its fields ({error})") from error


def holds(texts: list[Any], shape: list[Any]) -> bool:
    """Whether these are texts that fill an array of this shape."""
    sized = all(type(length) is int and length >= 0 for length in shape)
    return sized and math.prod(shape) == len(texts) and all(isinstance(text, str) for text in texts)


def saved_fields(kind: Any) -> list[str]:
    """Names of the fields that determine what the dataclass computes."""
    return [field.name for field in fields(kind) if field.init and field.name not in identity_of(kind).runtime]


def is_frozen(kind: Any) -> bool:
    """Whether this is a class of frozen dataclasses."""
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[union-attr]


def name_of(kind: type) -> str:
    """Where a class is defined."""
    return f"{kind.__module__}.{kind.__qualname__}"


def dtype_of(value: Any) -> str:
    """What an array holds, for messages."""
    return f" of {value.dtype}" if isinstance(value, np.ndarray) else ""


def find_class(path: str, allowed: Sequence[str]) -> type:
    """The class at the dotted `path`, or of that name in a package above, which names it still when its module has moved.

    Raises:
        StructureError: it lies outside the `allowed` packages, or there is none.
    """
    module, _, name = path.rpartition(".")
    places = [place for place in above(module) if any(f"{place}.".startswith(f"{package}.") for package in allowed)]
    if not places:
        raise StructureError(f"{path} lies outside the packages {', '.join(allowed)} (see allow_targets)")
    for place in places:
        found = member_of(place, name)
        home = place if place == module else places[-1]
        if isinstance(found, type) and found.__qualname__ == name and f"{found.__module__}.".startswith(f"{home}."):
            return found
        if found is not None:
            raise StructureError(f"{path} is no class that is defined there")
    raise StructureError(f"there is no {path} in this version of the package")


def above(module: str) -> list[str]:
    """A dotted path and those of the packages around it, the outermost last."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def member_of(module: str, name: str) -> Any:
    """What a module calls by this name; None where there is no such module or name."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None
