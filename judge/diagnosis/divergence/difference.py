"""The first difference between a run and the reference's, with the text that describes it.

The engine names the stage and the shape; the exercise's misconceptions declare which mistake that is
(`judge.diagnosis.naming`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import Checkpoints, Sum
from judge.trace import ProbeEvent, is_shown_name
from judge.vocabulary import Shape, Stage

if TYPE_CHECKING:
    from judge.model import Inputs, Json

PARAMS = "params/"


@dataclass(frozen=True)
class Divergence:
    """The first difference.  ``shape`` is None if any mistake can lead to the difference."""

    stage: Stage
    shape: Shape | None
    words: str
    """A sentence on the observation, without numbers of the inputs."""
    title: str = ""
    """Replaces the page's own title where that says more than is known."""
    special: tuple[Shape, ...] = ()
    """More specific shapes that fit as well, the plainest first; for several cases, those that fit each."""
    line: int | None = None
    hint: str = ""
    defined: int | None = None
    """The first line of a function whose returned value is the better place to show."""
    weak: bool = False
    """True if the two differ by too little to say how."""
    follows: bool = False
    """True if another loss would explain it too: only the parameters were seen, not what moved them."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Measured on this case; shown only if its inputs may be known."""
    measured: str = ""
    """The facts as a sentence."""
    given: Json = None
    """The reference's value: never shown, used to see whether cases differ in it."""


@dataclass(frozen=True)
class ObservedPair:
    """The checkpoints of a run, and those of the reference, on the same case."""

    submission: Checkpoints
    reference: Checkpoints
    inputs: Inputs


def close(mine: Sum, given: Sum, relative: float) -> bool:
    allowed = relative * max(mine.size, given.size)
    return abs(mine.weighted - given.weighted) <= allowed and abs(mine.size - given.size) <= allowed


def line_of(seen: ProbeEvent | None) -> int | None:
    return seen.line if seen is not None else None


def listed(names: Iterable[str]) -> str:
    shown = [f"`{plain(name)}`" for name in sorted(names)]
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")


def plain(path: str) -> str:
    """A path as far as it is made of plain names."""
    parts = path.split("/")
    return "/".join(part if is_shown_name(part) else "..." for part in parts[-3:])
