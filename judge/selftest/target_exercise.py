"""A small exercise to attack, with random inputs and answers in every run, so that none can be known beforehand."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from judge.grade import LoadedExercise
from judge.model import (
    Case,
    Exercise,
    Golden,
    Inputs,
    Limits,
    Origin,
    OutputSpec,
    Parameter,
    ToleranceRule,
    Visibility,
)

LIMITS = Limits(
    wall_s=1.5, total_wall_s=4.0, cpu_s=3.0, memory_mib=512, threads=64, open_files=64, output_kib=64
)
"""Small, so that attacks end soon."""

RIGHT_SUBMISSION = b"""\
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    x = np.asarray(x_batch, dtype=np.float64)
    y = np.asarray(y_batch, dtype=np.float64)
    return np.array([np.mean((x.sum(axis=1) - y) ** 2), lr * np.mean(x) + seed])
"""

WRONG_SUBMISSION = b"""\
def solve(seed, x_batch, y_batch, lr):
    return [0.25, 0.5]
"""


def make_target_exercise(root: Path) -> LoadedExercise:
    """Return a public and a hidden case of an exercise whose ``root`` is given."""
    draw = np.random.default_rng()
    cases, goldens = [], {}
    for visibility in (Visibility.PUBLIC, Visibility.HIDDEN):
        case, golden = _case(draw, f"target/{visibility}", visibility)
        cases.append(case)
        goldens[case.id] = golden
    exercise = Exercise(
        name="selftest",
        title="A target",
        root=root,
        entry_point="solve",
        parameters=(
            Parameter("seed", "int"),
            Parameter("x_batch", "array", "float32", ("N", "D")),
            Parameter("y_batch", "array", "float32", ("N",)),
            Parameter("lr", "float"),
        ),
        output=OutputSpec((2,)),
        limits=LIMITS,
        pitfalls=(),
        tolerance=ToleranceRule(),
        digest="",
    )
    return LoadedExercise(exercise, cases, goldens, ())


def hidden_inputs(loaded: LoadedExercise) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Return the arrays that a learner must not see."""
    return [
        np.asarray(value)
        for case in loaded.cases
        if case.visibility is Visibility.HIDDEN
        for value in case.inputs.values()
        if isinstance(value, np.ndarray)
    ]


def _case(draw: np.random.Generator, name: str, visibility: Visibility) -> tuple[Case, Golden]:
    x = draw.normal(size=(4, 3)).astype(np.float32)
    y = draw.normal(size=4).astype(np.float32)
    seed, lr = int(draw.integers(1, 1000)), float(draw.uniform(0.01, 0.1))
    expected = np.array(
        [
            np.mean((x.astype(np.float64).sum(axis=1) - y.astype(np.float64)) ** 2),
            lr * np.mean(x.astype(np.float64)) + seed,
        ]
    )
    for array in (x, y, expected):
        array.setflags(write=False)
    inputs: Inputs = {"seed": seed, "x_batch": x, "y_batch": y, "lr": lr}
    digest = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
    case = Case(name, "attacked", inputs, 1.0, visibility, Origin.GENERATED, digest)
    return case, Golden(name, digest, expected, 1e-6 * float(np.max(np.abs(expected))), 1e-7, {})
