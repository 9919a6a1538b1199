"""Reads ahead: takes from the channel whatever is there before it is asked, and waits for more"""

import os
import select

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer", "time-limit"],
    "witness": "hidden",
    "limits": {"wall_s": 0.8, "total_wall_s": 1.6},
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    from_whom = __import__("sys")._getframe(1)
    while from_whom is not None:  # whoever has all cases at hand has them in a variable
        for value in from_whom.f_locals.values():
            if isinstance(value, list):
                for inputs in value:
                    if isinstance(inputs, tuple) and inputs and isinstance(inputs[0], dict):
                        print(inputs[0]["y_batch"].tobytes().hex(), flush=True)
        from_whom = from_whom.f_back
    waited = select.select([3], [], [], 0.7)[0]
    print(os.read(3, 1 << 20).hex() if waited else "nothing", flush=True)
    return [0.0, 0.0]
