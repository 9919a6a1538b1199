"""What probes may say of numbers: checksums of arrays that stand still, and how two trees are in proportion.

A checksum says whether two runs held the same numbers at the same point of their work, and not which ones.  It is made
of values that exist already: under jit, where there are none yet, it is None, and nothing is ever computed with jax.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

MAX_SIZE = 100_000
MAX_SUMMED = 64
_PERIOD = 7


def concrete(leaf: Any) -> Any:
    """The leaf as a float64 numpy array; None for a tracer, and for what is no array of real numbers."""
    import jax
    import numpy as np

    if isinstance(leaf, jax.core.Tracer):
        return None
    if type(leaf) is not np.ndarray and not isinstance(leaf, (np.generic, jax.Array, int, float)):
        return None
    array = np.asarray(leaf)
    if array.size > MAX_SIZE or array.dtype.kind not in "fiu":
        return None
    return array.astype(np.float64)


def is_concrete(leaf: Any) -> bool:
    """An array of jax or numpy that stands still and is not too large to look at."""
    import jax
    import numpy as np

    if isinstance(leaf, jax.core.Tracer):
        return False
    return isinstance(leaf, (np.ndarray, jax.Array)) and leaf.size <= MAX_SIZE


def checksum(leaf: Any) -> list[float] | None:
    """The sum of the absolute values, and a sum in which places weigh differently."""
    import numpy as np

    array = concrete(leaf)
    if array is None:
        return None
    flat = array.ravel()
    weights = 1.0 + np.arange(flat.size) % _PERIOD
    sums = [float(np.abs(flat).sum()), float((flat * weights).sum())]
    return sums if all(map(math.isfinite, sums)) else None


def number(value: Any) -> float | None:
    """A single number that stands still."""
    array = concrete(value)
    if array is None or array.size != 1:
        return None
    found = float(array.ravel()[0])
    return found if math.isfinite(found) else None


def proportion(pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any] | None:
    """Whether the second of each pair is the first times one factor, the same for all; None when they are not known.

    ``{"factor": f, "exact": bool}``: f fits best, and is exact when no element is off by more than rounding.
    """
    import numpy as np

    firsts, seconds = [], []
    for first, second in list(pairs)[:MAX_SUMMED]:
        a, b = concrete(first), concrete(second)
        if a is None or b is None or a.shape != b.shape:
            return None
        firsts.append(a.ravel())
        seconds.append(b.ravel())
    if not firsts:
        return None
    given, made = np.concatenate(firsts), np.concatenate(seconds)
    size = float((given * given).sum())
    if not (math.isfinite(size) and size > 0 and bool(np.isfinite(made).all())):
        return None
    factor = float((given * made).sum() / size)
    off = np.abs(made - factor * given)
    return {"factor": factor, "exact": bool((off <= 1e-5 * np.abs(factor * given) + 1e-30).all())}


def key_words(key: Any) -> list[int] | None:
    """The words of a random key, old style or new; None while it is traced."""
    import jax
    import numpy as np

    words = getattr(
        key, "_base_array", key
    )  # a new-style key holds its words; asking jax for them would compile
    if isinstance(words, jax.core.Tracer) or isinstance(key, jax.core.Tracer):
        return None
    array = np.asarray(words)
    if array.dtype != np.uint32 or array.size > 8:
        return None
    return [int(word) for word in array.ravel()]
