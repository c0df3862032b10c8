"""Bounds and choices of settings: annotations on fields, which pydantic checks here and nowhere else.

The upper bounds are where a run would not end in a lifetime or fit no machine, so that a typo is likelier.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from w2s.errors import ConfigError, require, suggestion

C = TypeVar("C", bound=type)

Seed = Annotated[int, Ge(0), Lt(2**63)]
"""Fixes what a named random stream draws."""
Share = Annotated[float, Ge(0), Le(1)]
ProperShare = Annotated[float, Gt(0), Lt(1)]
"""Neither nothing nor all."""
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]
Count = Annotated[int, Ge(1)]
"""A number of points, rounds or the like, of which none would be nothing to do."""
CountOrZero = Annotated[int, Ge(0)]
MOST_FITS = 10_000
Fits = Annotated[int, Ge(1), Le(MOST_FITS)]
"""A number of times that models are fitted: draws, folds, seeds."""
SeveralFits = Annotated[int, Ge(2), Le(MOST_FITS)]
FitsOrZero = Annotated[int, Ge(0), Le(MOST_FITS)]
Steps = Annotated[int, Ge(1), Le(1_000_000)]
"""A number of quick steps: rounds, epochs, games."""
Width = Annotated[int, Ge(1), Le(100_000)]
"""A number of dimensions, classes or bins."""
Workers = Annotated[int, Ge(1), Le(1_024)]
"""A number of threads or processes."""

WORD = re.compile(r"'([^']*)'")
NUMBERS = 10**9
"""Numbers that one array may hold: 8 GB."""
PLAIN = (int, float, str, bool, NoneType)
"""What a field can hold that is checked when its dataclass is made; objects of the package are held to Protocols instead."""


def checked(cls: C) -> C:
    """Class decorator, written below `@dataclass`: bounds and choices in the annotations hold for every instance.

    They are checked before the class's own `__post_init__`, which is left with the rules between fields.
    """
    rules = getattr(cls, "__post_init__", None)

    def __post_init__(self: Any) -> None:
        kind: Any = type(self)
        for name, annotation in _plain_fields(kind).items():
            check_value(name, getattr(self, name), annotation)
        if rules is not None:
            rules(self)

    cls.__post_init__ = __post_init__  # type: ignore[attr-defined]
    return cls


def check_value(name: str, value: Any, annotation: Any) -> None:
    """Refuse a value that the annotation does not admit. Lists stand for tuples; a text or a fraction for no whole number.

    Raises:
        ConfigError: the setting's `name`, what was given and what is accepted.
    """
    from pydantic_core import PydanticSerializationError

    try:
        _validator(annotation)(value)
    except PydanticSerializationError:  # a text that is no Unicode: whoever opens it as a path or a name refuses it in words
        return
    except ValueError as error:
        raise ConfigError(f"{name}={value}: {_accepted(error, value)}") from error


@functools.cache
def _validator(annotation: Any) -> Callable[[Any], object]:
    """Raises a `pydantic.ValidationError` where a value does not fit.

    Plain values go through JSON, where strictness knows no tuples but arrays, and no texts but texts.
    """
    from pydantic import ConfigDict, PydanticUserError, TypeAdapter
    from pydantic_core import to_json

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    except PydanticUserError:  # a dataclass brings its own configuration
        adapter = TypeAdapter(annotation)
    if not _is_plain(annotation):
        return adapter.validate_python
    write = functools.partial(to_json, fallback=operator.methodcaller("tolist"), inf_nan_mode="strings")  # NumPy's arrays
    return lambda value: adapter.validate_json(write(value), strict=True)


def _accepted(error: Any, value: Any) -> str:
    """What is accepted, as pydantic says it of each kind of value that may stand there, with the nearest choice."""
    given = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(number, float) and not math.isfinite(number) for number in given):
        return "it should be a finite number."
    first, *others = error.errors()
    places = [place for place in first["loc"] if isinstance(place, int)]
    errors = [first, *(each for each in others if [place for place in each["loc"] if isinstance(place, int)] == places)]
    said = dict.fromkeys(_requirement(each).removeprefix("Input should ") for each in errors)
    entry = f"entry {places[0] + 1}" if places else "it"
    choices = [choice for each in errors if each["type"] == "literal_error" for choice in WORD.findall(each["msg"])]
    return f"{entry} should {', or '.join(said)}.{suggestion(value, choices) if isinstance(value, str) else ''}"


def _requirement(error: Mapping[str, Any]) -> str:
    if "too_short" in error["type"]:
        return f"hold at least {error['ctx']['min_length']}"
    return str(error["msg"])


@functools.cache
def argument_types(target: Any) -> dict[str, Any]:
    """Annotations of the arguments of a class or function, those that can be resolved."""
    sources = [target, target.__init__] if inspect.isclass(target) else [target]  # a dataclass inherits annotated fields
    found: dict[str, Any] = {}
    for source in sources:
        try:
            found = get_type_hints(source, include_extras=True) | found
        except NameError:  # a name that only type checkers import
            continue
    return found


@functools.cache
def _plain_fields(cls: Any) -> dict[str, Any]:
    """Annotations of the dataclass's arguments that hold plain values."""
    types = argument_types(cls)
    return {field.name: types[field.name] for field in fields(cls) if field.init and _is_plain(types[field.name])}


def _is_plain(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return True
    inner = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return all(_is_plain(each) for each in inner if each is not ...) if inner else annotation in PLAIN


def require_room(numbers: int, message: str) -> None:
    """Refuse an array of more than `NUMBERS` numbers; `message` says whose settings ask for it.

    Raises:
        ConfigError: with the size asked for.
    """
    require(
        numbers <= NUMBERS,
        f"{message}: one array would hold {numbers:.1e} numbers ({8 * numbers / 1e9:,.0f} GB).\n"
        f"Give smaller ones: at most {NUMBERS:.0e} numbers.",
    )
