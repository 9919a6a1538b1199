"""Files for a learning platform: grades as it imports them, and feedback for each learner.

    policy      points to grades: scale and rounding       grades      one grade for each learner, and who gets none
    canvas      a gradebook that Canvas imports            moodle      a grading worksheet that Moodle imports
    feedback    a zip with a page for each learner         harbor      an exercise as a task for agents

A file name's ending says which is meant; ``harbor`` has a command of its own.  The others have ``check(path, owners)``,
which yields what staff should know before anything is graded and raises UsageError for what no import would take, and
``document(handed_in, policy)``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.exports.grades import HandedIn
from judge.exports.policy import Policy
from judge.submissions.rosters import Owner

__all__ = ["ENDINGS", "Export", "HandedIn", "Policy", "export_for"]

ENDINGS = {".canvas.csv": "canvas", ".moodle.csv": "moodle", ".zip": "feedback"}


@dataclass(frozen=True)
class Export:
    """A file that is to be written once everything is graded."""

    path: Path
    check: Callable[[Path, Sequence[Owner]], Iterator[str]]
    document: Callable[[Sequence[HandedIn], Policy], bytes]


def export_for(path: Path) -> Export | None:
    """Return the export that a file's name asks for; None for a report's name."""
    for ending, name in ENDINGS.items():
        if path.name.lower().endswith(ending):
            module = importlib.import_module(f"{__name__}.{name}")
            return Export(path, module.check, module.document)
    return None
