"""The submissions that are graded: three sets, with the names of learners instead of their own.

Each is drawn from the exercise's own bank by the seed.  Every file carries a line with the learner's name, so that no
two are equal and none is graded by looking up another.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.authoring.mutation_operators import make_mutants
from judge.model import Exercise

COMPILES = re.compile(r"\b(jit|scan|checkpoint|remat|while_loop|fori_loop|cond|nnx)\b")
"""In files that have a function of their own compiled."""
JITS = re.compile(r"\bjit\b")

_HEAD = "import ctypes, os, time\n\n\ndef {entry_point}(*arguments):\n    "
HOSTILE: Mapping[str, str] = {
    "spins": "while True:\n        pass",
    "sleeps": "time.sleep(1e6)",
    "exits": "os._exit(0)",
    "crashes": "ctypes.string_at(0)",
}
"""Those that a process without a sandbox can run and the machine still be there afterwards."""
HANGING = ("spins", "sleeps")


@dataclass(frozen=True)
class Submissions:
    """A set, by file name; ``hostile`` is apart because it has no cost in a process that just calls it."""

    name: str
    title: str
    harmless: Mapping[str, str]
    hostile: Mapping[str, str]

    @property
    def all(self) -> Mapping[str, str]:
        return {**self.harmless, **self.hostile}

    def written_to(self, folder: Path) -> Path:
        """The folder, with every file of the set in it."""
        folder.mkdir(parents=True)
        for name, source in self.all.items():
            (folder / name).write_text(source)
        return folder


def make_sets(exercise: Exercise, seed: int, size: int) -> tuple[Submissions, Submissions, Submissions]:
    """Eager ones, jitted ones, and a mix of both with four hostile ones, which is a tenth of forty."""
    draw = random.Random(seed)
    bank = {
        path: path.read_text()
        for folder in ("accepted", "misconceptions")
        for path in sorted((exercise.reference_dir / folder).glob("*.py"))
    }
    eager = draw.sample([source for source in bank.values() if not COMPILES.search(source)], size)
    originals = [
        source for path, source in bank.items() if path.parent.name == "accepted" and JITS.search(source)
    ]
    jitted = [*originals, *_mutants(originals, size - len(originals), draw)]
    hostile = [_HEAD.format(entry_point=exercise.entry_point) + body for body in HOSTILE.values()]
    third = (size - len(hostile)) // 3
    mixed = [*draw.sample(eager, size - len(hostile) - third), *draw.sample(jitted, third)]
    return (
        Submissions("eager", f"{size} eager submissions", _named(eager, draw), {}),
        Submissions("jitted", f"{size} that jit their step", _named(jitted, draw), {}),
        Submissions("mixed", f"{len(mixed)} of both, 4 hanging or hostile", *_both(mixed, hostile, draw)),
    )


def _mutants(sources: list[str], count: int, draw: random.Random) -> list[str]:
    """As many of each: the source with one small change, most often a mistake."""
    mutants = [make_mutants(source) for source in sources]
    return [draw.choice(mutants[number % len(sources)]).source for number in range(count)]


def _named(sources: list[str], draw: random.Random) -> dict[str, str]:
    """Under names that say nothing, in an order that says nothing."""
    shuffled = draw.sample(sources, len(sources))
    return {f"learner_{n:03}.py": f"{source}\n# learner {n}\n" for n, source in enumerate(shuffled)}


def _both(
    harmless: list[str], hostile: list[str], draw: random.Random
) -> tuple[dict[str, str], dict[str, str]]:
    """Both kinds under names that do not tell them apart."""
    together = _named([*harmless, *hostile], draw)
    bad = {name for name, source in together.items() if source.startswith(tuple(hostile))}
    return (
        {name: source for name, source in together.items() if name not in bad},
        {name: source for name, source in together.items() if name in bad},
    )
