"""Is nested so deeply that parsing it overflows the stack of whoever parses it"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["invalid-submission", "runtime-error", "memory-limit"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


VALUE = "@DEEP@"


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
