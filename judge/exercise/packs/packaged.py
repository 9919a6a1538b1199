"""The exercise that comes with judge: a public pack in the package, for folders that have no exercise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from judge.exercise.definition import find_exercise, load_exercise
from judge.exercise.packs.unpack import blamed_on_pack, unpacked
from judge.model import Exercise, ExerciseError, PackError, UsageError

PACKAGED = Path(__file__).resolve().parent / "packaged.zip"
"""What ``judge pack --public`` makes of the repository's exercise; a test compares them."""

HERE = Path(".")
"""Where an exercise is looked for when nobody said where: only then may it be the packaged one."""


def open_nearest(start: Path, *, or_packaged: bool = False) -> Exercise:
    """Load the nearest exercise at or above ``start``, or the pack in that file.

    With ``or_packaged`` it is the packaged one when there is none and nobody said where to look. Raises UsageError when
    there is none at all, ExerciseError or PackError when it is not usable.
    """
    try:
        root = find_exercise(start)
    except PackError:
        raise
    except UsageError:
        if or_packaged and start == HERE and PACKAGED.is_file():
            return load_packaged()
        raise
    try:
        return load_exercise(root)
    except ExerciseError as error:
        raise blamed_on_pack(start, root, error) from None


def in_an_exercise(file: Path) -> bool:
    """Return whether a file lies in an exercise's folder: then it is that one's, and not the packaged one's."""
    try:
        find_exercise(file.parent)
    except PackError:
        return True
    except UsageError:
        return False
    return True


def load_packaged() -> Exercise:
    """Load the exercise that comes with judge."""
    exercise = load_exercise(unpacked(PACKAGED))
    assert exercise.pack is not None
    return replace(exercise, pack=replace(exercise.pack, packaged=True))
