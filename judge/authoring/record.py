"""``judge cases record``: what the reference returns, how far right solutions may be, what wrong ones return.

Only what changed is run again: a changed or new case meets every solution, a changed solution meets every case.
When the reference or the place where it runs changed, everything is run again, because all else is measured from it.
Nothing is written before every case has been found usable; then all files are replaced at once.
"""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judge.authoring.scaled import furthest_apart, has_second_look, returns_when_scaled
from judge.diagnosis.divergence.checkpoints import is_complete, kept
from judge.exercise.cases import CaseEntry, read_cases
from judge.exercise.golden_file import GoldenFile, RecordedCase, read_golden_file, render_golden_file
from judge.exercise.goldens import golden_path, unrecorded_golden_files
from judge.exercise.integrity import flaw_of
from judge.exercise.tolerance import ONE_ULP
from judge.files import replace_exercise_files
from judge.model import Case, Event, Exercise, ExerciseError, Golden, StaleGoldensError, WrongReturn
from judge.progress import Step
from judge.solutions.bank import Role, Solution, reference_solution, right_solutions, wrong_solutions
from judge.solutions.calibration import calibrate, likely_causes, perturbed, relative_difference
from judge.solutions.provenance import provenance
from judge.solutions.runner import Player, Runner

if TYPE_CHECKING:
    from judge.model import Float64Array


MANY = 8
"""Solutions from which on it pays to compile what they share before they are run."""


@dataclass(frozen=True)
class Plan:
    """Which cases each solution has to meet, by the solution's name; and what was recorded before."""

    solutions: tuple[Solution, ...]
    work: Mapping[str, tuple[Case, ...]]
    before: Mapping[str, GoldenFile]
    """By the stem of the case file."""
    environment: Mapping[str, str]
    unseen: tuple[Case, ...] = ()
    """Recorded before it was recorded what probes see of the reference; all other numbers stand."""
    unscaled: tuple[Case, ...] = ()
    """The same for what solutions return with other optimizers."""

    @property
    def idle(self) -> bool:
        return not any(self.work.values()) and not self.unseen and not self.unscaled


@dataclass(frozen=True)
class Recording:
    """What would be written: files by path (None: to be removed), and what moved, in words."""

    files: Mapping[Path, str | None]
    moved: tuple[str, ...]
    runs: int

    @property
    def changes(self) -> bool:
        return bool(self.files)


@dataclass
class _Raw:
    """Measurements of one case while they come in."""

    expected: Float64Array | None = None
    noise_from: dict[str, float] = field(default_factory=dict)
    misconceptions: dict[str, WrongReturn] = field(default_factory=dict)
    scaled: dict[str, WrongReturn] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


def record(
    exercise: Exercise,
    runners: Sequence[Runner],
    steps: Callable[[int], Step],
    *,
    anew: bool = False,
    prepare: Callable[[], None] = lambda: None,
) -> Recording:
    """Measure what is missing and say what would be written; ``write`` writes it.

    ``runners`` work side by side, one thread each.  ``steps`` is told the number of solutions to run and gives back
    the progress counter.  With ``anew`` nothing that was recorded before is used.  ``prepare`` is called first when
    many solutions have to be run, to compile what they share.

    Raises ExerciseError when a solution of the author's fails or when a case is refused.
    """
    entries = read_cases(exercise)
    plan = make_plan(exercise, entries, provenance(runners[0].environment), anew=anew)
    raw = _known(plan, entries)
    jobs = [solution for solution in plan.solutions if plan.work[solution.name]]
    if len(jobs) > MANY:
        prepare()
    step = steps(len(jobs) + sum(_is_looked_at(plan, solution) for solution in plan.solutions))
    # The reference goes first and alone: every other number is a distance from it.
    if jobs and jobs[0].role is Role.REFERENCE:
        _run_reference(exercise, runners[0], jobs.pop(0), plan, raw)
        step("reference")
    _refuse(exercise, entries, raw)  # what the reference alone shows is said before all others are run
    if plan.unseen:
        _look_at_reference(exercise, runners[0], plan, raw)
    _run_all(exercise, runners, jobs, plan, raw, step)
    _look_twice(exercise, runners, plan, raw, step)
    return _compose(exercise, entries, plan, raw)


