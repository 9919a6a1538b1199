"""``judge cases check``: finds what is wrong with a set of cases, from what was recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from judge.authoring.guards import WANTED_CASES, GuardCoverage, coverage_of, load_guards
from judge.authoring.minimal_cover import WANTED_SEERS, adds_nothing, smallest_cover
from judge.diagnosis.second_look import distinguishes_pitfalls, is_silent
from judge.exercise.cases import read_cases
from judge.exercise.golden_file import RecordedCase
from judge.exercise.goldens import load_recorded
from judge.exercise.kill_matrix import CLEAR, Matrix, Sight, make_matrix
from judge.exercise.misconception import Misconception
from judge.exercise.misconceptions import load_misconceptions
from judge.exercise.tolerance import ONE_ULP
from judge.model import Exercise, Json, Origin
from judge.solutions.strategies import place_of, strategies_path


@dataclass(frozen=True)
class Diagnostic:
    """One problem; ``place`` is file and line below the exercise's root."""

    level: Literal["error", "warning"]
    place: str
    message: str
    unusable: bool = False
    """True if the author's file itself is at fault: more or other cases would not help."""

    def to_json(self) -> Json:
        return {"level": self.level, "place": self.place, "message": self.message}


@dataclass(frozen=True)
class Assessment:
    """The kill matrix, the guards' coverage, the problems, and the smallest subset of cases with the same power."""

    matrix: Matrix
    coverage: tuple[GuardCoverage, ...]
    complaints: tuple[Diagnostic, ...]
    cover: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return any(complaint.level == "error" for complaint in self.complaints)

    @property
    def unusable(self) -> bool:
        return any(complaint.unusable for complaint in self.complaints)

    def to_json(self) -> Json:
        return {
            "passed": not self.failed,
            "complaints": [complaint.to_json() for complaint in self.complaints],
            "smallest_cover": list(self.cover),
            "guards": [row.to_json() for row in self.coverage],
            "matrix": self.matrix.to_json(),
        }


def assess(exercise: Exercise) -> Assessment:
    """Assess the cases of an exercise."""
    entries = read_cases(exercise)
    misconceptions = load_misconceptions(exercise)
    recorded = load_recorded(exercise, [entry.case for entry in entries])
    matrix = make_matrix(entries, misconceptions, recorded)
    coverage = coverage_of(load_guards(exercise), entries)
    complaints = (
        *_unwritten(exercise, matrix),
        *_bank(exercise, matrix),
        *_coverage(exercise, matrix),
        *_claims(exercise, matrix),
        *_fingerprints(exercise, matrix),
        *_second_look(exercise, matrix, recorded),
        *_rejections(exercise, matrix, recorded),
        *_guards(exercise, coverage),
        *_redundancy(matrix, coverage),
    )
    return Assessment(matrix, coverage, complaints, smallest_cover(matrix, coverage))


def _place_of_case(exercise: Exercise, matrix: Matrix, case_id: str) -> str:
    entry = next(entry for entry in matrix.entries if entry.case.id == case_id)
    return f"{entry.path.relative_to(exercise.root)}:{entry.line}"


def _place(exercise: Exercise, misconception: Misconception) -> str:
    return f"{misconception.path.relative_to(exercise.root)}:{misconception.line}"


def _unwritten(exercise: Exercise, matrix: Matrix) -> Iterator[Diagnostic]:
    """Report texts that learners or other authors read and that are still to be written."""
    for entry in matrix.entries:
        if re.search(r"\bTODO\b", entry.case.why):
            place = _place_of_case(exercise, matrix, entry.case.id)
            yield Diagnostic(
                "warning", place, f"{entry.case.id}: 'why' is still to be written: {entry.case.why!r:.60}"
            )
    for m in matrix.misconceptions:
        if not re.search(r"^## ", m.page, re.MULTILINE):
            message = f"{m.name}: its page is a title alone; learners who make the mistake read what it says"
            yield Diagnostic("warning", _place(exercise, m), message)


