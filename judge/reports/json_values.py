"""Values made fit for JSON: finite, of JSON's own types, and of bounded depth, whatever the input.

Facts and inputs are JSON already when the judge works correctly; a renderer must not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from judge.model import Json
from judge.reports.escape import without_surrogates

NOT_FINITE = ("NaN", "Infinity", "-Infinity")
"""The strings for numbers that JSON cannot represent."""

MAX_DEPTH = 16
_MAX_INT_BITS = 1023


def real(value: float) -> float | int | str:
    """Return a number, or one of ``NOT_FINITE``."""
    if isinstance(value, int):
        return value if value.bit_length() <= _MAX_INT_BITS else _huge(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def from_real(value: Json) -> float:
    """Return the number again, also from a ``NOT_FINITE`` string.  Raises ValueError or TypeError on all else."""
    if isinstance(value, int | float):
        return value
    if value not in NOT_FINITE:
        raise TypeError(f"{value!r:.60} should be a number")
    return float(value)


def json_value(value: object, depth: int = 0) -> Json:
    """Return the value in JSON's types: tuples and sets as lists, keys as text, all else as the name of its type.

    Nesting deeper than ``MAX_DEPTH`` becomes ``"..."``.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, int | float):
        return real(value)
    if depth >= MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {_key(key): json_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(item, depth + 1) for item in value]
    as_list = getattr(value, "tolist", None)  # numpy's arrays and scalars
    if callable(as_list):
        return json_value(as_list(), depth + 1)
    return f"<{type(value).__name__}>"


def _key(key: object) -> str:
    return without_surrogates(key) if isinstance(key, str) else str(json_value(key, MAX_DEPTH))


def _huge(value: int) -> str:
    return f"{'-' if value < 0 else ''}integer of {value.bit_length()} bits"
