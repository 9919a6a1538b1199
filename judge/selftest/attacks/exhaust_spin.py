"""Computes for ever"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        seed += 1
