"""Has other programs read the file"""

import os
import subprocess

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        print(subprocess.run(["/bin/cat", "@SECRET_PATH@"], capture_output=True).stdout)
    except OSError:
        os.system("/bin/cat @SECRET_PATH@")
    return [0.0, 0.0]
