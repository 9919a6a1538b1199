"""The class and settings of a flax layer: those of its fields that affect results."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

WITHOUT_EFFECT = frozenset(
    {
        # identity and position in the model
        "parent",
        "name",
        # train and evaluation mode, which change from call to call
        "use_running_average",
        "deterministic",
        # how it is computed, not what
        "precision",
        "use_fast_variance",
        "force_float32_reductions",
        "promote_dtype",
        "dot_general",
        "dot_general_cls",
        "preferred_element_type",
        "axis_name",
        "axis_index_groups",
    }
)
MAX_TEXT = 160


def layer_facts(module: Any) -> dict[str, Any] | None:
    """Return ``{"class": "Dense", "features": 16, ...}`` for one of flax's own layers, lifted or not; else None."""
    from flax import linen

    kinds = [cls for cls in type(module).__mro__ if getattr(linen, cls.__name__, None) is cls]
    if not kinds or kinds[0] is linen.Module:
        return None
    facts: dict[str, Any] = {"class": kinds[0].__name__}
    for field in dataclasses.fields(kinds[0]):
        if field.name not in WITHOUT_EFFECT:
            facts[field.name] = _spelt(getattr(module, field.name), field.name)
    return facts


def _spelt(value: Any, name: str) -> Any:
    """Return a setting as JSON: a number, a flag, a list of them, or a text."""
    if name == "dtype" and value is None:
        return "float32"  # the dtype that results for float32 inputs
    if value is None or isinstance(value, (bool, str)):
        return value if not isinstance(value, str) else value[:MAX_TEXT]
    if isinstance(value, (int, float)):
        return value if abs(value) < 2**53 and math.isfinite(value) else str(value)[:MAX_TEXT]
    if isinstance(value, (tuple, list)):
        return [_spelt(item, "") for item in value[:8]]
    if "dtype" in name:
        import numpy as np

        return np.dtype(value).name
    return _function(value)


def _function(value: Any) -> str:
    """Return a function's name and the plain values that it was made with: initializers are closures."""
    text = str(getattr(value, "__qualname__", type(value).__qualname__)).replace(".<locals>.", ".")
    cells = getattr(value, "__closure__", None) or ()
    names = getattr(getattr(value, "__code__", None), "co_freevars", ())
    for name, cell in zip(names, cells, strict=False):
        content = cell.cell_contents
        if isinstance(content, (bool, int, float, str, tuple)):
            text += f" {name}={content}"
    return text[:MAX_TEXT]
