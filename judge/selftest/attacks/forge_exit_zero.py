"""Leaves with exit status 0 before anything is asked"""

import os

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["runtime-error"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


os._exit(0)
