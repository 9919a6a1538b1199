"""Takes the interpreter's own functions away"""

import builtins
import json
import sys

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    json.dumps = json.loads = None
    names = [name for name in vars(builtins) if not name.startswith("__")]
    for name in names:
        delattr(builtins, name)
    sys.modules.clear()
    return [0.0, 0.0]
