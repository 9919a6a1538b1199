"""Building what is in the cache: a confined child runs the author's files and hands out what jax compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from judge import wire
from judge.sandbox.cache import Compiled
from judge.sandbox.session import Session
from judge.sandbox.warm import WarmPlan

PROGRAM_S = 300.0
HEAVY = 120
"""A file that needs so many operations nobody else needs is not worth the time of every warm-up."""


@dataclass(frozen=True)
class _Built:
    new: tuple[int, ...]
    clean: bool
    """It compiled no function of its own and left nothing behind."""


def build(session: Session, plan: WarmPlan, told: Callable[[int, int], None]) -> Compiled:
    """Run all of the plan in ``session``, and choose what a warm-up is to run.

    ``told`` hears how many of how many files are done. Raises SandboxError when the process fails.
    """
    header = {"kind": "build", "entry_point": plan.entry_point}
    session.ask(wire.pack(header, b"".join(plan.calls)), PROGRAM_S)
    built = []
    for number, program in enumerate(plan.programs):
        told(number, len(plan.programs))
        answer = session.ask(wire.pack({"kind": "program"}, program), PROGRAM_S).header
        clean = not answer["own"] and not answer["alive"]
        built.append(_Built(tuple(answer["new"]), clean))
    entries: dict[str, bytes] = {}
    left = 1
    while left:
        frame = session.ask(wire.pack({"kind": "collect"}), PROGRAM_S)
        left, place = int(frame.header["left"]), 0
        for key, size in frame.header["keys"]:
            entries[key] = frame.body[place : place + size]
            place += size
    return Compiled(dict(sorted(entries.items())), _steps(built))


def _steps(built: list[_Built]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Every clean file with those of its calls that brought something new; all calls of the first."""
    steps = []
    for number, one in enumerate(built):
        if not one.clean or (number and sum(one.new) > HEAVY):
            continue
        calls = tuple(index for index, new in enumerate(one.new) if new or not number)
        if calls:
            steps.append((number, calls))
    return tuple(steps)
