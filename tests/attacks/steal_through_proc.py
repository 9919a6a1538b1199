"""Goes around a closed folder by way of /proc, the current folder and links"""

import os
import pathlib

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


PATH = "@SECRET_PATH@"


def solve(seed, x_batch, y_batch, lr):
    tops = ["/proc/self/root", "/proc/thread-self/root", "/proc/1/root", f"/proc/{os.getppid()}/root"]
    tops += ["/proc/@VICTIM_PID@/root", "/proc/@JUDGE_PID@/cwd/../../../../../..", "../../../../../../.."]
    tops += ["/usr/lib/../..", "/dev/../", "//"]
    for top in tops:
        try:
            print(pathlib.Path(top + PATH).read_bytes())
        except OSError:
            continue
    return [0.0, 0.0]
