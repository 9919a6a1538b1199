"""Maps a difference from the reference's run to the exercise's misconception that declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.vocabulary import SPECIAL, Difference, Shape, Stage

if TYPE_CHECKING:
    from judge.exercise import Misconception


@dataclass(frozen=True)
class Named:
    """An exercise's name for a difference."""

    misconception: Misconception
    """One that declares the difference; all of them have the same code."""
    shape: Shape
    """The declared shape: of those that fit, the most specific."""
    with_own_page: bool
    """True if its page fits this difference better than that of its code."""

    @property
    def code(self) -> str:
        return self.misconception.code


class Naming:
    """The misconceptions of one exercise, by the differences that they declare."""

    def __init__(self, misconceptions: Sequence[Misconception]) -> None:
        found: dict[Difference, list[Misconception]] = {}
        for misconception in misconceptions:
            for difference in misconception.differences:
                found.setdefault(difference, []).append(misconception)
        self._declaring: Mapping[Difference, list[Misconception]] = found

    def of(self, stage: Stage, shape: Shape | None, special: Sequence[Shape] = ()) -> Named | None:
        """Return the name of the first special shape that is declared, else of the shape itself."""
        for one in (*special, *([shape] if shape is not None else [])):
            declaring = self._declaring.get(Difference(stage, one))
            if declaring:
                named_like_code = next((m for m in declaring if m.name == m.code), declaring[0])
                return Named(named_like_code, one, one in SPECIAL and len(declaring) == 1)
        return None
