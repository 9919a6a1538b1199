"""Fills shared memory, which limits on data do not count"""

import mmap

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "memory-limit"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


kept = []


def solve(seed, x_batch, y_batch, lr):
    try:
        while len(kept) < 34:
            block = mmap.mmap(-1, 32 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
            kept.append(block)
            block.write(b"x" * len(block))
    except OSError:
        pass
    return [0.0, 0.0]
