"""A judge that grades over and over until somebody kills it: ``judge_to_kill.py MARKER busy|idle``.

Says ``started`` before it has a zygote and ``grading`` before each submission. The marker is in the environment of
everything that it starts.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from judge.sandbox import Call, Sandbox
from judge.sandbox.flags import DEFAULT_FLAGS
from judge.selftest.target_exercise import LIMITS, make_target_exercise

BUSY = b"""
import threading
import numpy as np
kept = [np.ones(4 << 20) for _ in range(4)]
def spin():
    while True:
        sum(range(1000))
for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
def solve(seed, x_batch, y_batch, lr):
    spin()
"""
IDLE = b"""
import signal
import time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def solve(seed, x_batch, y_batch, lr):
    time.sleep(600)
"""


def main(marker: str, kind: str) -> None:
    limits = replace(LIMITS, wall_s=600.0, total_wall_s=600.0, cpu_s=600.0)
    print("started", flush=True)
    with Sandbox(limits, flags={**DEFAULT_FLAGS, "JUDGE_MARKER": marker}) as sandbox:
        calls = [Call(case.id, case.inputs) for case in make_target_exercise(Path("/nowhere")).cases]
        _ = sandbox.isolation
        while True:
            print("grading", flush=True)
            sandbox.observe(
                BUSY if kind == "busy" else IDLE,
                "solve",
                calls,
                on_step=lambda name: print("called", flush=True),
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
