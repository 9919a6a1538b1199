"""Raises an exception whose class, text and function are escape sequences"""

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "terminal",
    "bound_s": 5,
    "control": "naive",
}


EVIL = "\x1b]0;owned\x07\x1b[2J\u202e"


def solve(seed, x_batch, y_batch, lr):
    def fail():
        raise type(EVIL, (Exception,), {"__module__": EVIL})(EVIL)

    fail.__code__ = fail.__code__.replace(co_name=EVIL)
    fail()
