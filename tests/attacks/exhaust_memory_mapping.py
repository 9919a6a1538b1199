"""Maps memory and has the kernel fill it in"""

import mmap

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "wrong-answer"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


kept = []


def solve(seed, x_batch, y_batch, lr):
    try:
        while len(kept) < 40:
            block = mmap.mmap(-1, 32 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            block.madvise(23)
            kept.append(block)
            block.write(b"x" * len(block))
    except OSError as error:
        if error.errno == 12:
            raise MemoryError from error
    return [0.0, 0.0]
