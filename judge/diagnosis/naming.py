"""Which of an exercise's misconceptions a difference from the reference's run is: the one that declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.vocabulary import SPECIAL, Difference, Shape, Stage

if TYPE_CHECKING:
    from judge.exercise import Misconception


@dataclass(frozen=True)
class Named:
    """What an exercise calls a difference."""

    misconception: Misconception
    """One that declares it; all of them have the same code."""
    shape: Shape
    """The shape that it declares: of those that fit, the one that says most."""
    with_own_page: bool
    """Its page fits this difference better than that of its code."""

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
        """What declares the first of the special shapes that anything declares, else the shape itself."""
        for one in (*special, *([shape] if shape is not None else [])):
            declaring = self._declaring.get(Difference(stage, one))
            if declaring:
                named_like_code = next((m for m in declaring if m.name == m.code), declaring[0])
                return Named(named_like_code, one, one in SPECIAL and len(declaring) == 1)
        return None
