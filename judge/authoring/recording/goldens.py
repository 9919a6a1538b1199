"""Goldens from measurements: every case with its tolerance, or a refusal that names the cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from judge.authoring.recording.moved import Moved, what_moved
from judge.authoring.recording.plan import Plan, Raw
from judge.exercise.cases import CaseEntry
from judge.exercise.golden_file import GoldenFile, RecordedCase, render_golden_file
from judge.exercise.goldens import golden_path, unrecorded_golden_files
from judge.exercise.tolerance import ONE_ULP
from judge.model import Exercise, ExerciseError, Golden
from judge.solutions.calibration import calibrate, likely_causes


@dataclass(frozen=True)
class Recording:
    """The result of a recording: files by path (None: to be removed), and a description of what changed."""

    files: Mapping[Path, str | None]
    moved: tuple[Moved, ...]
    runs: int

    @property
    def changes(self) -> bool:
        return bool(self.files)


def compose(
    exercise: Exercise, entries: Sequence[CaseEntry], plan: Plan, raw: Mapping[str, Raw]
) -> Recording:
    # Digests from before the run: a file that is saved meanwhile must show as changed.
    digests = {solution.name: solution.sha256 for solution in plan.solutions}
    rule = {name: float(value) for name, value in asdict(exercise.tolerance).items()}
    by_stem: dict[str, dict[str, RecordedCase]] = defaultdict(dict)
    moved: list[Moved] = []
    refuse(exercise, entries, raw)
    for entry in entries:
        case, known = entry.case, raw[entry.case.id]
        assert known.expected is not None
        calibration = calibrate(known.expected, known.noise_from, exercise.tolerance)
        golden = Golden(
            case_id=case.id,
            case_digest=case.digest,
            expected=known.expected,
            tolerance=calibration.tolerance,
            noise=calibration.noise,
            misconceptions=known.misconceptions,
            events=known.events,
            scaled=known.scaled,
        )
        recorded = RecordedCase(golden, calibration.relative_tolerance, known.noise_from)
        by_stem[entry.file_name][case.id] = recorded
        old = plan.before.get(entry.file_name)
        moved += what_moved(old.cases.get(case.id) if old is not None else None, recorded)
    files: dict[Path, str | None] = {}
    for stem, cases in by_stem.items():
        text = render_golden_file(GoldenFile(digests, plan.environment, rule, cases))
        path = golden_path(exercise, stem)
        if not path.is_file() or path.read_bytes() != text.encode():
            files[path] = text
        gone = sorted(plan.before[stem].cases.keys() - cases.keys()) if stem in plan.before else []
        moved += [Moved(f"{case_id}: gone", "cases are gone", case_id) for case_id in gone]
    for path in unrecorded_golden_files(exercise, [entry.case for entry in entries]):
        files[path] = None
        name = str(path.relative_to(exercise.root))
        moved.append(Moved(f"{name}: its cases are gone", "files are gone", name))
    return Recording(files, tuple(moved), sum(len(cases) for cases in plan.work.values()))


def refuse(exercise: Exercise, entries: Sequence[CaseEntry], raw: Mapping[str, Raw]) -> None:
    """Raise one ExerciseError that names every case that needs too wide a tolerance by what was measured so far."""
    refused: list[str] = []
    for entry in entries:
        known = raw[entry.case.id]
        assert known.expected is not None
        calibration = calibrate(known.expected, known.noise_from, exercise.tolerance)
        if not calibration.acceptable(exercise.tolerance):
            refused.append(_refusal(exercise, entry, known, calibration.worst_source))
    if refused:
        verb = "is" if len(refused) == 1 else "are"
        raise ExerciseError(
            f"{len(refused)} of {len(entries)} cases {verb} refused: a tolerance above "
            f"{exercise.tolerance.bound:g} would let wrong solutions through\n  " + "\n  ".join(refused)
        )


def _refusal(exercise: Exercise, entry: CaseEntry, known: Raw, worst: str) -> str:
    place = f"{entry.path.relative_to(exercise.root)}:{entry.line}"
    rule = exercise.tolerance
    assert known.expected is not None
    factor = rule.perturbation_factor if worst == ONE_ULP else rule.spread_factor
    noise = known.noise_from[worst]
    if noise == float("inf"):
        return f"{place}: {entry.case.id}: {worst} returns a number that is not finite, or expected is 0"
    source = "changing inputs by one ulp" if worst == ONE_ULP else worst
    causes = likely_causes(entry.case.inputs, known.expected)
    others = [n for name, n in known.noise_from.items() if name != worst]
    if worst != ONE_ULP and noise > 100 * max(others, default=0.0):
        causes = [
            f"all others agree, so {worst} is no right solution, or the case lies where right ones may differ, such as "
            "the kink of ReLU"
        ]
    cause = "; ".join(causes) or "the sizes of the inputs make rounding errors grow"
    return (
        f"{place}: {entry.case.id}: needs a relative tolerance of {factor * noise:.2g} "
        f"(noise {noise:.2g} from {source}, times {factor:g}); likely cause: {cause}"
    )
