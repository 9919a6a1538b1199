"""What is told of values and exceptions: in plain words and numbers, each piece capped, none trusted to behave."""

from __future__ import annotations

from typing import Any

from judge import wire

MAX_TEXT = 4000
MAX_FRAMES = 40
MAX_LENGTH = 10_000_000
MAX_ANSWER_NUMBERS = 100_000
"""Every number of every answer is kept by the judge until the report is written."""


def describe_value(value: Any) -> tuple[dict[str, Any], bytes]:
    """A returned value as header entry and float64 bytes.

    Every real dtype becomes float64, which is exact for all floats up to 64 bits; integers too large for it are
    rounded.  What is no array of real numbers is described by its type and a ``problem``.
    """
    import numpy as np

    facts: dict[str, Any] = {"type": type_name(value), "dtype": None, "shape": None}
    if value is None:
        return {**facts, "problem": "None"}, b""
    if isinstance(value, (str, bytes, dict, set, frozenset)) or callable(value):
        return {**facts, "problem": f"{type_name(value)} is not an array of numbers"}, b""
    try:
        array = np.asarray(value)
    except Exception as error:
        return {**facts, "problem": f"cannot become an array: {short_text(error)}"}, b""
    facts["dtype"] = str(array.dtype)[:40]
    facts["shape"] = [min(int(n), MAX_LENGTH) for n in array.shape[: wire.MAX_DIMENSIONS]]
    if array.dtype.kind == "O":
        # a list that mixes jax scalars and floats is still a list of real numbers
        try:
            array = np.asarray([float(item) for item in array.ravel()], dtype=np.float64).reshape(array.shape)
        except Exception:
            return {**facts, "problem": "not real numbers"}, b""
    is_extended_float = array.dtype.kind == "V" and "float" in array.dtype.name  # bfloat16, float8: ml_dtypes
    if array.dtype.kind == "b":
        return {**facts, "problem": "booleans, not numbers"}, b""
    if array.dtype.kind == "c":
        return {**facts, "problem": "complex numbers"}, b""
    if array.dtype.kind not in "fiu" and not is_extended_float:
        return {**facts, "problem": f"dtype {facts['dtype']} holds no real numbers"}, b""
    if array.size == 0:
        return {**facts, "problem": "an empty array"}, b""
    if array.ndim > wire.MAX_DIMENSIONS or array.size > MAX_ANSWER_NUMBERS:
        return {**facts, "problem": "too large to be an answer"}, b""
    plain = np.array(array, dtype=np.float64, order="C", subok=False)
    return {**facts, "array": wire.describe_array(plain)}, wire.array_bytes(plain)


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
    """The text of an exception, capped; making it may run code of the learner's, which may itself raise."""
    try:
        text = str(error)
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " [...]"
    except BaseException as second:
        return f"(its text could not be made: {type(second).__name__})"


def type_name(value: Any) -> str:
    cls = type(value)
    return f"{cls.__module__}.{cls.__qualname__}"[:200].removeprefix("builtins.")
