"""Changes the mode of a file"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for path in ("@CANARY_PATH@", "@CANARY_DIR@", "@SECRET_PATH@"):
        with contextlib.suppress(OSError):
            os.chmod(path, 0o777 if path != "@CANARY_DIR@" else 0o1777)
    return [0.0, 0.0]
