"""Returns an object that equals everything"""

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


class Everything:
    def __eq__(self, other):
        return True

    def __len__(self):
        return 2

    __hash__ = None


def solve(seed, x_batch, y_batch, lr):
    return Everything()
