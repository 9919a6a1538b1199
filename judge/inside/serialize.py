"""Values and exceptions in plain words and numbers, each piece capped, none trusted to behave."""

from __future__ import annotations

import re
from typing import Any

from judge import wire

MAX_FRAMES = 40
MAX_LENGTH = 10_000_000


def describe_value(value: Any) -> tuple[dict[str, Any], bytes]:
    """Return a returned value as header entry and float64 bytes.

    Every real dtype becomes float64, which is exact for all floats up to 64 bits; integers too large for it are
    rounded. A value that is not an array of real numbers has a ``problem`` that completes "it is ...". An empty or
    too large array is sent as its dtype and shape alone, which show that it is not an answer.
    """
    import numpy as np

    facts: dict[str, Any] = {"type": type_name(value), "dtype": None, "shape": None}
    if value is None:
        return {**facts, "problem": "None"}, b""
    if isinstance(value, (str, bytes, dict, set, frozenset)) or callable(value):
        return {**facts, "problem": f"of type {type_name(value)}"}, b""
    if isinstance(value, np.ma.MaskedArray) and bool(np.ma.getmaskarray(value).any()):
        return {**facts, "problem": "an array with masked entries, which stand for no number"}, b""
    try:
        array = np.asarray(value)
    except Exception as error:
        return {**facts, "problem": _no_array(value, error)}, b""
    facts["dtype"] = str(array.dtype)[:40]
    facts["shape"] = [min(int(n), MAX_LENGTH) for n in array.shape[: wire.MAX_DIMENSIONS]]
    if array.size == 0:
        return {**facts, "problem": "an empty array"}, b""
    if array.ndim > wire.MAX_DIMENSIONS or array.size > wire.MAX_ANSWER_NUMBERS:
        return {**facts, "problem": "too large to be an answer"}, b""
    if array.dtype.kind == "O":
        strangers = [item for item in array.ravel() if not _is_real_number(item)]
        if strangers:
            what = "no array" if array.ndim == 0 else "an array of objects that are no real numbers"
            return {**facts, "problem": f"{what}, but of type {type_name(strangers[0])}"}, b""
        try:
            # a list that mixes jax scalars and floats is still a list of real numbers
            array = np.asarray([float(item) for item in array.ravel()], dtype=np.float64).reshape(array.shape)
        except OverflowError:
            return {**facts, "problem": "a whole number beyond every floating-point number"}, b""
    problem = _problem_of(array.dtype)
    if problem:
        return {**facts, "problem": problem}, b""
    plain = np.array(array, dtype=np.float64, order="C", subok=False)
    return {**facts, "array": wire.describe_array(plain)}, wire.array_bytes(plain)


def _no_array(value: Any, error: Exception) -> str:
    """Return why numpy could not make an array of the value, in plain words."""
    if str(getattr(value, "dtype", "")).startswith("key<"):
        return "an array of random keys"
    if isinstance(error, ValueError) and isinstance(value, (list, tuple)):
        return f"a {type_name(value)} whose parts have different shapes"
    return f"of type {type_name(value)}, of which no array could be made: {short_text(error)}"


def _is_real_number(item: Any) -> bool:
    """True for a number that a machine computes with, as an object in an array: no Decimal, Fraction or text."""
    import numpy as np

    if isinstance(item, bool):
        return False
    if isinstance(item, (int, float, np.integer, np.floating)):
        return True
    dtype = getattr(item, "dtype", None)
    return getattr(item, "shape", None) == () and isinstance(dtype, np.dtype) and not _problem_of(dtype)


def _problem_of(dtype: Any) -> str:
    """Describe the values of this dtype if they are not real numbers; '' if they are."""
    kind = dtype.kind
    # bfloat16, float8, int4: ml_dtypes
    if kind in "fiu" or (kind == "V" and dtype.names is None and _SMALL_NUMBER.match(dtype.name)):
        return ""
    words = {
        "b": "booleans",
        "c": "complex numbers",
        "U": "texts",
        "S": "bytes",
        "M": "dates",
        "m": "durations",
    }
    return f"an array of {words[kind]}" if kind in words else f"an array of dtype {str(dtype)[:40]}"


_SMALL_NUMBER = re.compile(r"(bfloat|float|u?int)\d")


def describe_exception(error: BaseException, filename: str | None) -> dict[str, Any]:
    """Classes, text and the learner's own lines of an exception; each piece capped, none trusted to behave."""
    names = []
    for cls in type(error).__mro__[:-1]:
        names.append(f"{cls.__module__}.{cls.__qualname__}"[:200])
    return {"types": names[:20], "text": short_text(error), "frames": _learner_frames(error, filename)}


def _learner_frames(error: BaseException, filename: str | None) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == filename:
            place: dict[str, Any] = {"line": step.tb_lineno, "function": code.co_name[:100]}
            positions = list(code.co_positions())
            index = step.tb_lasti // 2
            if 0 <= index < len(positions):
                line, end_line, column, end_column = positions[index]
                if line == step.tb_lineno and end_line and column is not None and end_column is not None:
                    place |= {"end_line": end_line, "column": column, "end_column": end_column}
            frames.append(place)
        step = step.tb_next
    if isinstance(error, SyntaxError) and error.filename == filename and type(error.lineno) is int:
        place = {"line": max(error.lineno, 1), "function": "<module>"}
        if type(error.offset) is int and error.offset > 0:
            place |= {"end_line": place["line"], "column": error.offset - 1, "end_column": error.offset}
        frames.append(place)
    return frames[-MAX_FRAMES:]


def short_text(error: BaseException) -> str:
    """Return the text of an exception, capped; making it may run the learner's code, which may itself raise."""
    try:
        text = str(error)
        return text if len(text) <= wire.MAX_TEXT else text[: wire.MAX_TEXT] + " [...]"
    except BaseException as second:
        return f"(its text could not be made: {type(second).__name__})"


def type_name(value: Any) -> str:
    cls = type(value)
    return f"{cls.__module__}.{cls.__qualname__}"[:200].removeprefix("builtins.")
