"""Checks that a recorded case is intact: goldens that were edited, truncated or wrongly merged are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from judge.exercise.golden_file import GoldenFile, RecordedCase
from judge.exercise.solution_keys import ORACLE, accepted
from judge.exercise.tolerance import ONE_ULP, Derived, derive
from judge.model import Case, Exercise, Inputs, ToleranceRule


def flaw_of(file: GoldenFile, record: RecordedCase, exercise: Exercise, case: Case) -> str:
    """Describe what is wrong with a recorded case; '' when it is intact.

    The checks cover the shape of the expected value, the tolerance (it must follow from the recorded noise by the
    rule that the file names) and the answers of all solutions that the file names.
    """
    golden = record.golden
    wanted = output_shape(exercise, case.inputs)
    if golden.expected.shape != wanted:
        return f"its expected value has shape {list(golden.expected.shape)}, declared is {list(wanted)}"
    if exercise.public:
        return ""  # without the noise of each solution; its manifest says that it is as it was made
    answers = {*record.noise_from, *golden.misconceptions}
    missing = [name for name in _answers_named(file.digests) if name not in answers]
    if missing:
        return f"what {missing[0]} gave is not there"
    try:
        rule = ToleranceRule(**file.tolerance_rule)
    except TypeError:
        return ""  # another rule than this judge's: stale for that reason
    derived = derive(golden.expected, record.noise_from, rule)
    stands = Derived(golden.noise, record.relative_tolerance, golden.tolerance, derived.worst_source)
    if not derived.agrees(stands):
        return (
            f"its tolerance of {golden.tolerance:.3g} (relative {record.relative_tolerance:.3g}, noise "
            f"{golden.noise:.3g}) does not follow from its value and the noise of each solution, which give "
            f"{derived.tolerance:.3g} (relative {derived.relative_tolerance:.3g}, noise {derived.noise:.3g})"
        )
    return ""


def _answers_named(digests: Mapping[str, str]) -> Iterator[str]:
    """The names that the answers of a file's solutions have in it."""
    yield ONE_ULP
    for name in sorted(digests):
        place = PurePosixPath(name)
        if place.parent.name == "misconceptions":
            yield place.stem.replace("_", "-")
        elif place.parent.name == "accepted":
            yield accepted(place.stem)
        elif place.name == "oracle.py":
            yield ORACLE


def output_shape(exercise: Exercise, inputs: Inputs) -> tuple[int, ...]:
    """The declared shape of the output, with the symbols' sizes taken from these inputs."""
    sizes: dict[str, int] = {}
    for parameter in exercise.parameters:
        actual = getattr(inputs[parameter.name], "shape", ())
        for step, size in zip(parameter.shape or (), actual, strict=True):
            if isinstance(step, str):
                sizes[step] = size
    return tuple(step if isinstance(step, int) else sizes[step] for step in exercise.output.shape)