def make_plan(
    exercise: Exercise, entries: Sequence[CaseEntry], environment: Mapping[str, str], *, anew: bool = False
) -> Plan:
    """Compare what is there with what was recorded."""
    solutions = (reference_solution(exercise), *right_solutions(exercise), *wrong_solutions(exercise))
    before: dict[str, GoldenFile] = {}
    work: dict[str, list[Case]] = defaultdict(list)
    unseen: list[Case] = []
    unscaled: list[Case] = []
    looks = any(solution.silent for solution in solutions)
    for stem in sorted({entry.file_name for entry in entries}):
        file = _read_if_usable(golden_path(exercise, stem))
        everything = anew or file is None or any(file.environment.get(k) != v for k, v in environment.items())
        if file is not None:
            before[stem] = file
            everything |= file.digests.get(solutions[0].name) != solutions[0].sha256
        for entry in entries:
            if entry.file_name != stem:
                continue
            recorded = file.cases.get(entry.case.id) if file is not None else None
            all_of_it = everything or recorded is None or recorded.golden.case_digest != entry.case.digest
            if not all_of_it and recorded is not None and file is not None:
                all_of_it = bool(flaw_of(file, recorded, exercise, entry.case))
            if not all_of_it and recorded is not None and not is_complete(recorded.golden.events):
                unseen.append(entry.case)
            if not all_of_it and recorded is not None and not recorded.golden.scaled and looks:
                unscaled += [entry.case] if has_second_look(entry.case) else []
            for solution in solutions:
                known = file.digests.get(solution.name) if file is not None else None
                if all_of_it or known != solution.sha256:
                    work[solution.name].append(entry.case)
    shares = {s.name: tuple(work[s.name]) for s in solutions}
    return Plan(solutions, shares, before, environment, tuple(unseen), tuple(unscaled))


def _read_if_usable(path: Path) -> GoldenFile | None:
    try:
        return read_golden_file(path) if path.is_file() else None
    except StaleGoldensError:
        return None


def _known(plan: Plan, entries: Sequence[CaseEntry]) -> dict[str, _Raw]:
    """What was recorded before and still holds."""
    raw: dict[str, _Raw] = {}
    reference = plan.solutions[0].name
    remeasured = {case.id for case in plan.work[reference]}
    right = {s.key for s in plan.solutions if s.role in (Role.ORACLE, Role.ACCEPTED)} | {ONE_ULP}
    wrong = {s.key for s in plan.solutions if s.role is Role.MISCONCEPTION}
    scaled = {s.key for s in plan.solutions if s.has_second_look}
    for entry in entries:
        case = entry.case
        raw[case.id] = known = _Raw()
        file = plan.before.get(entry.file_name)
        if case.id in remeasured or file is None:
            continue
        old = file.cases[case.id]
        known.expected = old.golden.expected
        known.events = old.golden.events or ()
        known.noise_from = {name: value for name, value in old.noise_from.items() if name in right}
        known.misconceptions = {c: w for c, w in old.golden.misconceptions.items() if c in wrong}
        known.scaled = {c: w for c, w in old.golden.scaled.items() if c in scaled}
    return raw


# ------------------------------------------------------------------------------------------------------ running


