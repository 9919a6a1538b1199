"""Raises what is not meant to be caught"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    try:
        raise GeneratorExit
    except GeneratorExit:
        raise KeyboardInterrupt from None
