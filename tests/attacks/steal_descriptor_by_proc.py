"""Opens another process's descriptors through /proc"""

import os

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for number in (int("@VICTIM_FD@"), *range(32)):
        try:
            fd = os.open(f"/proc/@VICTIM_PID@/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
            print(os.pread(fd, 100, 0))
        except OSError:
            continue
    return [0.0, 0.0]
