"""Has the compiler build an enormous syntax tree while the file loads"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "time-limit"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 15.0},
}


compile("x = [" + "1.5," * 6_000_000 + "]\n" * 1, "bomb", "exec")
compile("a = b\n" * 4_000_000, "bomb", "exec")


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
