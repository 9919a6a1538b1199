"""``judge cases mutate``: checks that every mechanical mutant of the reference is rejected.

A mutant is killed when it fails on a case, or, with all numbers right, when the whole judge does not accept it (a
pitfall).  A survivor is either the same program written differently, recorded in
``reference/equivalent-mutants.yaml`` with a reason, or a hole in the cases.

A mistake can also be made under a condition alone, such as "only when N > 128".  Such a guarded mutant needs no run of
its own: it is killed when the plain mutant differs from the reference on a case that enters the guard.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge.authoring.guards import load_guards
from judge.authoring.mutation_operators import Mutant, make_mutants
from judge.compare import distance
from judge.exercise.cases import read_cases
from judge.exercise.fields import Value
from judge.exercise.goldens import load_recorded
from judge.exercise.kill_matrix import make_matrix
from judge.exercise.misconceptions import load_misconceptions
from judge.exercise.problems import Problems
from judge.exercise.yaml_tree import read_yaml
from judge.model import Case, Exercise, ExerciseError, Golden, Json
from judge.progress import Step
from judge.solutions.bank import reference_solution
from judge.solutions.runner import Answer, Runner, SolutionRunner

EQUIVALENTS = "equivalent-mutants.yaml"

WANTED_SHARE = 0.97
"""The share of the guarded mutants that have to be killed."""

Acceptance = Callable[[bytes], str | None]
"""Returns why the whole judge rejects a source whose numbers are all right: a finding's code, or None if accepted."""


@dataclass(frozen=True)
class MutantResult:
    """The result of one mutant: the case or finding that killed it, or the reason why it may survive."""

    mutant: Mutant
    killed_by: str | None
    how: str
    reason: str | None = None
    survives_under: tuple[str, ...] = ()
    """The guards under which no case distinguishes it from the reference; all of them when nothing kills it."""

    @property
    def unexplained(self) -> bool:
        return self.killed_by is None and self.reason is None


@dataclass(frozen=True)
class Equivalent:
    """An entry of ``equivalent-mutants.yaml``."""

    was: str
    now: str
    reason: str
    line: int

    def fits(self, mutant: Mutant) -> bool:
        return (self.was, self.now) == (mutant.was, mutant.now)


@dataclass(frozen=True)
class HarmlessUnder:
    """An entry of ``equivalent-mutants.yaml`` for a guard: why mutants that survive under it are not mistakes."""

    guard: str
    reason: str
    line: int


@dataclass(frozen=True)
class MutationResult:
    original: str
    fates: tuple[MutantResult, ...]
    stale: tuple[str, ...]
    """Entries of the file of equivalents that excuse nothing, each with the result of its mutant."""
    guards: tuple[str, ...] = ()
    """The guards that some case enters."""
    harmless: Mapping[str, str] = field(default_factory=dict)
    """The reasons why mutants may survive, by guard."""

    @property
    def pairs(self) -> int:
        """The number of guarded mutants: each mutant that is a mistake, under each guard."""
        return len(self.guards) * (len(self.fates) - self.equivalent)

    @property
    def surviving_under(self) -> dict[str, tuple[MutantResult, ...]]:
        """The mutants that survive under a guard, by guard, most first; equivalent ones are left out."""
        found = {
            guard: tuple(f for f in self.fates if guard in f.survives_under and f.reason is None)
            for guard in self.guards
        }
        return dict(sorted(((g, f) for g, f in found.items() if f), key=lambda item: -len(item[1])))

    @property
    def killed_share(self) -> float:
        """The share of the pairs that are killed; 1 when there are none."""
        surviving = sum(len(fates) for fates in self.surviving_under.values())
        return 1.0 - surviving / self.pairs if self.pairs else 1.0

    @property
    def killed(self) -> int:
        return sum(fate.killed_by is not None for fate in self.fates)

    @property
    def equivalent(self) -> int:
        return sum(fate.killed_by is None and fate.reason is not None for fate in self.fates)

    @property
    def unexplained(self) -> tuple[MutantResult, ...]:
        return tuple(fate for fate in self.fates if fate.unexplained)

    @property
    def failed(self) -> bool:
        return bool(self.unexplained or self.stale) or self.killed_share < WANTED_SHARE

    def to_json(self) -> Json:
        return {
            "mutants": len(self.fates),
            "killed": self.killed,
            "equivalent": self.equivalent,
            "unexplained": len(self.unexplained),
            "stale_equivalents": list(self.stale),
            "guarded_mutants": self.pairs,
            "guarded_mutants_killed_share": self.killed_share,
            "fates": [
                {
                    "operator": fate.mutant.operator,
                    "line": fate.mutant.line,
                    "was": fate.mutant.was,
                    "now": fate.mutant.now,
                    "killed_by": fate.killed_by,
                    "how": fate.how,
                    "reason": fate.reason,
                    "survives_under": list(fate.survives_under),
                }
                for fate in self.fates
            ],
        }


