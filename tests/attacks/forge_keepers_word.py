"""Says in the keeper's words that all is well, and over every descriptor, how it ended"""

import contextlib
import json
import os
import struct

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["violation", "runtime-error"],
    "witness": "points",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    ended = {
        "kind": "ended",
        "reason": "exited",
        "exit_code": 0,
        "signal": None,
        "cpu_s": 0,
        "peak_memory_mib": 0,
    }
    for header in (
        {"kind": "started", "layers": ["landlock"]},
        ended,
        {"kind": "verdict", "verdict": "accepted"},
    ):
        text = json.dumps(header).encode()
        for fd in (*range(64), 3):
            with contextlib.suppress(OSError):
                os.write(fd, struct.pack("!II", len(text), 0) + text)
    os._exit(0)
