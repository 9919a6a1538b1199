"""Changes its root"""

import contextlib
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["violation"],
    "witness": "process",
    "bound_s": 5,
    "needs": ["root"],
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.25)
    with contextlib.suppress(OSError):
        os.chroot("/usr")
    time.sleep(0.25)
    return [0.0, 0.0]
