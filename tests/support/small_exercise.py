"""A small exercise in a folder of its own, to be broken in one place at a time."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from judge.exercise import load_exercise
from judge.model import Exercise

DEFINITION = """\
name: scale-rows
title: Scale the rows
entry_point: scale
parameters:
  - {name: factor, kind: float}
  - {name: times, kind: int}
  - {name: rows, kind: array, dtype: float32, shape: [N, D]}
  - {name: weights, kind: array, dtype: float32, shape: [N]}
output: {shape: [N]}
"""

CASE = """\
cases:
  - name: plain
    why: The first thing to get right.
    visibility: public
    inputs:
      factor: 2.5
      times: 3
      rows: [[1, 2], [3, 4], [5, 6]]
      weights: [0.5, 1e-3, -2]
"""

SOLUTION = "import numpy as np\n\n\ndef scale(factor, times, rows, weights):\n    return rows.sum(axis=1) * weights\n"


def make(root: Path, definition: str = DEFINITION, **files: str) -> Path:
    """Write an exercise; keyword arguments are further files, ``cases__plain_yaml`` for ``cases/plain.yaml``."""
    texts = {
        "reference/exercise.yaml": definition,
        "reference/solution.py": SOLUTION,
        "cases/plain.yaml": CASE,
    }
    for key, text in files.items():
        stem, _, suffix = key.rpartition("_")
        texts[stem.replace("__", "/") + "." + suffix] = text
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def exercise(root: Path, **files: str) -> Exercise:
    return load_exercise(make(root, **files))


def case(*lines: str, **changes: str | None) -> str:
    """The plain case with inputs or fields replaced (None: left out), and further lines appended to its inputs."""
    fields = {
        "name": "plain",
        "why": "The first thing to get right.",
        "visibility": "public",
        "factor": "2.5",
        "times": "3",
        "rows": "[[1, 2], [3, 4], [5, 6]]",
        "weights": "[0.5, 1e-3, -2]",
    } | changes
    heads = [
        f"    {name}: {fields[name]}" for name in ("name", "why", "visibility") if fields[name] is not None
    ]
    heads[0] = heads[0].replace("    ", "  - ", 1)
    extra = [f"    {name}: {value}" for name, value in changes.items() if name in ("points", "sees")]
    inputs = [
        f"      {name}: {fields[name]}"
        for name in ("factor", "times", "rows", "weights")
        if fields[name] is not None
    ]
    return (
        "\n".join(["cases:", *heads, *extra, "    inputs:", *inputs, *(f"      {line}" for line in lines)])
        + "\n"
    )
