"""The fewest cases with the same power: an exact set cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]  # has no annotations

from judge.authoring.guards import WANTED_CASES, GuardCoverage
from judge.exercise.kill_matrix import Matrix

WANTED_SEERS = 3
"""Cases that should clearly detect each numeric misconception."""


def demands(matrix: Matrix, coverage: Sequence[GuardCoverage] = ()) -> list[tuple[tuple[str, ...], int]]:
    """Return what a set of cases has to keep: for each demand the cases that meet it, and how many of them are needed.

    Every numeric misconception needs three cases, one of them public; every pair that leads to different findings needs
    one that distinguishes it.  Every guard needs two cases, one of them hidden, and two that detect each misconception
    under it.  Where there are fewer, all of them are needed.
    """
    found: list[tuple[tuple[str, ...], int]] = []
    for misconception in matrix.numeric:
        found.append((matrix.detecting_cases(misconception.name), WANTED_SEERS))
        found.append((matrix.detecting_cases(misconception.name, public=True), 1))
    found += [(distinguishing_cases, 1) for distinguishing_cases in matrix.pairs.values()]
    for row in coverage:
        if row.guard.out_of_scope:
            continue
        found += [(row.cases, WANTED_CASES), (row.hidden, 1)]
        entered = set(row.cases)
        for misconception in matrix.numeric:
            detecting_cases = tuple(c for c in matrix.detecting_cases(misconception.name) if c in entered)
            found.append((detecting_cases, WANTED_CASES))
    wanted = {(servers, min(number, len(servers))): None for servers, number in found if servers}
    return list(wanted)


def smallest_cover(matrix: Matrix, coverage: Sequence[GuardCoverage] = ()) -> tuple[str, ...]:
    """Return a smallest set of cases that meets every demand that all cases together meet, in the cases' order.

    Raises ArithmeticError when the solver fails.
    """
    case_ids = matrix.case_ids
    wanted = demands(matrix, coverage)
    if not wanted:
        return ()
    index = {case_id: column for column, case_id in enumerate(case_ids)}
    rows = np.zeros((len(wanted), len(case_ids)))
    for row, (servers, _) in enumerate(wanted):
        rows[row, [index[case_id] for case_id in servers]] = 1
    # Among equally small sets prefer the one that detects most, then the one that comes first.
    sight = np.array([len(matrix.detected_by(case_id)) for case_id in case_ids])
    cost = 1 - 1e-4 * sight / max(int(sight.sum()), 1) + 1e-7 * np.arange(len(case_ids))
    result = milp(
        cost,
        integrality=np.ones(len(case_ids)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, lb=np.array([number for _, number in wanted])),
        options={"time_limit": 20.0},
    )
    if result.x is None:
        raise ArithmeticError(f"no cover found: {result.message}")
    return tuple(case_id for case_id, chosen in zip(case_ids, result.x, strict=True) if chosen > 0.5)


def adds_nothing(matrix: Matrix, coverage: Sequence[GuardCoverage] = ()) -> tuple[str, ...]:
    """Return the cases that could each be removed alone without any demand being met less well."""
    needed: set[str] = set()
    for servers, number in demands(matrix, coverage):
        if len(servers) <= number:
            needed |= set(servers)
    return tuple(case_id for case_id in matrix.case_ids if case_id not in needed)
