"""The first difference between a run and the reference's, with the text that describes it.

The engine names the stage and the shape; which mistake that is, the exercise's misconceptions declare (`named`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import Checkpoints, Sum
from judge.trace import Seen, is_shown_name
from judge.vocabulary import Shape, Stage

if TYPE_CHECKING:
    from judge.model import Inputs, Json

PARAMS = "params/"


@dataclass(frozen=True)
class Divergence:
    """The first difference.  ``shape`` is None where the difference alone can come of any mistake."""

    stage: Stage
    shape: Shape | None
    words: str
    """A sentence on what was seen, without numbers of the inputs."""
    title: str = ""
    """Where the page's own title says more than is known."""
    special: tuple[Shape, ...] = ()
    """Shapes that fit as well and say more, the plainest first; of several cases those hold that fit each."""
    line: int | None = None
    hint: str = ""
    defined: int | None = None
    """The first line of a function whose returned value is the better thing to show."""
    weak: bool = False
    """The two differ, and by too little to say how."""
    follows: bool = False
    """Another loss would explain it too: seen of the parameters alone, not of what moved them."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Measured on this case; told only where its inputs may be known."""
    measured: str = ""
    """The same as a sentence."""
    given: Json = None
    """What the reference had in its place: told to nobody, but it says whether cases differ in it."""


@dataclass(frozen=True)
class ObservedPair:
    """The checkpoints of a run, and those of the reference, on the same case."""

    submission: Checkpoints
    reference: Checkpoints
    inputs: Inputs


def close(mine: Sum, given: Sum, relative: float) -> bool:
    allowed = relative * max(mine.size, given.size)
    return abs(mine.weighted - given.weighted) <= allowed and abs(mine.size - given.size) <= allowed


def line_of(seen: Seen | None) -> int | None:
    return seen.line if seen is not None else None


def listed(names: Iterable[str]) -> str:
    shown = [f"`{plain(name)}`" for name in sorted(names)]
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")


def plain(path: str) -> str:
    """A path as far as it is made of plain names."""
    parts = path.split("/")
    return "/".join(part if is_shown_name(part) else "..." for part in parts[-3:])
