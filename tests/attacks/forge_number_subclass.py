"""Returns floats whose difference to anything is zero"""

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


class Close(float):
    def __sub__(self, other):
        return 0.0

    def __rsub__(self, other):
        return 0.0


def solve(seed, x_batch, y_batch, lr):
    return [Close(1.0), Close(2.0)]
