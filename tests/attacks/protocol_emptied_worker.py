"""Empties every function of the modules around it"""

import sys
import types

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def nothing(*arguments, **options):
    raise KeyboardInterrupt


def solve(seed, x_batch, y_batch, lr):
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("judge", "__main__", "naive")):
            for value in list(vars(module).values()):
                if isinstance(value, types.FunctionType) and not value.__closure__:
                    value.__code__ = nothing.__code__
    return [0.0, 0.0]
