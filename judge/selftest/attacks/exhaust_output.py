"""Prints without end"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["output-limit"],
    "witness": "output",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        print("x" * 1000)