def _run_reference(
    exercise: Exercise, runner: Runner, solution: Solution, plan: Plan, raw: Mapping[str, _Raw]
) -> None:
    """Expected values and k; the reference must say the same again, in another process and another order."""
    cases = plan.work[solution.name]
    with Player(runner, exercise, solution.name, solution.source) as player:
        for case in cases:
            expected, events = player.require_answer(case.inputs, case.id)
            if not np.isfinite(expected).all():
                raise ExerciseError(f"{solution.name}: returns {_spelt(expected)} on {case.id}, not finite")
            raw[case.id].expected = expected
            raw[case.id].events = kept(events)
            moved = (player.require(inputs, f"{case.id} (one ulp away)") for inputs in perturbed(case.inputs))
            raw[case.id].noise_from[ONE_ULP] = max(relative_difference(v, expected) for v in moved)
    with Player(runner, exercise, solution.name, solution.source) as player:
        for case in reversed(cases):
            again = player.require(case.inputs, case.id)
            first = raw[case.id].expected
            if first is None or not np.array_equal(again, first):
                raise ExerciseError(
                    f"{solution.name}: is not deterministic: on {case.id} it returned {_spelt(first)} and then "
                    f"{_spelt(again)} for the same inputs"
                )


def _look_at_reference(exercise: Exercise, runner: Runner, plan: Plan, raw: Mapping[str, _Raw]) -> None:
    """What probes see of the reference on cases whose numbers are known."""
    solution = plan.solutions[0]
    with Player(runner, exercise, solution.name, solution.source) as player:
        for case in plan.unseen:
            raw[case.id].events = kept(player.require_answer(case.inputs, case.id)[1])


def _is_looked_at(plan: Plan, solution: Solution) -> bool:
    """Whether it is run with other optimizers, where there is anything to tell apart."""
    waiting = plan.work[solution.name] or plan.unscaled
    return bool(waiting) and solution.has_second_look and any(other.silent for other in plan.solutions)


def _look_twice(
    exercise: Exercise, runners: Sequence[Runner], plan: Plan, raw: Mapping[str, _Raw], step: Step
) -> None:
    """What solutions return with other optimizers: first the reference and silent mistakes, which choose the cases."""
    looked_at = [solution for solution in plan.solutions if _is_looked_at(plan, solution)]
    lock = threading.Lock()

    def look(runner: Runner, solution: Solution, cases: Sequence[Case]) -> None:
        for case, returned in returns_when_scaled(exercise, runner, solution, cases).items():
            raw[case].scaled[solution.key] = returned
        with lock:
            step(f"{solution.key}, a second look")

    def share(solutions: Sequence[Solution], worth: Callable[[Case], bool]) -> None:
        by_name = {
            s.name: list(
                {case.id: case for case in (*plan.work[s.name], *plan.unscaled) if worth(case)}.values()
            )
            for s in solutions
        }
        _share(runners, solutions, lambda runner, job: look(runner, job, by_name[job.name]))

    first = [solution for solution in looked_at if solution.silent or solution.role is Role.REFERENCE]
    share(first, has_second_look)
    names = {s.key for s in plan.solutions if s.silent or s.role is Role.REFERENCE}
    chosen = furthest_apart(
        {
            name: (known.expected, [it.value for key, it in known.scaled.items() if key in names])
            for name, known in raw.items()
        }
    )
    share([solution for solution in looked_at if solution not in first], lambda case: case.id in chosen)


def _run_all(
    exercise: Exercise,
    runners: Sequence[Runner],
    jobs: Sequence[Solution],
    plan: Plan,
    raw: Mapping[str, _Raw],
    step: Step,
) -> None:
    """Every job once on its cases."""
    lock = threading.Lock()

    def run(runner: Runner, solution: Solution) -> None:
        _run_one(exercise, runner, solution, plan.work[solution.name], raw)
        with lock:
            step(solution.key)

    _share(runners, jobs, run)


