"""Is one expression of forty thousand terms, which no recursive program can walk"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "invalid-submission", "wrong-answer", "memory-limit", "time-limit"],
    "witness": "no-verdict",
    "bound_s": 12,
    "control": "naive",
    "limits": {"wall_s": 5.0},
}


VALUE = "@CHAIN@"


def solve(seed, x_batch, y_batch, lr):
    raise ValueError(VALUE)
