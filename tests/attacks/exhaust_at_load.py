"""Never finishes loading"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


while True:
    pass
