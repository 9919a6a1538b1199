"""Honest programs, confined and unconfined on one processor: the same bits and the same text must come back.

    legitimate.py LEVEL     runs all as the judge of another setting, and prints one JSON line for each
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from support.isolation_settings import only_good

from judge.model import Ended, Limits, StepObservation
from judge.sandbox import Call, Sandbox

PROGRAMS = sorted((Path(__file__).resolve().parent / "programs").glob("*.py"))
LIMITS = Limits(wall_s=120.0, total_wall_s=240.0, cpu_s=120.0)


@dataclass(frozen=True)
class Result:
    """What came of one program in one place."""

    step: StepObservation

    @property
    def bits(self) -> str:
        """The returned numbers, bit for bit; '' when there are none."""
        returned = self.step.claimed.returned
        if self.step.measured.ended is not Ended.ANSWERED or returned is None or returned.array is None:
            return ""
        return f"{returned.array.shape} {returned.array.tobytes().hex()}"

    @property
    def told(self) -> str:
        raised = self.step.claimed.raised
        problem = self.step.claimed.returned.problem if self.step.claimed.returned else ""
        return f"{self.step.measured.ended} {raised or problem} {self.step.claimed.stdout[-500:]}"


def sandboxes() -> tuple[Sandbox, Sandbox]:
    """The best that there is, and none at all, on one and the same processor."""
    processor = (min(os.sched_getaffinity(0)),)
    return Sandbox(LIMITS, affinity=processor), Sandbox(LIMITS, accept="none", affinity=processor)


def run(sandbox: Sandbox, program: Path) -> Result:
    observation = sandbox.observe(program.read_bytes(), "solve", [Call("case", inputs())])
    return Result(observation.cases.get("case", observation.load))


def inputs() -> dict[str, float | int | np.ndarray]:
    draw = np.random.default_rng(7)
    x, y = draw.normal(size=(6, 4)).astype(np.float32), draw.normal(size=6).astype(np.float32)
    return {"seed": 3, "x_batch": x, "y_batch": y, "lr": 0.05}


def problem_of(confined: Result, bare: Result) -> str:
    """What is not as it is outside; '' when everything is."""
    if not bare.bits:
        return f"it does not even run outside: {bare.told}"
    if not confined.bits:
        return f"it does not run confined: {confined.told}"
    if confined.bits != bare.bits:
        return "the bits differ"
    if confined.step.claimed.stdout != bare.step.claimed.stdout:
        return f"it prints {confined.step.claimed.stdout!r}, and outside {bare.step.claimed.stdout!r}"
    return ""


def compare_all(level: str) -> Iterator[dict[str, object]]:
    """One line for each program, for the judge of another setting."""
    confined, bare = sandboxes()
    with confined, bare:
        yield {"level": confined.isolation.level, "wanted": level, "uid": os.getuid()}
        for program in PROGRAMS:
            yield {"program": program.stem, "problem": problem_of(run(confined, program), run(bare, program))}


def main(level: str) -> None:
    if level == "good":
        only_good()
    for line in compare_all(level):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
