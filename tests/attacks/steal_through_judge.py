"""Imports the judge's own code and has it read the file"""

import sys

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    # The attack itself: to reach the judge where it is installed, and not what was given to the submission.
    sys.path.insert(0, "@PACKAGE_ROOT@")
    sys.modules.pop("judge", None)
    try:
        from judge.model import Limits
        from judge.submission import read_submission

        print(read_submission("@SECRET_PATH@", Limits()))
    except Exception as error:
        print(type(error))
    return [0.0, 0.0]
