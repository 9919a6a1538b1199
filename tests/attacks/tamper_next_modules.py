"""Hides something in modules, environment and caches for the next submission"""

import builtins
import functools
import linecache
import os
import sys

import numpy as np

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "token",
    "bound_s": 6,
    "control": "naive",
    "runs": 2,
}


TOKEN = "@TOKEN@"


def solve(seed, x_batch, y_batch, lr):
    if TOKEN:
        builtins.left = np.left = TOKEN
        os.environ["LEFT"] = TOKEN
        linecache.cache["left"] = (1, None, [TOKEN], "left")
        sys.modules["left"] = functools.partial(print, TOKEN)
    else:
        print(getattr(builtins, "left", ""), getattr(np, "left", ""), os.environ.get("LEFT", ""))
        print(linecache.getlines("left"), sys.modules.get("left"))
    return [0.0, 0.0]
