"""Returns an array of a type with ten thousand fields, with a name of four megabytes"""

import numpy as np

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer"],
    "witness": "judge-memory",
    "bound_s": 20,
    "limits": {"wall_s": 4.0, "total_wall_s": 8.0},
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    fields = [(f"field{number}" + "x" * 100, "f8") for number in range(10_000)]
    array = np.zeros(2, dtype=fields)
    return array.view(type("A" * 4_000_000, (np.ndarray,), {"__repr__": lambda self: str(self.dtype)}))
