"""Raises an exception whose text no encoding can hold"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    raise ValueError("\ud800\udfff\ud800 \0 \uffff")