def mutate(
    exercise: Exercise, runners: Sequence[Runner], accepts: Acceptance, steps: Callable[[int], Step]
) -> MutationResult:
    """Run every mutant until something kills it, in as many threads as there are ``runners``.

    Raises StaleGoldensError, or ExerciseError for a bad file.
    """
    equivalents, harmless = read_equivalents(exercise)
    cases, goldens = _by_power(exercise)
    entered = _guards_entered(exercise, cases)
    original = reference_text(exercise)
    mutants = make_mutants(original)
    step = steps(len(mutants))
    idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()
    for runner in runners:
        idle.put(runner)
    lock = threading.Lock()

    def accepted_by_all(source: bytes) -> str | None:
        with lock:  # all threads share one grader
            return accepts(source)

    def run(mutant: Mutant) -> MutantResult:
        runner = idle.get()
        try:
            fate = run_mutant(exercise, runner, accepted_by_all, mutant, cases, goldens, entered)
        finally:
            idle.put(runner)
        with lock:
            step(mutant.operator)
        return fate

    with ThreadPoolExecutor(len(runners)) as pool:
        running = [pool.submit(run, mutant) for mutant in mutants]
        try:
            fates = [future.result() for future in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    guards = tuple(dict.fromkeys(guard for case in cases for guard in entered[case.id]))
    return explain(original, fates, equivalents, guards, harmless)


def _guards_entered(exercise: Exercise, cases: Sequence[Case]) -> dict[str, tuple[str, ...]]:
    """Return the names of the guards that each case enters, by case id, without those out of scope."""
    guards = [guard for guard in load_guards(exercise) if not guard.out_of_scope]
    return {case.id: tuple(g.name for g in guards if g.lets_in(case.inputs)) for case in cases}


def reference_text(exercise: Exercise) -> str:
    """Return the reference as text. Raises ExerciseError with the line when it cannot be decoded."""
    solution = reference_solution(exercise)
    try:
        return solution.source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = solution.source.count(b"\n", 0, error.start) + 1
        value = solution.source[error.start]
        raise ExerciseError(f"{solution.name}:{line}: is not UTF-8: byte 0x{value:02x}") from error


def explain(
    original: str,
    fates: Sequence[MutantResult],
    equivalents: Sequence[Equivalent],
    guards: tuple[str, ...] = (),
    harmless: Sequence[HarmlessUnder] = (),
) -> MutationResult:
    """Attach the recorded reasons to survivors, and find the entries that excuse nothing.

    An entry excuses one mutant: where the same line is changed in the same way at two places, each needs its own.
    """
    waiting = list(equivalents)
    explained = []
    for fate in fates:
        entry = next((e for e in waiting if fate.killed_by is None and e.fits(fate.mutant)), None)
        if entry is not None:
            waiting.remove(entry)
            fate = replace(fate, reason=entry.reason)
        explained.append(fate)
    stale = [f"reference/{EQUIVALENTS}:{e.line}: {_why_stale(e, explained)}" for e in waiting]
    reasons = {entry.guard: entry.reason for entry in harmless}
    result = MutationResult(original, tuple(explained), tuple(stale), guards, reasons)
    idle = [entry for entry in harmless if entry.guard not in result.surviving_under]
    stale += [f"reference/{EQUIVALENTS}:{e.line}: no mutant survives under '{e.guard}'" for e in idle]
    return replace(result, stale=tuple(stale))


def _why_stale(entry: Equivalent, fates: Sequence[MutantResult]) -> str:
    change = f"'{entry.now}' out of '{entry.was}'"
    own = [fate for fate in fates if entry.fits(fate.mutant)]
    killed = [fate for fate in own if fate.killed_by is not None]
    if killed:
        return f"the mutant that makes {change} is no equivalent: {killed[0].killed_by} rejects it ({killed[0].how})"
    if own:
        return f"the mutant that makes {change} is excused already by another entry"
    return f"no mutant makes {change}"


def run_mutant(
    exercise: Exercise,
    runner: Runner,
    accepts: Acceptance,
    mutant: Mutant,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    entered: Mapping[str, Sequence[str]],
) -> MutantResult:
    """Run case after case until one has killed it under each guard; then, with all numbers right, the whole judge.

    ``entered`` has the guards that each case enters, by case id.  A finding about the mutant's structure holds on every
    input, so it counts under every guard.
    """
    source = mutant.source.encode()
    alive_under = dict.fromkeys(guard for case in cases for guard in entered[case.id])
    first: tuple[str, str] | None = None
    with SolutionRunner(runner, exercise, "mutant", source) as solution_runner:
        left = list(cases)
        while left and (first is None or alive_under):
            case = max(left, key=lambda c: sum(guard in alive_under for guard in entered[c.id]))
            if first is not None and not any(guard in alive_under for guard in entered[case.id]):
                break
            left.remove(case)
            how = _told_from_reference(solution_runner.answer(case.inputs), goldens[case.id])
            if how is None:
                continue
            first = first or (case.id, how)
            for guard in entered[case.id]:
                alive_under.pop(guard, None)
    if first is not None:
        return MutantResult(mutant, *first, survives_under=tuple(alive_under))
    code = accepts(source)
    if code:
        return MutantResult(mutant, code, "found by its structure")
    return MutantResult(mutant, None, "survives", survives_under=tuple(alive_under))


def _told_from_reference(answer: Answer, golden: Golden) -> str | None:
    """Return how a mutant differs from the reference on a case; None when it is right."""
    if answer.value is None:
        return f"raises {answer.raises}"
    if answer.value.shape != golden.expected.shape:
        return f"returns shape {answer.value.shape}"
    away = distance(answer.value, golden.expected)
    return None if away <= golden.tolerance else f"{away / golden.tolerance:.3g} tolerances away"


def _by_power(exercise: Exercise) -> tuple[list[Case], Mapping[str, Golden]]:
    """Return the cases in the order that kills soonest: most powerful first, then by shape, to compile little."""
    entries = read_cases(exercise)
    recorded = load_recorded(exercise, [entry.case for entry in entries])
    matrix = make_matrix(entries, load_misconceptions(exercise), recorded)
    power = {entry.case.id: len(matrix.detected_by(entry.case.id)) for entry in entries}
    strongest: dict[object, int] = {}
    for entry in entries:
        shape = entry.case.shape_key
        strongest[shape] = max(strongest.get(shape, 0), power[entry.case.id])
    ordered = sorted(
        (entry.case for entry in entries),
        key=lambda case: (-strongest[case.shape_key], case.shape_key, -power[case.id], case.id),
    )
    return ordered, {case_id: record.golden for case_id, record in recorded.items()}


def equivalents_path(exercise: Exercise) -> Path:
    return exercise.reference_dir / EQUIVALENTS


def read_equivalents(exercise: Exercise) -> tuple[tuple[Equivalent, ...], tuple[HarmlessUnder, ...]]:
    """Return the recorded equivalents, and the reasons for guards; empty when there is no file.

    Raises ExerciseError with file and line.
    """
    path = equivalents_path(exercise)
    if not path.is_file():
        return (), ()
    problems = Problems(exercise.root)
    node = read_yaml(path, problems)
    found: list[Equivalent] = []
    harmless: list[HarmlessUnder] = []
    items = (
        Value(node, "", path, problems).items(wanted="a list of equivalents") if node is not None else None
    )
    for item in items or ():
        of_guard = item.node.kind == "map" and any(key.text == "under" for key in item.node.children[::2])
        given = item.fields(("under", "reason") if of_guard else ("was", "now", "reason"))
        texts = {name: (value.text() or "").strip() for name, value in given.items()}
        reason = " ".join(texts.get("reason", "").split())
        if of_guard:
            harmless.append(HarmlessUnder(texts.get("under", ""), reason, item.node.line))
        else:
            found.append(Equivalent(texts.get("was", ""), texts.get("now", ""), reason, item.node.line))
    problems.raise_if_any("the equivalent mutants")
    return tuple(found), tuple(harmless)
