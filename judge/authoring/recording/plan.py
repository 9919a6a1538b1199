"""Plans a recording: what has to be measured again, and which earlier measurements still hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from judge.authoring.scaled import has_second_look
from judge.diagnosis.divergence.checkpoints import is_complete
from judge.exercise.cases import CaseEntry
from judge.exercise.golden_file import GoldenFile, read_golden_file
from judge.exercise.goldens import golden_path
from judge.exercise.integrity import flaw_of
from judge.exercise.tolerance import ONE_ULP
from judge.model import Case, Event, Exercise, StaleGoldensError, WrongReturn
from judge.solutions.bank import Role, Solution, reference_solution, right_solutions, wrong_solutions

if TYPE_CHECKING:
    from judge.model import Float64Array


@dataclass(frozen=True)
class Plan:
    """The cases each solution has to run, by the solution's name, and what was recorded before."""

    solutions: tuple[Solution, ...]
    work: Mapping[str, tuple[Case, ...]]
    before: Mapping[str, GoldenFile]
    """By the stem of the case file."""
    environment: Mapping[str, str]
    unseen: tuple[Case, ...] = ()
    """Cases recorded before the reference's probe events were; their numbers still hold."""
    unscaled: tuple[Case, ...] = ()
    """Cases that lack what solutions return with other optimizers, for the same reason."""

    @property
    def idle(self) -> bool:
        return not any(self.work.values()) and not self.unseen and not self.unscaled


@dataclass
class Raw:
    """The measurements of one case, collected as they come in."""

    expected: Float64Array | None = None
    noise_from: dict[str, float] = field(default_factory=dict)
    misconceptions: dict[str, WrongReturn] = field(default_factory=dict)
    scaled: dict[str, WrongReturn] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


def make_plan(
    exercise: Exercise, entries: Sequence[CaseEntry], environment: Mapping[str, str], *, again: bool = False
) -> Plan:
    """Compare the files with what was recorded."""
    solutions = (reference_solution(exercise), *right_solutions(exercise), *wrong_solutions(exercise))
    before: dict[str, GoldenFile] = {}
    work: dict[str, list[Case]] = defaultdict(list)
    unseen: list[Case] = []
    unscaled: list[Case] = []
    looks = any(solution.silent for solution in solutions)
    for stem in sorted({entry.file_name for entry in entries}):
        file = _read_if_usable(golden_path(exercise, stem))
        everything = (
            again or file is None or any(file.environment.get(k) != v for k, v in environment.items())
        )
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


def still_known(plan: Plan, entries: Sequence[CaseEntry]) -> dict[str, Raw]:
    """Return earlier measurements that still hold."""
    raw: dict[str, Raw] = {}
    reference = plan.solutions[0].name
    remeasured = {case.id for case in plan.work[reference]}
    right = {s.key for s in plan.solutions if s.role in (Role.ORACLE, Role.ACCEPTED)} | {ONE_ULP}
    wrong = {s.key for s in plan.solutions if s.role is Role.MISCONCEPTION}
    scaled = {s.key for s in plan.solutions if s.has_second_look}
    for entry in entries:
        case = entry.case
        raw[case.id] = known = Raw()
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
