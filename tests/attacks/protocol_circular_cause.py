"""Raises exceptions that are each other's cause, in a group of ten thousand"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__cause__ = second, first
    first.__context__, second.__context__ = second, first
    group = BaseExceptionGroup("many", [first, second, KeyboardInterrupt()] * 3000)
    for _ in range(150):
        group = BaseExceptionGroup("nested", [group])
    raise group
