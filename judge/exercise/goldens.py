"""Reads cases/goldens/*.json, the recorded answers: one readable file per case file.

Only ``judge cases record`` writes these.  Each file lists the sha256 of every file that its numbers come
from, so that a golden that no longer fits its case, its reference or its bank of wrong solutions is refused,
not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from judge.exercise.golden_file import MENDING_COMMAND, GoldenFile, RecordedCase, read_golden_file
from judge.exercise.integrity import flaw_of
from judge.exercise.misconceptions import misconception_paths, recorded_digest
from judge.model import Case, Exercise, ExerciseError, Golden, StaleGoldensError

_NAMED_AT_MOST = 6


def load_goldens(exercise: Exercise, cases: Sequence[Case]) -> Mapping[str, Golden]:
    """Return the golden of every case, by case id.

    Raises StaleGoldensError, naming what changed and the command that fixes it, when one is missing or stale.
    """
    return {case_id: recorded.golden for case_id, recorded in load_recorded(exercise, cases).items()}


def load_recorded(exercise: Exercise, cases: Sequence[Case]) -> Mapping[str, RecordedCase]:
    """Like ``load_goldens``, with the origin of each tolerance."""
    recorded: dict[str, RecordedCase] = {}
    files: dict[str, GoldenFile] = {}
    reasons: list[str] = []
    digests = source_digests(exercise)
    for stem in sorted({case.file for case in cases}):
        path = golden_path(exercise, stem)
        if not path.is_file():
            reasons.append(f"{path.relative_to(exercise.root)} is missing")
            continue
        file = read_golden_file(path)
        if not exercise.public:
            reasons += [r for r in stale_reasons(exercise, file, digests) if r not in reasons]
        recorded.update(file.cases)
        files[stem] = file
    for case in cases:
        if case.id not in recorded:
            if golden_path(exercise, case.file).is_file():
                reasons.append(f"{case.id} was never recorded")
        elif recorded[case.id].golden.case_digest != case.digest:
            reasons.append(f"the inputs of {case.id} changed")
        elif flaw := flaw_of(files[case.file], recorded[case.id], exercise, case):
            reasons.append(f"{case.id} is not as it was recorded: {flaw}")
    if reasons:
        more = f"\n  ... and {len(reasons) - _NAMED_AT_MOST} more" if len(reasons) > _NAMED_AT_MOST else ""
        raise StaleGoldensError(
            f"the goldens of exercise '{exercise.name}' do not fit it any more; "
            f"'{MENDING_COMMAND}' mends this (a task for the author of the exercise)\n  "
            + "\n  ".join(reasons[:_NAMED_AT_MOST])
            + more
        )
    return {case.id: recorded[case.id] for case in cases}


def stale_reasons(exercise: Exercise, file: GoldenFile, digests: Mapping[str, str]) -> list[str]:
    """List what changed since a file of goldens was recorded, apart from its cases."""
    reasons = []
    for name in sorted(digests.keys() | file.digests.keys()):
        if name not in file.digests:
            reasons.append(f"{name} is new")
        elif name not in digests:
            reasons.append(f"{name} is gone")
        elif digests[name] != file.digests[name]:
            reasons.append(f"{name} changed")
    if dict(file.tolerance_rule) != asdict(exercise.tolerance):
        reasons.append("the tolerance rule in reference/exercise.yaml changed")
    return reasons


def golden_path(exercise: Exercise, stem: str) -> Path:
    return exercise.goldens_dir / f"{stem}.json"


def source_digests(exercise: Exercise) -> dict[str, str]:
    """sha256 of every solution that goldens come from, by its place below the exercise's root."""
    folder = exercise.reference_dir
    right = [folder / "solution.py", folder / "oracle.py", *folder.glob("accepted/*.py")]
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in right if path.is_file()}
    digests |= {path: recorded_digest(path.read_bytes()) for path in misconception_paths(exercise)}
    return {path.relative_to(exercise.root).as_posix(): digests[path] for path in sorted(digests)}


def unrecorded_golden_files(exercise: Exercise, cases: Sequence[Case]) -> list[Path]:
    """Files of goldens that no longer belong to a case file."""
    stems = {case.file for case in cases}
    return [path for path in sorted(exercise.goldens_dir.glob("*.json")) if path.stem not in stems]


def require_solution(exercise: Exercise) -> bytes:
    """Return the reference's source. Raises ExerciseError when it cannot be read."""
    path = exercise.reference_dir / "solution.py"
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExerciseError(f"{path}: cannot be read: {error.strerror or error}") from error
