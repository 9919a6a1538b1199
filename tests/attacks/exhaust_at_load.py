"""Never finishes loading"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "bound_s": 5,
}


while True:
    pass
