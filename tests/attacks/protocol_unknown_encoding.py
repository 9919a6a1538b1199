# @ENCODING@
"""Is a file that says it is written in an encoding that needs quadratic time"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["invalid-submission", "runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
