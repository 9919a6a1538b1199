"""Computes an enormous integer in one operation"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit", "memory-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    return 7 ** (seed + 10**8)
