"""A small exercise that needs no jax: each row's sum times its weight, times a factor."""

from __future__ import annotations

from pathlib import Path

from judge.exercise import load_exercise
from judge.model import Exercise

FILES = {
    "reference/exercise.yaml": """\
name: weigh-rows
title: Weigh the rows
entry_point: weigh
parameters:
  - {name: factor, kind: float}
  - {name: rows, kind: array, dtype: float32, shape: [N, D]}
  - {name: weights, kind: array, dtype: float32, shape: [N]}
output: {shape: [N]}
""",
    "reference/solution.py": '''\
"""Row sums, weighted."""

import numpy as np


def weigh(factor, rows, weights):
    total = rows.sum(axis=1)
    return np.float32(factor) * total * weights
''',
    "reference/oracle.py": """\
import numpy as np


def weigh(factor, rows, weights):
    return factor * np.asarray(rows, dtype=np.float64).sum(axis=1) * weights
""",
    "reference/accepted/loop.py": """\
import numpy as np


def weigh(factor, rows, weights):
    return np.array([factor * sum(row) * weight for row, weight in zip(rows.tolist(), weights.tolist())])
""",
    "reference/misconceptions/mean_not_sum.py": '''\
"""The mean is taken, not the sum."""


def weigh(factor, rows, weights):
    return factor * rows.mean(axis=1) * weights
''',
    "reference/misconceptions/factor_ignored.py": '''\
"""The factor is ignored."""


def weigh(factor, rows, weights):
    return rows.sum(axis=1) * weights
''',
    "reference/misconceptions/columns_summed.py": '''\
"""Columns are summed instead of rows."""

MISCONCEPTION = {"raises": "ValueError"}


def weigh(factor, rows, weights):
    return factor * rows.sum(axis=0) * weights
''',
    "reference/strategies.py": """\
import numpy as np
from hypothesis import strategies as st


@st.composite
def inputs(draw):
    rows, columns = draw(st.sampled_from([(1, 1), (2, 2), (3, 4)]))
    numbers = st.integers(-32, 32).map(lambda count: count / 8)

    def array(*shape):
        size = int(np.prod(shape))
        return np.array(draw(st.lists(numbers, min_size=size, max_size=size)), np.float32).reshape(shape)

    return {
        "factor": draw(st.sampled_from([1.0, 2.0, 0.5, 3.5])),
        "rows": array(rows, columns),
        "weights": array(rows),
    }
""",
    "cases/written.yaml": """\
cases:
  - name: plain
    why: The first thing to get right.
    visibility: public
    sees: [mean-not-sum, factor-ignored]
    inputs: {factor: 2.5, rows: [[1, 2, 3], [4, 5, 7]], weights: [1, 2]}
  - name: square
    why: As many rows as columns, so that sums over the wrong axis fit.
    visibility: public
    sees: [columns-summed]
    inputs: {factor: 1.5, rows: [[1, 2], [4, 5]], weights: [1, 2]}
  - name: random
    why: Many numbers.
    visibility: hidden
    inputs:
      factor: 0.3
      rows: {uniform: {shape: [4, 4], seed: 1, low: 1, high: 2}}
      weights: {uniform: {shape: [4], seed: 2, low: 1, high: 2}}
  - name: large
    why: Large numbers.
    visibility: hidden
    inputs:
      factor: 20
      rows: {uniform: {shape: [4, 4], seed: 3, low: 1, high: 200}}
      weights: {uniform: {shape: [4], seed: 4, low: 1, high: 2}}
""",
}


def make(root: Path, changes: dict[str, str | None] | None = None) -> Exercise:
    """Write the exercise with some files changed (None: left out) and load it."""
    for name, text in {**FILES, **(changes or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(text, encoding="utf-8")
    return load_exercise(root)


KEPT: dict[str, str | None] = {
    "cases/written.yaml": FILES["cases/written.yaml"].replace(
        "    why: The first thing to get right.\n",
        "    why: The first thing to get right.\n    keep: It is the first one that learners look at.\n",
    )
}
"""What makes `judge cases check` pass: the first case sees nothing that the others do not."""

IN_KNOWN_SHAPES: dict[str, str | None] = {
    "reference/strategies.py": FILES["reference/strategies.py"].replace(
        "[(1, 1), (2, 2), (3, 4)]", "[(2, 2), (2, 3), (4, 4)]"
    )
}
"""Draws of the shapes that the written cases have: others are not kept."""
