"""The kill matrix: which case distinguishes which wrong solution from the reference, and how clearly.

Pure: made from recorded goldens, runs nothing.  Distances are in tolerances of the case, so 1 is the border between
accepted and rejected and 10 is clear of it on any machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

import numpy as np

from judge.compare import distance, is_within
from judge.exercise.cases import CaseEntry
from judge.exercise.golden_file import NO_NUMBERS, RecordedCase
from judge.exercise.misconception import Misconception
from judge.model import Golden, Json, Visibility, WrongReturn

CLEAR = 10.0
"""The distance, in tolerances, from which a case counts as seeing a misconception."""


class Sight(StrEnum):
    """The result of one case against one misconception."""

    SEEN = "seen"
    FAINT = "faint"
    """Rejected, but within ten tolerances: too near to be reliable."""
    UNSEEN = "unseen"
    RAISES = "raises"
    OTHER_FORM = "other-form"
    """Numbers of another shape than declared, or no numbers."""


@dataclass(frozen=True)
class Cell:
    """One case against one misconception; ``distance`` is in tolerances, None where nothing can be compared."""

    sight: Sight
    distance: float | None
    raises: str | None = None


@dataclass(frozen=True)
class Matrix:
    """Cases by misconceptions; ``cells[case id][misconception name]``."""

    entries: tuple[CaseEntry, ...]
    misconceptions: tuple[Misconception, ...]
    cells: Mapping[str, Mapping[str, Cell]]
    goldens: Mapping[str, Golden]

    @property
    def case_ids(self) -> tuple[str, ...]:
        return tuple(entry.case.id for entry in self.entries)

    @cached_property
    def numeric(self) -> tuple[Misconception, ...]:
        """The misconceptions that are declared to change numbers, which cases have to see."""
        return tuple(m for m in self.misconceptions if m.numeric)

    def detecting_cases(self, name: str, *, public: bool = False) -> tuple[str, ...]:
        """The cases that see a misconception clearly."""
        return tuple(
            entry.case.id
            for entry in self.entries
            if self.cells[entry.case.id][name].sight is Sight.SEEN
            and (not public or entry.case.visibility is Visibility.PUBLIC)
        )

    def detected_by(self, case_id: str) -> tuple[str, ...]:
        """The misconceptions that a case sees clearly."""
        return tuple(name for name, cell in self.cells[case_id].items() if cell.sight is Sight.SEEN)

    def distinguishing_cases(self, one: str, other: str) -> tuple[str, ...]:
        """The cases on which two misconceptions have different results, so that a fingerprint distinguishes them."""
        return tuple(case_id for case_id in self.case_ids if self._differ(case_id, one, other))

    def _differ(self, case_id: str, one: str, other: str) -> bool:
        golden = self.goldens[case_id]
        a, b = golden.misconceptions[one], golden.misconceptions[other]
        if a.value is None or b.value is None:
            return (a.value is None) is not (b.value is None) or a.raises != b.raises
        # noise grows with the number itself, so a larger answer has a larger tolerance
        size = max(_size(a), _size(b), float(np.abs(golden.expected).max()))
        allowed = golden.tolerance * size / float(np.abs(golden.expected).max())
        return not is_within(a.value, b.value, allowed)

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The distinguishing cases of every pair of numeric misconceptions that lead to different findings."""
        return {
            (a.name, b.name): self.distinguishing_cases(a.name, b.name)
            for a, b in combinations(self.numeric, 2)
            if a.code != b.code
        }

    def to_json(self) -> Json:
        """The matrix as JSON values: distances are null where nothing can be compared or they are infinite."""
        return {
            "clear_from": CLEAR,
            "cases": [
                {
                    "id": entry.case.id,
                    "visibility": entry.case.visibility.value,
                    "origin": entry.case.origin.value,
                    "sees": len(self.detected_by(entry.case.id)),
                }
                for entry in self.entries
            ],
            "misconceptions": [
                {
                    "name": m.name,
                    "code": m.code,
                    "title": m.title,
                    "numeric": m.numeric,
                    "seen_by": len(self.detecting_cases(m.name)),
                    "seen_by_public": len(self.detecting_cases(m.name, public=True)),
                }
                for m in self.misconceptions
            ],
            "cells": {
                case_id: {name: _cell_json(cell) for name, cell in row.items()}
                for case_id, row in self.cells.items()
            },
        }


def make_matrix(
    entries: Sequence[CaseEntry],
    misconceptions: Sequence[Misconception],
    recorded: Mapping[str, RecordedCase],
) -> Matrix:
    """Return the matrix of current goldens (``judge.exercise.goldens.load_recorded``)."""
    goldens = {case_id: record.golden for case_id, record in recorded.items()}
    cells = {
        entry.case.id: {
            m.name: cell_of(goldens[entry.case.id], goldens[entry.case.id].misconceptions[m.name])
            for m in misconceptions
        }
        for entry in entries
    }
    return Matrix(tuple(entries), tuple(misconceptions), cells, goldens)


def cell_of(golden: Golden, wrong: WrongReturn) -> Cell:
    """Compare a wrong return with the expected answer."""
    if wrong.value is None:
        return Cell(Sight.OTHER_FORM if wrong.raises == NO_NUMBERS else Sight.RAISES, None, wrong.raises)
    if wrong.value.shape != golden.expected.shape:
        return Cell(Sight.OTHER_FORM, None)
    away = distance(wrong.value, golden.expected)
    tolerances = away / golden.tolerance if golden.tolerance else (math.inf if away else 0.0)
    if tolerances >= CLEAR:
        return Cell(Sight.SEEN, tolerances)
    return Cell(Sight.FAINT if tolerances > 1 else Sight.UNSEEN, tolerances)


def _size(wrong: WrongReturn) -> float:
    return float(np.abs(wrong.value).max()) if wrong.value is not None and wrong.value.size else 0.0


def _cell_json(cell: Cell) -> Json:
    finite = cell.distance is not None and math.isfinite(cell.distance)
    shown: dict[str, Json] = {"sight": cell.sight.value, "distance": cell.distance if finite else None}
    if cell.raises is not None:
        shown["raises"] = cell.raises
    return shown