def _bank(exercise: Exercise, matrix: Matrix) -> Iterator[Diagnostic]:
    """Report the misconceptions that do not do what they declare."""
    for m in matrix.misconceptions:
        place = _place(exercise, m)
        cells = {case_id: matrix.cells[case_id][m.name] for case_id in matrix.case_ids}
        changed = [c for c, cell in cells.items() if cell.sight in (Sight.SEEN, Sight.FAINT)]
        if m.numeric and not changed:
            if all(cell.sight is Sight.UNSEEN for cell in cells.values()):
                message = (
                    f"{m.name} returns the reference's value on every case: add a case that shows it, or, when "
                    'only its structure is wrong, declare "numeric": False and its pitfall'
                )
                yield Diagnostic("error", place, message, unusable=True)
            else:
                message = f'{m.name} changes the numbers of no case; declare "numeric": False'
                yield Diagnostic("error", place, message)
        if not (m.numeric or m.raises or m.pitfall) and all(c.sight is Sight.UNSEEN for c in cells.values()):
            message = (
                f"{m.name} returns the reference's value on every case and declares neither a pitfall nor an "
                "exception, so that nothing tells it from a right solution"
            )
            yield Diagnostic("error", place, message, unusable=True)
        if not m.numeric and changed:
            message = f'{m.name} declares "numeric": False, but returns other numbers on {changed[0]}'
            yield Diagnostic("error", place, message)
        for case_id, cell in cells.items():
            if cell.sight is Sight.RAISES and cell.raises != m.raises:
                wanted = f"declares {m.raises}" if m.raises else "declares no exception"
                message = f"{m.name} {wanted}, but ends in {cell.raises} on {case_id}"
                yield Diagnostic("error", place, message)
                break
        if m.raises is not None and not any(cell.sight is Sight.RAISES for cell in cells.values()):
            yield Diagnostic("error", place, f"{m.name} declares {m.raises}, but raises on no case")


def _second_look(
    exercise: Exercise, matrix: Matrix, recorded: Mapping[str, RecordedCase]
) -> Iterator[Diagnostic]:
    """Report mistakes that change no number, when no public case distinguishes them under other optimizers."""
    if any(distinguishes_pitfalls(it.golden) for it in recorded.values()):
        return
    for m in matrix.misconceptions:
        if is_silent(m):
            message = (
                f"{m.name} changes no number, and on no public case do optimizers that scale their steps tell it from "
                "a right solution: add a public case with a learning rate above 0"
            )
            yield Diagnostic("error", _place(exercise, m), message)


def _coverage(exercise: Exercise, matrix: Matrix) -> Iterator[Diagnostic]:
    for m in matrix.numeric:
        detecting_cases, public = matrix.detecting_cases(m.name), matrix.detecting_cases(m.name, public=True)
        if len(detecting_cases) < WANTED_SEERS:
            message = (
                f"{m.name} is seen by {_cases(len(detecting_cases))} at {CLEAR:g} tolerances or more, "
                f"wanted are {WANTED_SEERS}"
            )
            yield Diagnostic("error", _place(exercise, m), message)
        elif not public:
            message = f"{m.name} is seen by {_cases(len(detecting_cases))}, but by no public one"
            yield Diagnostic("error", _place(exercise, m), message)


def _claims(exercise: Exercise, matrix: Matrix) -> Iterator[Diagnostic]:
    for entry in matrix.entries:
        place = f"{entry.path.relative_to(exercise.root)}:{entry.line}"
        told = [name for name in _named_in(entry.case.why, matrix) if name not in entry.sees]
        for name, claim in [
            *((n, "says that it sees") for n in entry.sees),
            *((n, "names in its why") for n in told),
        ]:
            cell = matrix.cells[entry.case.id][name]
            if cell.sight in (Sight.UNSEEN, Sight.FAINT):
                message = (
                    f"{entry.case.id} {claim} {name}, which is {cell.distance:.2g} tolerances away "
                    f"(wanted are {CLEAR:g})"
                )
                yield Diagnostic("error", place, message)


def _named_in(why: str, matrix: Matrix) -> list[str]:
    """Return the misconceptions that a reason names; only names with a hyphen count: one word is ordinary language."""
    words = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", why))
    return sorted(m.name for m in matrix.misconceptions if m.name in words)


