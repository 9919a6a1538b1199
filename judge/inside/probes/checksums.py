"""Facts that probes may record about numbers: checksums of concrete arrays, and the proportion of two trees.

A checksum shows that two runs held the same numbers at the same point of their work, and not which ones. It is made
of values that exist already: under jit, where there are none yet, it is None, and nothing is ever computed with jax.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

MAX_SIZE = 100_000
MAX_SUMMED = 64
_GOLDEN_RATIO = (5**0.5 - 1) / 2
_HEAVIEST = 7.0


@dataclass(frozen=True)
class Later:
    """The result of ``make`` for a leaf that is still traced: known when the compiled function has been run."""

    leaf: Any
    make: Callable[[Any], Any]


def of_leaf(leaf: Any, make: Callable[[Any], Any]) -> Any:
    """Return ``make(leaf)``, or a `Later` while the leaf is traced; None when it cannot be computed."""
    import jax

    if isinstance(leaf, jax.core.Tracer):
        return Later(leaf, make)
    try:
        return make(leaf)
    except Exception:  # for example a donated buffer
        return None


def of_leaves(leaves: Sequence[tuple[Sequence[str], Any]]) -> list[list[Any]]:
    """Return the checksum of each of a tree's leaves, as pairs with its path; of very many the first."""
    return [["/".join(path)[:200], of_leaf(leaf, checksum)] for path, leaf in leaves[:MAX_SUMMED]]


def over_laters(value: Any, action: Callable[[Later], Any]) -> Any:
    """Return the value, of dictionaries and lists, with every `Later` replaced by the result of ``action``."""
    if isinstance(value, Later):
        return action(value)
    if isinstance(value, dict):
        return {name: over_laters(part, action) for name, part in value.items()}
    return [over_laters(part, action) for part in value] if isinstance(value, list) else value


def concrete(leaf: Any) -> Any:
    """Return the leaf as a float64 numpy array; None for a tracer, a large array, and anything but real numbers."""
    import jax
    import numpy as np

    if isinstance(leaf, jax.core.Tracer):
        return None
    if type(leaf) is not np.ndarray and not isinstance(leaf, (np.generic, jax.Array, int, float)):
        return None
    array = np.asarray(leaf)
    is_real = array.dtype.kind in "fiu" or array.dtype.name.startswith(("bfloat", "float8"))
    if array.size > MAX_SIZE or not is_real:
        return None
    return array.astype(np.float64)


def is_concrete(leaf: Any) -> bool:
    """True for a concrete array of jax or numpy of at most `MAX_SIZE` elements."""
    import jax
    import numpy as np

    if isinstance(leaf, jax.core.Tracer):
        return False
    return isinstance(leaf, (np.ndarray, jax.Array)) and leaf.size <= MAX_SIZE


def checksum(leaf: Any) -> list[float] | None:
    """Return the sum of the absolute values, and a sum in which positions have different weights."""
    array = concrete(leaf)
    if array is None:
        return None
    sums = sums_of(array)
    return sums if all(map(math.isfinite, sums)) else None


def sums_of(array: Any) -> list[float]:
    """Return the checksum of an array of float64."""
    import numpy as np

    flat = array.ravel()
    weights = _weights() if flat.size <= MAX_SIZE else _made_weights(flat.size)
    return [float(np.abs(flat).sum()), float((flat * weights[: flat.size]).sum())]


@cache
def _weights() -> Any:
    return _made_weights(MAX_SIZE)


def _made_weights(size: int) -> Any:
    """Return weights of positions, irrational and without a period.

    Whole weights give the same sum for many ways of moving hand-written numbers.
    """
    import numpy as np

    return 1.0 + (_HEAVIEST - 1.0) * (np.arange(size) * _GOLDEN_RATIO % 1.0)


def number(value: Any) -> float | None:
    """Return the value as a finite float; None unless it is a single concrete number."""
    array = concrete(value)
    if array is None or array.size != 1:
        return None
    found = float(array.ravel()[0])
    return found if math.isfinite(found) else None


def proportion(pairs: Iterable[tuple[str, Any, Any]]) -> dict[str, Any] | None:
    """Return the one factor between the arrays of each pair; None when not known.

    pairs: path, first, second. ``{"factor": f, "exact": bool}``: f fits best, and is exact when no element is off by
    more than rounding. Where it is not, and each pair has an exact factor of its own, ``parts`` lists these by path.
    """
    import numpy as np

    paths, firsts, seconds = [], [], []
    for path, first, second in list(pairs)[:MAX_SUMMED]:
        a, b = concrete(first), concrete(second)
        if a is None or b is None or a.shape != b.shape:
            return None
        paths.append(path)
        firsts.append(a.ravel())
        seconds.append(b.ravel())
    if not firsts:
        return None
    whole = _factor(np.concatenate(firsts), np.concatenate(seconds))
    if whole is None or whole["exact"]:
        return whole
    each = list(zip(paths, map(_factor, firsts, seconds), strict=True))
    parts = [[path, part["factor"]] for path, part in each if part is not None and part["exact"]]
    # An array of zeros fits any factor and proves nothing.
    all_exact = len(parts) > 1 and all(part is None or part["exact"] for _, part in each)
    return {**whole, "parts": parts} if all_exact else whole


def _factor(given: Any, made: Any) -> dict[str, Any] | None:
    import numpy as np

    size = float((given * given).sum())
    if not (math.isfinite(size) and size > 0 and bool(np.isfinite(made).all())):
        return None
    factor = float((given * made).sum() / size)
    off = np.abs(made - factor * given)
    return {"factor": factor, "exact": bool((off <= 1e-5 * np.abs(factor * given) + 1e-30).all())}


def key_words(key: Any) -> list[int] | None:
    """Return the words of a random key, old style or new; None while it is traced."""
    import jax
    import numpy as np

    words = getattr(key, "_base_array", key)  # a new-style key holds its words; jax would compile to get them
    if isinstance(words, jax.core.Tracer) or isinstance(key, jax.core.Tracer):
        return None
    array = np.asarray(words)
    if array.dtype != np.uint32 or array.size > 8:
        return None
    return [int(word) for word in array.ravel()]
