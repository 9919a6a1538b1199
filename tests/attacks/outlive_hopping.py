"""Is a new process sixty times in a row, each the child of a dead one, so that no list of processes is ever right"""

import contextlib
import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "limits": {"wall_s": 8.0, "total_wall_s": 10.0},
    "bound_s": 15,
}
HOPS = 60


def hop(arrived):
    """Become one's own child again and again; the last one says so and stays."""
    os.setsid()
    for _ in range(HOPS):
        if os.fork():
            os._exit(0)
    os.write(arrived, b"!")
    os.close(arrived)
    time.sleep(20)
    os._exit(0)


def solve(seed, x_batch, y_batch, lr):
    # To wait for the last of them makes it no weaker, and shows on a busy machine too that it is there.
    waiting, arrived = os.pipe()
    with contextlib.suppress(OSError):
        if os.fork() == 0:
            os.close(waiting)
            hop(arrived)
        os.close(arrived)
        os.read(waiting, 1)
    return [0.0, 0.0]
