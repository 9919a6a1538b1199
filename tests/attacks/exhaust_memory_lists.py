"""Fills lists for ever"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "time-limit"],
    "witness": "memory",
    "bound_s": 12,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


def solve(seed, x_batch, y_batch, lr):
    kept = []
    while True:
        kept.append([0.5] * 1_000_000)