def _share(
    runners: Sequence[Runner], jobs: Sequence[Solution], run: Callable[[Runner, Solution], None]
) -> None:
    """Every job once, shared among the runners; the first error stops all and is raised."""
    waiting: queue.SimpleQueue[Solution] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    errors: list[BaseException] = []

    def work(runner: Runner) -> None:
        while not errors:
            try:
                solution = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                run(runner, solution)
            except BaseException as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=work, args=(runner,), daemon=True) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _run_one(
    exercise: Exercise, runner: Runner, solution: Solution, cases: Sequence[Case], raw: Mapping[str, _Raw]
) -> None:
    with Player(runner, exercise, solution.name, solution.source) as player:
        for case in cases:
            known = raw[case.id]
            if solution.role is Role.MISCONCEPTION:
                answer = player.answer(case.inputs)
                known.misconceptions[solution.key] = WrongReturn(answer.value, answer.raises)
            else:
                value = player.require(case.inputs, case.id)
                assert known.expected is not None
                known.noise_from[solution.key] = relative_difference(value, known.expected)


# ---------------------------------------------------------------------------------------------------- composing


def _compose(
    exercise: Exercise, entries: Sequence[CaseEntry], plan: Plan, raw: Mapping[str, _Raw]
) -> Recording:
    # As they were when they were run: a file that is saved meanwhile must show as changed.
    digests = {solution.name: solution.sha256 for solution in plan.solutions}
    rule = {name: float(value) for name, value in asdict(exercise.tolerance).items()}
    by_stem: dict[str, dict[str, RecordedCase]] = defaultdict(dict)
    moved: list[str] = []
    _refuse(exercise, entries, raw)
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
        moved += [f"{case_id}: gone" for case_id in gone]
    for path in unrecorded_golden_files(exercise, [entry.case for entry in entries]):
        files[path] = None
        moved.append(f"{path.relative_to(exercise.root)}: its cases are gone")
    return Recording(files, tuple(moved), sum(len(cases) for cases in plan.work.values()))


def _refuse(exercise: Exercise, entries: Sequence[CaseEntry], raw: Mapping[str, _Raw]) -> None:
    """Raise one ExerciseError that names every case which, by what was measured so far, needs too wide a tolerance."""
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


def _refusal(exercise: Exercise, entry: CaseEntry, known: _Raw, worst: str) -> str:
    place = f"{entry.path.relative_to(exercise.root)}:{entry.line}"
    rule = exercise.tolerance
    factor = rule.perturbation_factor if worst == ONE_ULP else rule.spread_factor
    noise = known.noise_from[worst]
    if noise == float("inf"):
        return f"{place}: {entry.case.id}: {worst} returns a number that is not finite, or expected is 0"
    source = "changing inputs by one ulp" if worst == ONE_ULP else worst
    causes = likely_causes(entry.case.inputs)
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


def what_moved(old: RecordedCase | None, new: RecordedCase) -> list[str]:
    """What changed in one case, one line each, old value first."""
    name, golden = new.golden.case_id, new.golden
    if old is None:
        return [f"{name}: new, expected {_spelt(golden.expected)} ± {golden.tolerance:.2g}"]
    lines = []
    if not np.array_equal(old.golden.expected, golden.expected):
        lines.append(f"{name}: expected {_spelt(old.golden.expected)} → {_spelt(golden.expected)}")
    if old.golden.tolerance != golden.tolerance:
        lines.append(f"{name}: tolerance {old.golden.tolerance:.3g} → {golden.tolerance:.3g}")
    for code in sorted(old.golden.misconceptions.keys() | golden.misconceptions.keys()):
        before, after = old.golden.misconceptions.get(code), golden.misconceptions.get(code)
        if _returned(before) != _returned(after):
            lines.append(f"{name}: {code} {_returned(before)} → {_returned(after)}")
    return lines


def _returned(wrong: WrongReturn | None) -> str:
    if wrong is None:
        return "(none)"
    return f"raises {wrong.raises}" if wrong.value is None else _spelt(wrong.value)


def _spelt(array: Float64Array | None) -> str:
    if array is None:
        return "nothing"
    numbers = [f"{number:.8g}" for number in array.ravel()[:4]]
    more = ", ..." if array.size > 4 else ""
    return numbers[0] if array.size == 1 else f"[{', '.join(numbers)}{more}]"


def write(recording: Recording) -> None:
    """Replace the files, all or none."""
    replace_exercise_files(recording.files)
