"""``judge cases mutate``: does every mechanical mutant of the reference get rejected?

A mutant is killed when it fails on a case, or, with all numbers right, when the whole judge does not accept it (a
pitfall).  What survives is the same program written differently, which ``reference/equivalent-mutants.yaml`` says with
a reason, or a hole in the cases.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from judge.authoring.bank import reference_solution
from judge.authoring.matrix import make_matrix
from judge.authoring.mutants import Mutant, make_mutants
from judge.authoring.players import Player, Runner
from judge.authoring.progress import Step
from judge.exercise.cases import read_cases
from judge.exercise.fields import Value
from judge.exercise.goldens import load_recorded
from judge.exercise.misconceptions import load_misconceptions
from judge.exercise.problems import Problems
from judge.exercise.yaml_tree import read_yaml
from judge.model import Case, Exercise, ExerciseError, Golden, Json

EQUIVALENTS = "equivalent-mutants.yaml"

Acceptance = Callable[[bytes], str | None]
"""What the whole judge has against a source whose numbers are all right: a finding's code, or None."""


@dataclass(frozen=True)
class Fate:
    """What became of one mutant: the case or finding that killed it, or the reason why it may live."""

    mutant: Mutant
    killed_by: str | None
    how: str
    reason: str | None = None

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
class MutationResult:
    original: str
    fates: tuple[Fate, ...]
    stale: tuple[str, ...]
    """Entries of the file of equivalents that excuse nothing, each with what became of its mutant."""

    @property
    def killed(self) -> int:
        return sum(fate.killed_by is not None for fate in self.fates)

    @property
    def equivalent(self) -> int:
        return sum(fate.killed_by is None and fate.reason is not None for fate in self.fates)

    @property
    def unexplained(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.fates if fate.unexplained)

    @property
    def failed(self) -> bool:
        return bool(self.unexplained or self.stale)

    def to_json(self) -> Json:
        return {
            "mutants": len(self.fates),
            "killed": self.killed,
            "equivalent": self.equivalent,
            "unexplained": len(self.unexplained),
            "stale_equivalents": list(self.stale),
            "fates": [
                {
                    "operator": fate.mutant.operator,
                    "line": fate.mutant.line,
                    "was": fate.mutant.was,
                    "now": fate.mutant.now,
                    "killed_by": fate.killed_by,
                    "how": fate.how,
                    "reason": fate.reason,
                }
                for fate in self.fates
            ],
        }


def mutate(
    exercise: Exercise, runners: Sequence[Runner], accepts: Acceptance, steps: Callable[[int], Step]
) -> MutationResult:
    """Run every mutant until something kills it, ``runners`` side by side.

    Raises StaleGoldensError, or ExerciseError for a bad file.
    """
    equivalents = read_equivalents(exercise)
    cases, goldens = _by_power(exercise)
    original = reference_text(exercise)
    mutants = make_mutants(original)
    step = steps(len(mutants))
    idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()
    for runner in runners:
        idle.put(runner)
    lock = threading.Lock()

    def accepted_by_all(source: bytes) -> str | None:
        with lock:  # there is one grader for all
            return accepts(source)

    def run(mutant: Mutant) -> Fate:
        runner = idle.get()
        try:
            fate = run_mutant(exercise, runner, accepted_by_all, mutant, cases, goldens)
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
    return explain(original, fates, equivalents)


def reference_text(exercise: Exercise) -> str:
    """The reference as text; ExerciseError with its line when it is none."""
    solution = reference_solution(exercise)
    try:
        return solution.source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = solution.source.count(b"\n", 0, error.start) + 1
        value = solution.source[error.start]
        raise ExerciseError(f"{solution.name}:{line}: is not UTF-8: byte 0x{value:02x}") from error


def explain(original: str, fates: Sequence[Fate], equivalents: Sequence[Equivalent]) -> MutationResult:
    """Give survivors their recorded reasons, and find the entries that excuse nothing.

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
    return MutationResult(original, tuple(explained), tuple(stale))


def _why_stale(entry: Equivalent, fates: Sequence[Fate]) -> str:
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
) -> Fate:
    """Case after case until one kills it; then, with all numbers right, the whole judge."""
    source = mutant.source.encode()
    with Player(runner, exercise, "mutant", source) as player:
        for case in cases:
            golden, answer = goldens[case.id], player.answer(case.inputs)
            if answer.value is None:
                return Fate(mutant, case.id, f"raises {answer.raises}")
            if answer.value.shape != golden.expected.shape:
                return Fate(mutant, case.id, f"returns shape {answer.value.shape}")
            with np.errstate(invalid="ignore"):
                away = float(np.abs(answer.value - golden.expected).max())
            if not away <= golden.tolerance:
                return Fate(mutant, case.id, f"{away / golden.tolerance:.3g} tolerances away")
    code = accepts(source)
    return Fate(mutant, code, "found by its structure") if code else Fate(mutant, None, "survives")


def _by_power(exercise: Exercise) -> tuple[list[Case], Mapping[str, Golden]]:
    """The cases in the order that kills soonest: the one that sees most first, then by shape, to compile little."""
    entries = read_cases(exercise)
    recorded = load_recorded(exercise, [entry.case for entry in entries])
    matrix = make_matrix(entries, load_misconceptions(exercise), recorded)
    power = {entry.case.id: len(matrix.seen_by(entry.case.id)) for entry in entries}
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


def read_equivalents(exercise: Exercise) -> tuple[Equivalent, ...]:
    """The recorded equivalents; () when there is no file. Raises ExerciseError with file and line."""
    path = equivalents_path(exercise)
    if not path.is_file():
        return ()
    problems = Problems(exercise.root)
    node = read_yaml(path, problems)
    found: list[Equivalent] = []
    items = (
        Value(node, "", path, problems).items(wanted="a list of equivalents") if node is not None else None
    )
    for item in items or ():
        given = item.fields(("was", "now", "reason"))
        texts = {name: value.text() for name, value in given.items()}
        was, now, reason = (texts.get(name) for name in ("was", "now", "reason"))
        if was is not None and now is not None and reason is not None:
            found.append(Equivalent(was.strip(), now.strip(), " ".join(reason.split()), item.node.line))
    problems.raise_if_any("the equivalent mutants")
    return tuple(found)
