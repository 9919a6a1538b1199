"""Is a file with a null byte in it"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["invalid-submission"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


TEXT = "@NUL@"


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
