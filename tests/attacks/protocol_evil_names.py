"""Raises an exception whose class lies about its name, module and text"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "points",
    "bound_s": 5,
    "control": "naive",
}


class Name(str):
    def __len__(self):
        return -1

    def __format__(self, spec):
        raise SystemExit(0)

    def __getitem__(self, index):
        raise SystemExit(0)

    __str__ = __repr__ = __format__


class Evil(Exception):
    __module__ = Name("nowhere")

    def __str__(self):
        return Name("text" * 10_000)


def solve(seed, x_batch, y_batch, lr):
    raise Evil
