"""Small named generators of array inputs, the same bits on every platform and with every NumPy.

Random numbers come from ``numpy.random.RandomState``, whose stream NumPy has frozen for good; the streams
of ``numpy.random.Generator`` may change between versions.  Values are computed in float64 and rounded once
to the parameter's dtype, which also hides a last-bit difference of a platform's ``log`` inside the normal
draw.  Should one ever show, the case's digest no longer fits its golden and grading refuses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judge.exercise.definition import MAX_SIZE
from judge.exercise.fields import Value
from judge.exercise.problems import Problems
from judge.exercise.yaml_tree import parse_yaml

if TYPE_CHECKING:
    from judge.model import Float64Array

_MAX_RANK = 4
_MAX_SEED = 2**32 - 1


def generate(value: Value) -> Float64Array | None:
    """The array that ``{NAME: {...}}`` stands for, or None with the reasons added to its problems."""
    given = value.fields((), tuple(GENERATORS), wanted="a number, a list or one generator")
    if len(given) != 1:
        if given or not value.node.children:
            value.complain(f"expected exactly one generator ({', '.join(GENERATORS)}), got {len(given)}")
        return None
    name, arguments = next(iter(given.items()))
    return GENERATORS[name](arguments)


def generated(written: Mapping[str, object]) -> Float64Array:
    """Return the array of a generator that is given as a mapping, as YAML would hold it.

    Raises ValueError with every problem when it is malformed.
    """
    problems = Problems(Path())
    node = parse_yaml(json.dumps(written), Path("generator"), problems)  # JSON is YAML
    array = None if node is None else generate(Value(node, "", Path("generator"), problems))
    if array is None:
        raise ValueError("; ".join(problem.message for problem in problems.found))
    return array


def _shape(given: dict[str, Value]) -> tuple[int, ...] | None:
    if "shape" not in given:
        return None
    items = given["shape"].items(wanted="a shape such as [8, 5]")
    if items is None:
        return None
    if not 1 <= len(items) <= _MAX_RANK:
        given["shape"].complain(f"a shape has between 1 and {_MAX_RANK} sizes, got {len(items)}")
        return None
    sizes = [item.integer(1, MAX_SIZE) for item in items]
    if None in sizes:
        return None
    shape = tuple(size for size in sizes if size is not None)
    if math.prod(shape) > MAX_SIZE:
        given["shape"].complain(f"{math.prod(shape)} numbers are too many for one input (at most {MAX_SIZE})")
        return None
    return shape


def _number(given: dict[str, Value], name: str, default: float | None = None) -> float | None:
    return given[name].number() if name in given else default


def _normal(value: Value) -> Float64Array | None:
    """``shift + scale * z`` with z standard normal."""
    given = value.fields(("shape", "seed"), ("scale", "shift"))
    shape, seed = _shape(given), given["seed"].integer(0, _MAX_SEED) if "seed" in given else None
    scale, shift = _number(given, "scale", 1.0), _number(given, "shift", 0.0)
    if scale is not None and scale <= 0:
        given["scale"].complain(f"{given['scale'].node.text} is not above 0; for equal values use 'constant'")
        return None
    if shape is None or seed is None or scale is None or shift is None:
        return None
    return np.asarray(shift + scale * np.random.RandomState(seed).standard_normal(shape))


def _uniform(value: Value) -> Float64Array | None:
    """Uniformly distributed over [low, high)."""
    given = value.fields(("shape", "seed"), ("low", "high"))
    shape, seed = _shape(given), given["seed"].integer(0, _MAX_SEED) if "seed" in given else None
    low, high = _number(given, "low", 0.0), _number(given, "high", 1.0)
    if low is not None and high is not None and low >= high:
        value.complain(f"low ({low:g}) is not below high ({high:g})")
        return None
    if shape is None or seed is None or low is None or high is None:
        return None
    return np.asarray(low + (high - low) * np.random.RandomState(seed).random_sample(shape))


def _constant(value: Value) -> Float64Array | None:
    """The same value everywhere."""
    given = value.fields(("shape", "value"))
    shape, number = _shape(given), _number(given, "value")
    return None if shape is None or number is None else np.full(shape, number, dtype=np.float64)


def _ramp(value: Value) -> Float64Array | None:
    """From ``start`` to ``stop`` in equal steps, both included, filling the shape row by row."""
    given = value.fields(("shape", "start", "stop"))
    shape, start, stop = _shape(given), _number(given, "start"), _number(given, "stop")
    if shape is None or start is None or stop is None:
        return None
    steps = np.arange(math.prod(shape), dtype=np.float64) / max(math.prod(shape) - 1, 1)
    return (start + (stop - start) * steps).reshape(shape)


def _columns(value: Value) -> Float64Array | None:
    """A matrix put together from columns: lists of numbers, or generators of one dimension."""
    columns = _lines(value, "column", "rows")
    return None if columns is None else np.stack(columns, axis=1)


def _rows(value: Value) -> Float64Array | None:
    """A matrix put together from rows: lists of numbers, or generators of one dimension."""
    rows = _lines(value, "row", "columns")
    return None if rows is None else np.stack(rows)


def _lines(value: Value, line: str, crossed: str) -> list[Float64Array] | None:
    """Read equally long vectors. ``line`` and ``crossed`` are what errors call one of them and its numbers."""
    items = value.items(wanted=f"a list of {line}s")
    if items is None:
        return None
    lines: list[Float64Array] = []
    for item in items:
        vector = generate(item) if item.node.kind == "map" else read_numbers(item)
        if vector is None:
            continue
        if vector.ndim != 1:
            item.complain(f"a {line} has one dimension, this has shape {vector.shape}")
        elif lines and vector.shape != lines[0].shape:
            item.complain(f"this {line} has {vector.size} {crossed}, the first has {lines[0].size}")
        else:
            lines.append(vector)
    if not items:
        value.complain(f"at least one {line} is needed")
    return lines if items and len(lines) == len(items) else None


GENERATORS: dict[str, Callable[[Value], Float64Array | None]] = {
    "normal": _normal,
    "uniform": _uniform,
    "constant": _constant,
    "ramp": _ramp,
    "columns": _columns,
    "rows": _rows,
}


def read_numbers(value: Value) -> Float64Array | None:
    """Nested lists of numbers as a float64 array; rows of different length are a problem."""
    if value.node.kind == "map":
        value.wrong("a number or a list")
        return None
    if value.node.kind == "scalar":
        number = value.number()
        return None if number is None else np.asarray(number, dtype=np.float64)
    items = value.items() or []
    if not items:
        value.complain("is an empty list; every size is at least 1")
        return None
    parts = [read_numbers(item) for item in items]
    first = parts[0]
    for item, part in zip(items, parts, strict=True):
        if first is not None and part is not None and part.shape != first.shape:
            item.complain(f"has shape {part.shape}, its neighbour {items[0].field} has {first.shape}")
            return None
    whole = [part for part in parts if part is not None]
    return np.stack(whole) if len(whole) == len(parts) else None
