"""Has the kernel write what it must not write itself: by sending, splicing and copying"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    reading, writing = os.pipe()
    os.write(writing, b"changed" * 3)
    with contextlib.suppress(OSError):
        source = os.open(os.__file__, os.O_RDONLY)
        target = os.open("@CANARY_PATH@", os.O_RDONLY)
        with contextlib.suppress(OSError):
            os.sendfile(target, source, 0, 7)
        with contextlib.suppress(OSError):
            os.copy_file_range(source, target, 7)
        with contextlib.suppress(OSError):
            os.splice(reading, target, 7)
    with contextlib.suppress(OSError):
        target = os.open("@CANARY_PATH@", os.O_WRONLY)
        os.splice(reading, target, 7)
        os.posix_fallocate(target, 0, 1 << 20)
    return [0.0, 0.0]
