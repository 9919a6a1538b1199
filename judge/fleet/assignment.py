"""Everything a worker needs before it can grade: the exercise as an archive, limits and isolation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge.exercise import load_cases, load_goldens, load_misconceptions
from judge.exercise.definition import load_exercise
from judge.exercise.packs.build import archive_of
from judge.exercise.packs.manifest import FILE
from judge.exercise.packs.unpack import members_of, write_members
from judge.fleet.handshake import versions_here
from judge.grade import LoadedExercise
from judge.model import Exercise, ExerciseError, Limits, PackInfo
from judge.sandbox import Warm


@dataclass(frozen=True)
class Assignment:
    """Made by the client, and sent to every worker once. ``sha256`` is that of the archive."""

    archive: bytes = field(repr=False)
    sha256: str
    exercise_digest: str
    pack: PackInfo | None
    limits: Limits
    accept: str
    warm: Warm
    versions: Mapping[str, str]

    @classmethod
    def of(cls, exercise: Exercise, limits: Limits, accept: str, warm: Warm) -> Assignment:
        """Raises ExerciseError for stale goldens."""
        archive = archive_of(exercise)
        return cls(
            archive,
            hashlib.sha256(archive).hexdigest(),
            exercise.digest,
            exercise.pack,
            limits,
            accept,
            warm,
            versions_here(),
        )

    def unpacked_in(self, folder: Path) -> LoadedExercise:
        """Return the exercise, written to an empty private folder. Raises ExerciseError unless it is the client's."""
        digest = hashlib.sha256(self.archive).hexdigest()
        if digest != self.sha256:
            raise ExerciseError(
                f"its archive of the exercise has the digest {digest:.16}, not {self.sha256:.16}"
            )
        place = folder / f"{self.sha256}.zip"
        place.write_bytes(self.archive)
        members = members_of(place)
        place.unlink()
        if self.pack is None:
            del members[FILE]  # the digest is that of the exercise's own files
        root = folder / "exercise"
        write_members(members, root)
        exercise = load_exercise(root)
        if exercise.digest != self.exercise_digest:
            raise ExerciseError(
                f"its exercise has the digest {exercise.digest:.16}, not {self.exercise_digest:.16}"
            )
        exercise = replace(exercise, pack=self.pack)
        cases = load_cases(exercise)
        return LoadedExercise(exercise, cases, load_goldens(exercise, cases), load_misconceptions(exercise))
