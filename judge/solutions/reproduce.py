"""Checks that goldens recorded in another environment are reproduced by the reference here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from judge.compare import is_within
from judge.exercise.goldens import golden_path
from judge.model import Case, Exercise, ExerciseError, Golden, StaleGoldensError
from judge.progress import Step
from judge.sandbox.versions import LIBRARIES, installed
from judge.solutions.bank import reference_solution
from judge.solutions.runner import Runner, SolutionRunner


def reproduce(
    exercise: Exercise,
    runner: Runner,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    step: Step = lambda word: None,
) -> list[str]:
    """Run the reference on every case; return one line per case whose value lies outside of its tolerance.

    Empty when all are reproduced.  Raises ExerciseError when the reference fails.
    """
    solution = reference_solution(exercise)
    differences = []
    with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
        for case in cases:
            golden = goldens[case.id]
            value = solution_runner.require(case.inputs, case.id)
            if not is_within(value, golden.expected, golden.tolerance):
                old, new = golden.expected.ravel(), value.ravel()
                worst = int(np.nanargmax(np.abs(new - old))) if np.isfinite(new).any() else 0
                differences.append(
                    f"{case.id}: recorded {old[worst]:.9g}, now {new[worst]:.9g} "
                    f"(tolerance {golden.tolerance:.2g})"
                )
            step(case.id)
    return differences


if TYPE_CHECKING:
    from judge.grade import LoadedExercise
    from judge.sandbox import Sandbox

OTHERS = ("platform", "x64")
FLAGS = "xla_flags"
"""Numbers depend on the libraries and these flags. While all are as recorded, goldens are not computed again."""


def require_reproduced(loaded: LoadedExercise, sandbox: Sandbox) -> str:
    """Run the reference on every case when it was recorded in another environment than the sandbox's.

    Returns a sentence that says so, or ''. The result is kept for all sandboxes of the loaded exercise, and in the
    user's cache folder. Raises StaleGoldensError, which is a judge error, with what changed and the cases with other
    values; ExerciseError when the reference fails here.
    """
    with loaded.reproducing:
        if loaded.reproduced is None:
            loaded.reproduced = _reproduced(loaded, sandbox)
        return loaded.reproduced


def other_versions(loaded: LoadedExercise) -> bool:
    """Return whether the installed libraries differ from those that goldens were recorded with; starts nothing."""
    here = installed()
    return any(there.get(name) != here.get(name) for there in loaded.recorded_in for name in LIBRARIES)


def _reproduced(loaded: LoadedExercise, sandbox: Sandbox) -> str:
    recorded = loaded.recorded_in
    changes = environment_changes(recorded, sandbox.environment)
    if not changes:
        return ""
    if loaded.exercise.public:
        return f"the answers in this pack were {changes}; they are used as they are, with the tolerance of each case"
    fact = _fact(loaded)
    if not loaded.programs.remembers(sandbox, fact):
        _require(loaded, sandbox, changes, _cure(recorded, sandbox.environment))
        loaded.programs.remember(sandbox, fact)
    return (
        f"goldens were {changes}; the reference gives the same values here, within the tolerance of each case"
    )


def _require(loaded: LoadedExercise, sandbox: Sandbox, changes: str, cure: str) -> None:
    from judge.solutions.reproduce import reproduce

    try:
        differences = reproduce(loaded.exercise, sandbox, loaded.cases, loaded.goldens)
    except ExerciseError as error:
        raise ExerciseError(f"{error}\n  its goldens were {changes}{cure}") from None
    if differences:
        lines = "\n  ".join(differences[:10])
        raise StaleGoldensError(
            f"the reference of exercise '{loaded.exercise.name}' does not give here what was {changes}{cure}; "
            f"'judge cases record' records them again, if the new values are the right ones\n  {lines}"
        )


def environment_changes(recorded: Sequence[Mapping[str, str]], here: Mapping[str, str]) -> str:
    """Return how the environment differs from where goldens were recorded; '' when it does not.

    As in ``recorded with jax 0.10.1, here is 0.10.2; flax 0.12.7, here is 0.12.8``.
    """
    changes: dict[str, None] = {}
    for there in recorded:
        for name in (*LIBRARIES, *OTHERS):
            then, now = there.get(name, "unknown"), here.get(name, "unknown")
            if now != then:
                changes[f"{name} {then}, here is {now}"] = None
        then_flags, now_flags = there.get(FLAGS, "").split(), here.get(FLAGS, "").split()
        for flag in then_flags:
            if flag not in now_flags:
                changes[f"{flag}, here is no such flag"] = None
        for flag in now_flags:
            if flag not in then_flags:
                changes[f"no {flag}, here it is set"] = None
    return f"recorded with {'; '.join(changes)}" if changes else ""


def _cure(recorded: Sequence[Mapping[str, str]], here: Mapping[str, str]) -> str:
    """Return the versions to install, where these are what changed."""
    wanted = {
        f"{name}=={there[name]}": None
        for there in recorded
        for name in LIBRARIES
        if name in there and there[name] != here.get(name)
    }
    return f"\n  to have those versions: pip install {' '.join(wanted)}" if wanted else ""


def _fact(loaded: LoadedExercise) -> bytes:
    """Return a digest of the reproduced goldens, which contain the digests of their sources and cases."""
    digest = hashlib.sha256(b"the reference gives these goldens\n")
    for stem in sorted({case.file for case in loaded.cases}):
        digest.update(golden_path(loaded.exercise, stem).read_bytes())
    return digest.digest()
