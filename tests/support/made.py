"""Observations made up for a test: what the sandbox would have seen, without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from judge.exercise import Misconception, load_exercise, load_misconceptions
from judge.model import (
    Case,
    Claimed,
    ClaimedException,
    ClaimedFrame,
    ClaimedValue,
    Ended,
    Event,
    Exercise,
    Golden,
    Limits,
    Measured,
    Observation,
    Origin,
    OutputSpec,
    Parameter,
    PitfallSpec,
    Severity,
    StepObservation,
    Submission,
    ToleranceRule,
    Visibility,
    WrongReturn,
)
from judge.pitfalls import pitfalls
from support.diagnosis_bank import ISOLATION, ROOT

SOURCE = b"""\
def loss_fn(params):
    return 1.0


def solve(seed, x_batch, y_batch, lr):
    grads = jax.grad(loss_fn)(params)
    return [0.0]
"""


def exercise(*codes: str) -> Exercise:
    """An exercise that checks all pitfalls of the engine, or these."""
    chosen = codes or (
        "optimizer-on-variables",
        "missing-mutable",
        "batch-stats-optimized",
        "missing-has-aux",
    )
    assert set(chosen) <= set(pitfalls())
    return Exercise(
        name="made-up",
        title="Made up",
        root=Path("made-up"),
        entry_point="solve",
        parameters=tuple(Parameter(name, "float") for name in ("seed", "x_batch", "y_batch", "lr")),
        output=OutputSpec((1,)),
        limits=Limits(),
        pitfalls=tuple(PitfallSpec(code, Severity.ERROR, 1.0) for code in chosen),
        tolerance=ToleranceRule(),
        digest="made-up",
    )


def case(name: str, *, hidden: bool = False, lr: float = 0.1) -> Case:
    visibility = Visibility.HIDDEN if hidden else Visibility.PUBLIC
    inputs: Mapping[str, Any] = {"seed": 1.0, "x_batch": 1.0, "y_batch": 1.0, "lr": lr}
    return Case(name, "made up", inputs, 1.0, visibility, Origin.WRITTEN, name)


def golden(name: str, expected: float = 1.0, **wrong: float | str) -> Golden:
    """A golden with a tolerance of 1e-5; ``wrong`` maps misconceptions (underscores for hyphens) to values."""
    returns = {
        key.replace("_", "-"): WrongReturn(None, value)
        if isinstance(value, str)
        else WrongReturn(np.array([value], np.float64), None)
        for key, value in wrong.items()
    }
    return Golden(name, name, np.array([expected], np.float64), 1e-5, 1e-7, returns)


_BANK = load_misconceptions(load_exercise(ROOT))
BANK = {**{m.code: m for m in reversed(_BANK)}, **{m.name: m for m in _BANK}}
"""The repository's misconceptions by name, and by code the first of each."""


def misconception(name: str, code: str | None = None, **more: Any) -> Misconception:
    """One that is made up; where the repository's exercise knows its name, it declares what that one declares."""
    if name in BANK:
        known = BANK[name]
        code = code or known.code
        more = {"evidence": known.evidence, "blame": known.blame, "differences": known.differences, **more}
    page = f"Title of {name}\n\n## What happens\n\nThis is {name}.\n\n## A question to think about\n\nWhy {name}?\n"
    return Misconception(name, code or name, f"Title of {name}", page, Path(f"{name}.py"), b"", **more)


def value(*numbers: float, shape: tuple[int, ...] | None = None) -> ClaimedValue:
    array = np.array(numbers, np.float64).reshape(shape if shape is not None else (len(numbers),))
    return ClaimedValue("list", "float64", array.shape, array)


def raised(name: str, text: str, *lines: int) -> ClaimedException:
    bases = ("builtins.Exception", "builtins.BaseException")
    frames = tuple(ClaimedFrame(line, "solve") for line in lines or (6,))
    return ClaimedException((name, *bases), text, frames)


def event(kind: str, line: int | None = 6, **facts: Any) -> Event:
    return Event(kind, line, facts)


def step(result: ClaimedValue | ClaimedException | Ended | None, *events: Event) -> StepObservation:
    if isinstance(result, Ended):
        return StepObservation(Measured(result, 1.0, 1.0, 10.0, 0), Claimed(events=events))
    claimed = Claimed(
        returned=result if isinstance(result, ClaimedValue) else None,
        raised=result if isinstance(result, ClaimedException) else None,
        events=events,
    )
    return StepObservation(Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0), claimed)


def observation(load: StepObservation | None = None, **cases: StepObservation) -> Observation:
    return Observation(load or step(None), cases, ISOLATION)


def submission(source: bytes = SOURCE) -> Submission:
    return Submission("made_up.py", source, "")