def _fingerprints(exercise: Exercise, matrix: Matrix) -> Iterator[Diagnostic]:
    by_name = {m.name: m for m in matrix.misconceptions}
    for (one, other), distinguishing_cases in matrix.pairs.items():
        a, b = by_name[one], by_name[other]
        declared = other in a.same_numbers_as or one in b.same_numbers_as
        if not distinguishing_cases and not declared:
            message = (
                f"{one} and {other} return the same numbers on every case, so that a diagnosis by numbers is a "
                'guess: add a case that tells them apart, or declare it in both as "same_numbers_as", and in one of '
                'them the "evidence" or the pitfall that speaks for it'
            )
            yield Diagnostic("error", _place(exercise, a), message)
        if not distinguishing_cases and declared and (a.evidence, a.pitfall) == (b.evidence, b.pitfall):
            message = (
                f"{one} and {other} return the same numbers on every case, and no evidence tells them apart, so that a "
                'diagnosis can only name both: declare in one of them the "evidence" or the pitfall that speaks for it'
            )
            yield Diagnostic("warning", _place(exercise, a), message)
        if distinguishing_cases and declared:
            case = distinguishing_cases[0]
            message = (
                f"{one} and {other} are declared to return the same numbers, but {case} tells them apart"
            )
            yield Diagnostic("error", _place(exercise, a), message)


def _rejections(
    exercise: Exercise, matrix: Matrix, recorded: Mapping[str, RecordedCase]
) -> Iterator[Diagnostic]:
    for case_id in matrix.case_ids:
        record = recorded[case_id]
        for name, difference in record.noise_from.items():
            if difference > record.relative_tolerance and name == ONE_ULP:
                message = (
                    f"{case_id} moves by {difference:.2g} when its inputs move by one ulp, which is beyond its "
                    f"tolerance of {record.relative_tolerance:.2g}: the factors in exercise.yaml are too small"
                )
                yield Diagnostic("error", _place_of_case(exercise, matrix, case_id), message)
            elif difference > record.relative_tolerance:
                message = (
                    f"{name} is right and would be rejected on {case_id}: {difference:.2g} away, "
                    f"tolerance {record.relative_tolerance:.2g}"
                )
                yield Diagnostic("error", f"reference/{name}.py", message)


def _guards(exercise: Exercise, coverage: Sequence[GuardCoverage]) -> Iterator[Diagnostic]:
    """Report the guards that too few cases enter and that are not declared out of scope."""
    for row in coverage:
        guard = row.guard
        if not guard.out_of_scope and not row.enough:
            message = (
                f"the guard '{guard.name}' is entered by {_cases(len(row.cases))} ({len(row.hidden)} hidden), "
                f"wanted are {WANTED_CASES}, one of them hidden; add cases, or give the reason in OUT_OF_SCOPE"
            )
            yield Diagnostic("error", place_of(exercise), message)
    if not coverage and strategies_path(exercise).is_file():
        message = "declares no SPACE, so that nothing is known about inputs that no case covers"
        yield Diagnostic("warning", place_of(exercise), message)


def _redundancy(matrix: Matrix, coverage: Sequence[GuardCoverage]) -> Iterator[Diagnostic]:
    """Report cases that detect nothing the others do not, unless they say why they stay.

    A pinned case needs no reason: a submission was once wrong on it.  Without a bank nothing is measured.
    """
    if not matrix.numeric:
        return
    spare = adds_nothing(matrix, coverage)
    for entry in matrix.entries:
        place, case_id = f"cases/{entry.path.name}:{entry.line}", entry.case.id
        if entry.case.origin is Origin.PINNED:
            continue
        if entry.keep:
            if case_id not in spare:
                message = f"{case_id} says why it stays, but is needed: without it the cases see less"
                yield Diagnostic("warning", place, message)
        elif not matrix.detected_by(case_id):
            yield Diagnostic("error", place, f"{case_id} sees no misconception at all")
        elif case_id in spare:
            message = f"{case_id} could go: the others see the same; remove it, or say in 'keep' why it stays"
            yield Diagnostic("error", place, message)


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number} cases"
