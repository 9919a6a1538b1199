"""``judge cases draw``: freezes Hypothesis draws into ``cases/generated.yaml``.

More inputs are drawn than wanted, in the shapes of the existing cases, because every submission has to compile each
further shape.  Inputs that are measured to be ill-conditioned, or on which the reference is 0 or not finite, are
discarded.  The others are run on the misconceptions that the existing cases detect least, and are chosen one by one:
first those that enter guards which no case enters yet, or that detect what too few cases detect; then those that
detect most.  Nothing depends on the clock: the same seed gives the same file, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import hypothesis
import numpy as np

from judge.authoring.case_yaml import NewCase, case_lines, schema_comment
from judge.authoring.guards import WANTED_CASES, GuardCoverage, coverage_of, load_guards
from judge.authoring.minimal_cover import WANTED_SEERS
from judge.compare import distance, is_within
from judge.exercise.cases import GENERATED, CaseEntry, digest_of_inputs, read_cases
from judge.exercise.goldens import load_recorded
from judge.exercise.kill_matrix import CLEAR, Matrix, make_matrix
from judge.exercise.misconception import Misconception
from judge.exercise.misconceptions import load_misconceptions
from judge.model import Exercise, ExerciseError, Inputs, Visibility
from judge.progress import Step
from judge.solutions.bank import wrong_solutions
from judge.solutions.live_reference import ExpectedAnswer, LiveReference
from judge.solutions.runner import Answer, Runner, SolutionRunner
from judge.solutions.strategies import as_written, draw, load_strategy

POOL_FACTOR = 4
"""Inputs measured per case wanted."""

DRAW_FACTOR = 40
"""Inputs drawn per case wanted; the pool is picked from them."""

_PER_GUARD = 4
"""Inputs in the pool for each guard that the cases do not enter yet."""

FEWEST_SEERS = 16
"""Number of least detected misconceptions that steer the choice; the time of a draw grows with it."""

_NAMED_AT_MOST = 6


@dataclass(frozen=True)
class Candidate:
    """A usable draw, and what each of the steering misconceptions does with it."""

    inputs: Inputs
    right: ExpectedAnswer
    answers: Mapping[str, Answer]

    def distance(self, name: str) -> float:
        """Return the distance from the reference in tolerances; 0 unless the answer has numbers of the right shape."""
        value = self.answers[name].value
        if value is None or value.shape != self.right.expected.shape:
            return 0.0
        return distance(value, self.right.expected) / self.right.calibration.tolerance

    def distinguishes(self, one: str, other: str) -> bool:
        """Return whether two misconceptions clearly do different things here."""
        a, b = self.answers[one].value, self.answers[other].value
        if a is None or b is None or a.shape != b.shape:
            return (a is None) is not (b is None)
        size = max(float(np.abs(part).max()) for part in (a, b, self.right.expected))
        allowed = CLEAR * self.right.calibration.relative_tolerance * size
        return not is_within(a, b, allowed)


@dataclass(frozen=True)
class Drawing:
    """The text of ``generated.yaml``, and counts of what became of the draws."""

    text: str
    drawn: int
    not_finite: int
    ill_conditioned: int
    known: int
    kept: int


def draw_cases(
    exercise: Exercise,
    runner: Runner,
    count: int,
    seed: int,
    steps: Callable[[str, int], Step],
) -> Drawing:
    """Choose ``count`` draws. Raises ExerciseError when the pool does not hold as many usable ones.

    The written and pinned cases must be recorded: draws are chosen for what those detect least.
    """
    entries = [entry for entry in read_cases(exercise) if entry.file_name != GENERATED]
    matrix = _matrix_of(exercise, entries)
    steering = least_seen(matrix, FEWEST_SEERS)
    open_guards = [
        row
        for row in coverage_of(load_guards(exercise), entries)
        if not (row.enough or row.guard.out_of_scope)
    ]
    drawn = draw(exercise, load_strategy(exercise), DRAW_FACTOR * count, seed)
    pool = pick_pool(drawn, [entry.case.inputs for entry in entries], open_guards, POOL_FACTOR * count)
    known = {entry.case.digest for entry in entries}
    fresh = [inputs for inputs in pool if digest_of_inputs(inputs) not in known]
    usable, not_finite, ill_conditioned = _usable(exercise, runner, fresh, steps("measuring", len(fresh)))
    if len(pool) < count:
        raise ExerciseError(
            f"reference/strategies.py draws only {len(drawn)} different inputs, wanted are {count} cases; "
            f"{len(pool)} of them have shapes that the cases have"
        )
    if len(usable) < count:
        raise ExerciseError(
            f"{len(pool)} draws gave only {len(usable)} usable cases, wanted are {count}: {ill_conditioned} were "
            f"ill-conditioned, on {not_finite} the reference is 0 or not finite; make reference/strategies.py draw "
            "inputs on which right solutions agree"
        )
    answers = _meet(
        exercise, runner, steering, [i for i, _ in usable], steps("wrong solutions", len(steering))
    )
    candidates = [
        Candidate(inputs, right, {m.name: answers[m.name][index] for m in steering})
        for index, (inputs, right) in enumerate(usable)
    ]
    chosen = choose(candidates, matrix, steering, count, open_guards)
    drawing = Drawing("", len(pool), not_finite, ill_conditioned, len(pool) - len(fresh), len(chosen))
    return Drawing(**{**vars(drawing), "text": _render(exercise, chosen, steering, seed, drawing)})


def _matrix_of(exercise: Exercise, entries: Sequence[CaseEntry]) -> Matrix:
    recorded = load_recorded(exercise, [entry.case for entry in entries]) if entries else {}
    return make_matrix(entries, load_misconceptions(exercise), recorded)


def pick_pool(
    drawn: Sequence[Inputs], known: Sequence[Inputs], open_guards: Sequence[GuardCoverage], count: int
) -> list[Inputs]:
    """Pick the draws to measure: of known shapes, first some for each guard not entered yet, then in drawing order."""
    shapes = {shapes_of(inputs) for inputs in known}
    fitting = [inputs for inputs in drawn if not shapes or shapes_of(inputs) in shapes]
    order: list[int] = []
    for row in open_guards:
        entering = [index for index, inputs in enumerate(fitting) if row.guard.lets_in(inputs)]
        order += entering[:_PER_GUARD]
    order += range(len(fitting))
    return [fitting[index] for index in list(dict.fromkeys(order))[:count]]


def shapes_of(inputs: Inputs) -> tuple[tuple[int, ...], ...]:
    """Return the shape of every input."""
    return tuple(np.shape(value) for value in inputs.values())


def least_seen(matrix: Matrix, count: int) -> tuple[Misconception, ...]:
    """Return the numeric misconceptions detected by the fewest cases, or hardest to distinguish from another."""

    def ease(m: Misconception) -> tuple[int, str]:
        pairs = [
            len(distinguishing_cases)
            for pair, distinguishing_cases in matrix.pairs.items()
            if m.name in pair and distinguishing_cases
        ]
        return min([len(matrix.detecting_cases(m.name)), *pairs]), m.name

    return tuple(sorted(matrix.numeric, key=ease)[:count])


def _usable(
    exercise: Exercise, runner: Runner, pool: Sequence[Inputs], step: Step
) -> tuple[list[tuple[Inputs, ExpectedAnswer]], int, int]:
    usable, not_finite, ill_conditioned = [], 0, 0
    with LiveReference(exercise, runner) as truth:
        for inputs in pool:
            expected = truth.expected(inputs)
            right = truth.calibrated(inputs, expected) if expected is not None else None
            if right is None:
                not_finite += 1
            elif not right.usable:
                ill_conditioned += 1
            else:
                usable.append((inputs, right))
            step("")
    return usable, not_finite, ill_conditioned


def _meet(
    exercise: Exercise,
    runner: Runner,
    misconceptions: Sequence[Misconception],
    pool: Sequence[Inputs],
    step: Step,
) -> dict[str, list[Answer]]:
    sources = {solution.key: solution for solution in wrong_solutions(exercise)}
    answers: dict[str, list[Answer]] = {}
    for m in misconceptions:
        solution = sources[m.name]
        with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
            answers[m.name] = [solution_runner.answer(inputs) for inputs in pool]
        step(m.name)
    return answers


def choose(
    candidates: Sequence[Candidate],
    matrix: Matrix,
    steering: Sequence[Misconception],
    count: int,
    open_guards: Sequence[GuardCoverage] = (),
) -> list[Candidate]:
    """Repeatedly take the candidate that adds most where the cases detect least; sizes are kept even.

    Guards not entered yet come first, and misconceptions that too few cases detect.  A misconception that n cases
    detect counts 1 / (1 + n), and so does a pair that n cases distinguish.
    """
    missing = {row.guard: max(WANTED_CASES - len(row.cases), 1) for row in open_guards}
    detecting_cases = {m.name: float(len(matrix.detecting_cases(m.name))) for m in steering}
    pairs = {
        (a.name, b.name): float(len(matrix.distinguishing_cases(a.name, b.name)))
        for a, b in combinations(steering, 2)
        if a.code != b.code and b.name not in a.same_numbers_as
    }
    shapes = [shapes_of(candidate.inputs) for candidate in candidates]
    most_per_shape = -(-count // len(set(shapes)))
    taken_shapes: Counter[object] = Counter()
    left = list(range(len(candidates)))
    chosen: list[Candidate] = []

    def gain(index: int) -> tuple[int, float]:
        candidate = candidates[index]
        wanted = sum(number > 0 and guard.lets_in(candidate.inputs) for guard, number in missing.items())
        shown = [n for name, n in detecting_cases.items() if candidate.distance(name) >= CLEAR]
        wanted += sum(n < WANTED_SEERS for n in shown)
        seen = sum(1 / (1 + n) for n in shown)
        distinguished = sum(1 / (1 + n) for pair, n in pairs.items() if candidate.distinguishes(*pair))
        return wanted, seen + distinguished / 10

    while len(chosen) < count:
        open_ones = [i for i in left if taken_shapes[shapes[i]] < most_per_shape] or left
        best = max(open_ones, key=lambda index: (gain(index), -index))
        left.remove(best)
        taken_shapes[shapes[best]] += 1
        candidate = candidates[best]
        chosen.append(candidate)
        for guard in missing:
            missing[guard] -= guard.lets_in(candidate.inputs)
        for name in detecting_cases:
            detecting_cases[name] += candidate.distance(name) >= CLEAR
        for pair in pairs:
            pairs[pair] += candidate.distinguishes(*pair)
    return chosen


# ---------------------------------------------------------------------------------------------------- rendering


def _render(
    exercise: Exercise,
    chosen: Sequence[Candidate],
    steering: Sequence[Misconception],
    seed: int,
    drawing: Drawing,
) -> str:
    lines = [
        *schema_comment(exercise).splitlines(),
        f"# Written by 'judge cases draw -n {len(chosen)} --seed {seed}'; do not edit, draw again.",
        "provenance:",
        f"  seed: {seed}",
        f"  hypothesis: {hypothesis.__version__}",
        f"  drawn: {drawing.drawn}",
        f"  discarded_as_ill_conditioned: {drawing.ill_conditioned}",
        f"  discarded_as_zero_or_not_finite: {drawing.not_finite}",
        f"  known_already: {drawing.known}",
        "cases:",
    ]
    width = max(2, len(str(len(chosen))))
    for number, candidate in enumerate(chosen, start=1):
        # Twice the distance that counts, so that a claim survives the calibration with all right solutions.
        clear = [m.name for m in steering if candidate.distance(m.name) >= 2 * CLEAR]
        sees = clear[:_NAMED_AT_MOST]
        why = f"Drawn because it shows {', '.join(sees)}." if sees else "Drawn to have fresh numbers."
        case = NewCase(f"draw-{number:0{width}}", why, Visibility.HIDDEN, as_written(candidate.inputs), sees)
        lines += ["", *case_lines(case)] if number > 1 else case_lines(case)
    return "\n".join(lines) + "\n"
