"""``judge cases new`` and ``judge cases show``: a skeleton for a case, and one case as text."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from judge.authoring.case_yaml import number_text, schema_comment
from judge.exercise.cases import GENERATED, PINNED, CaseEntry, read_cases
from judge.exercise.definition import NAME
from judge.exercise.golden_file import RecordedCase
from judge.exercise.goldens import load_recorded
from judge.exercise.kill_matrix import Matrix, Sight, make_matrix
from judge.exercise.misconceptions import load_misconceptions
from judge.exercise.problems import did_you_mean
from judge.files import replace_exercise_files
from judge.model import CaseId, Exercise, Parameter, StaleGoldensError, UsageError

DEFAULT_FILE = "cases"
_EXAMPLE_SIZE = 4

# ---------------------------------------------------------------------------------------------------------- new


def new_case(exercise: Exercise, name: str, stem: str = DEFAULT_FILE) -> tuple[Path, int]:
    """Append a commented skeleton to a file of cases, creating the file if needed; return its path and line.

    Raises UsageError for a name that is taken or malformed, ExerciseError when the cases in the file are invalid.
    """
    for text, what in ((name, "a case's name"), (stem, "a file of cases")):
        if not NAME.fullmatch(text):
            raise UsageError(
                f"{text!r} is no name for {what}: use lower-case letters, digits and single hyphens"
            )
    if stem in (GENERATED, PINNED):
        raise UsageError(f"cases/{stem}.yaml is written by the judge; choose another file with --file")
    path = exercise.cases_dir / f"{stem}.yaml"
    entries = read_cases(exercise) if any(exercise.cases_dir.glob("*.yaml")) else ()
    if any(entry.case.id == CaseId.of(stem, name) for entry in entries):
        raise UsageError(f"there is a case {stem}/{name} already, in {path.relative_to(exercise.root)}")
    before = path.read_text(encoding="utf-8") if path.is_file() else f"{schema_comment(exercise)}cases:\n"
    if before and not before.endswith("\n"):
        before += "\n"
    text = before + ("\n" if before.rstrip()[-6:] != "cases:" else "") + skeleton(exercise, name, entries)
    replace_exercise_files({path: text})
    return path, before.count("\n") + (1 if text[len(before)] != "\n" else 2)


def skeleton(exercise: Exercise, name: str, entries: Sequence[CaseEntry] = ()) -> str:
    """Return a case that is valid as it stands, with comments on what may be changed.

    Its sizes are the most common ones in ``entries``, because each new size has to be compiled.
    """
    lines = [
        f"  - name: {name}",
        "    why: TODO say what a wrong solution would do here that a right one does not.",
        "    visibility: hidden # public: learners see its inputs and values",
        "    points: 1",
        "    # sees: [misconception-name]  # 'judge cases check' then fails when it does not",
        "    inputs:",
    ]
    arrays = 0
    shapes = _usual_shapes(exercise, entries)
    first_seed = zlib.crc32(name.encode()) % 1000  # two skeletons must not have the same inputs
    for parameter in exercise.parameters:
        arrays += parameter.kind == "array"
        example = _example(parameter, shapes.get(parameter.name, ()), first_seed + arrays)
        lines.append(f"      {parameter.name}: {example}")
    if arrays:
        lines.append(
            "      # also: nested lists, {uniform: {shape, seed, low, high}}, {constant: {shape, value}},"
        )
        lines.append(
            "      # {ramp: {shape, start, stop}}, {columns: [a list or generator each]}, {rows: [...]};"
        )
        lines.append("      # normal takes scale and shift")
    return "\n".join(lines) + "\n"


def _usual_shapes(exercise: Exercise, entries: Sequence[CaseEntry]) -> Mapping[str, tuple[int, ...]]:
    """Return the shape of every array parameter in the most common combination of shapes."""
    arrays = [parameter for parameter in exercise.parameters if parameter.kind == "array"]
    if not entries:
        return {
            p.name: tuple(step if isinstance(step, int) else _EXAMPLE_SIZE for step in p.shape or ())
            for p in arrays
        }
    (usual, _), *_ = Counter(entry.case.shape_key for entry in entries).most_common(1)
    return {parameter.name: shape for parameter, shape in zip(arrays, usual, strict=True)}


def _example(parameter: Parameter, shape: tuple[int, ...], seed: int) -> str:
    if parameter.kind != "array":
        return "1" if parameter.kind == "int" else "1.0"
    sizes = ", ".join(str(size) for size in shape)
    if (parameter.dtype or "").startswith("int"):
        return f"{{constant: {{shape: [{sizes}], value: 1}}}}"
    return f"{{normal: {{shape: [{sizes}], seed: {seed}}}}}"


# --------------------------------------------------------------------------------------------------------- show


def show_case(exercise: Exercise, wanted: str) -> str:
    """Return a case as text: inputs, expected value, tolerance and what the case detects.

    ``wanted`` is an id (``FILE/NAME``) or a unique name. Stale goldens are reported in the text, not refused.
    Raises UsageError when there is no such case.
    """
    entries = read_cases(exercise)
    entry = _find(entries, wanted)
    lines = [
        f"{entry.case.id}  ({entry.path.relative_to(exercise.root)}:{entry.line})",
        f"  why         {entry.case.why}",
        f"  visibility  {entry.case.visibility.value}, {number_text(float(entry.case.points))} points, "
        f"{entry.case.origin.value}",
    ]
    for key, value in entry.provenance.items():
        lines.append(f"  {key:10}  {value}")
    lines += ["", "  inputs"]
    for name, value in entry.case.inputs.items():
        if isinstance(value, np.ndarray):
            shape = "x".join(str(size) for size in value.shape)
            lines.append(f"    {name}  {value.dtype.name}[{shape}]")
            text = np.array2string(value, precision=4, suppress_small=False, max_line_width=90, threshold=200)
            lines += [f"      {row}" for row in text.splitlines()]
        else:
            lines.append(f"    {name}  {number_text(value)}")
    lines.append("")
    try:
        recorded = load_recorded(exercise, [other.case for other in entries])
    except StaleGoldensError as error:
        return "\n".join([*lines, f"  not recorded: {str(error).splitlines()[0]}", ""])
    matrix = make_matrix(entries, load_misconceptions(exercise), recorded)
    return "\n".join([*lines, *_recorded_lines(recorded[entry.case.id]), *_sight_lines(matrix, entry), ""])


def _find(entries: tuple[CaseEntry, ...], wanted: str) -> CaseEntry:
    exact = [entry for entry in entries if entry.case.id == wanted]
    by_name = [entry for entry in entries if entry.case.name == wanted]
    found = exact or by_name
    if not found:
        ids = [entry.case.id for entry in entries]
        raise UsageError(f"there is no case {wanted!r}{did_you_mean(wanted, ids)}")
    if len(found) > 1:
        raise UsageError(f"{wanted!r} is not unique: {', '.join(entry.case.id for entry in found)}")
    return found[0]


def _recorded_lines(record: RecordedCase) -> list[str]:
    golden = record.golden
    numbers = ", ".join(f"{number:.9g}" for number in golden.expected.ravel())
    worst = sorted(record.noise_from, key=lambda name: (-record.noise_from[name], name))[:3]
    noise = ", ".join(f"{name} {record.noise_from[name]:.2g}" for name in worst)
    return [
        f"  expected    {numbers}",
        f"  tolerance   {golden.tolerance:.3g} (relative {record.relative_tolerance:.3g})",
        f"  noise       {golden.noise:.2g}; most from {noise}",
        "",
    ]


def _sight_lines(matrix: Matrix, entry: CaseEntry) -> list[str]:
    cells = matrix.cells[entry.case.id]
    lines = ["  sees (distance in tolerances)"]
    seen = [(name, cell.distance) for name, cell in cells.items() if cell.sight is Sight.SEEN]
    for name, distance in sorted(seen, key=lambda pair: -(pair[1] or 0.0)):
        shown = "not finite" if distance is None or math.isinf(distance) else f"{distance:.3g}"
        lines.append(f"    {shown:>10}  {name}")
    for sight, title in (
        (Sight.FAINT, "rejects, but nearer than it should be"),
        (Sight.UNSEEN, "does not see"),
        (Sight.RAISES, "makes raise"),
        (Sight.OTHER_FORM, "answered in another form by"),
    ):
        names = [name for name, cell in cells.items() if cell.sight is sight]
        if names:
            lines += [f"  {title}", f"    {', '.join(names)}"]
    return lines
