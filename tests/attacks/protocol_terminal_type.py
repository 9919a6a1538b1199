"""Returns an object whose type and dtype are called like escape sequences"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer"],
    "witness": "terminal",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    return type("\x1b[2J\x07", (), {"__repr__": lambda self: "\x1b[2J\x1b]0;owned\x07"})()
