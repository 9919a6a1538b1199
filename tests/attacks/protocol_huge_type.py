"""Returns an array of a type with ten thousand fields, with a name of a megabyte"""

import numpy as np

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    fields = [(f"field{number}" + "x" * 100, "f8") for number in range(10_000)]
    array = np.zeros(2, dtype=fields)
    return array.view(type("A" * 1_000_000, (np.ndarray,), {"__reduce__": None}))
