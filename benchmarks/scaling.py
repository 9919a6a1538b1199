"""Batches of several sizes: time per submission, and memory of judge and zygotes.

The exercise is the smallest there is, of some ten milliseconds for each submission: whatever grows with the number of
submissions shows more there than beside seconds of learners' own calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import contenders
from benchmarks.contenders import REPOSITORY
from benchmarks.options import Choice
from benchmarks.sets import Told
from benchmarks.tree import Spent
from judge.grader import load_exercise_with_goldens

EXERCISE = REPOSITORY / "tests" / "exercises" / "optax_sgd_step"


@dataclass
class Scale:
    """Batches of one size."""

    submissions: int
    runs: list[Spent] = field(default_factory=list)


def measure(choice: Choice, place: Path, told: Told) -> list[Scale]:
    """Every size in turn; the larger ones, which disturb less, in fewer rounds."""
    place.mkdir()
    loaded = load_exercise_with_goldens(EXERCISE)
    bank = [
        path.read_text()
        for folder in ("accepted", "misconceptions")
        for path in sorted((loaded.exercise.reference_dir / folder).glob("*.py"))
    ]
    scales = [Scale(size) for size in choice.scales]
    folders = {}
    for scale in scales:
        folders[scale.submissions] = folder = place / f"class of {scale.submissions}"
        folder.mkdir()
        for number in range(scale.submissions):
            source = f"{bank[number % len(bank)]}\n# learner {number}\n"
            (folder / f"learner_{number:03}.py").write_text(source)
    for number in range(choice.rounds):
        for interval, scale in zip((1, 2, 5), scales, strict=True):
            if number % interval == 0:
                told(f"scaling, round {number + 1}: {scale.submissions} submissions")
                graded = contenders.batch(loaded, place, folders[scale.submissions], choice.jobs)
                scale.runs.append(graded.spent)
    return scales
