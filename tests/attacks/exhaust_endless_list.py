"""Returns a sequence that never ends"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


class Endless:
    def __len__(self):
        return 2

    def __getitem__(self, index):
        while True:
            index += 1


def solve(seed, x_batch, y_batch, lr):
    return Endless()
