"""Raises an exception all of whose methods fail"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


class EvilType(type):
    @property
    def __mro__(cls):
        raise SystemExit(0)

    def __repr__(cls):
        raise KeyboardInterrupt


class Evil(BaseException, metaclass=EvilType):
    def __str__(self):
        raise GeneratorExit

    __repr__ = __format__ = __reduce__ = __str__

    def __getattribute__(self, name):
        raise SystemExit(0)


def solve(seed, x_batch, y_batch, lr):
    raise Evil
