"""Runs the author's solutions on the cases and collects what they return."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from judge.authoring.recording.moved import spelt
from judge.authoring.recording.plan import Plan, Raw
from judge.authoring.scaled import furthest_apart, has_second_look, returns_when_scaled
from judge.diagnosis.divergence.checkpoints import kept
from judge.exercise.tolerance import ONE_ULP
from judge.model import Case, Exercise, ExerciseError, WrongReturn
from judge.progress import Step
from judge.solutions.bank import Role, Solution
from judge.solutions.calibration import perturbed, relative_difference
from judge.solutions.runner import Runner, SolutionRunner


def run_reference(
    exercise: Exercise, runner: Runner, solution: Solution, plan: Plan, raw: Mapping[str, Raw]
) -> None:
    """Record expected values and k; the reference must repeat its values in another process and another order."""
    cases = plan.work[solution.name]
    with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
        for case in cases:
            expected, events = solution_runner.require_answer(case.inputs, case.id)
            if not np.isfinite(expected).all():
                raise ExerciseError(f"{solution.name}: returns {spelt(expected)} on {case.id}, not finite")
            raw[case.id].expected = expected
            raw[case.id].events = kept(events)
            moved = (
                solution_runner.require(inputs, f"{case.id} (one ulp away)")
                for inputs in perturbed(case.inputs)
            )
            raw[case.id].noise_from[ONE_ULP] = max(relative_difference(v, expected) for v in moved)
    with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
        for case in reversed(cases):
            again = solution_runner.require(case.inputs, case.id)
            first = raw[case.id].expected
            if first is None or not np.array_equal(again, first):
                raise ExerciseError(
                    f"{solution.name}: is not deterministic: on {case.id} it returned {spelt(first)} and then "
                    f"{spelt(again)} for the same inputs"
                )


def look_at_reference(exercise: Exercise, runner: Runner, plan: Plan, raw: Mapping[str, Raw]) -> None:
    """Record the reference's probe events on cases whose numbers are known."""
    solution = plan.solutions[0]
    with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
        for case in plan.unseen:
            raw[case.id].events = kept(solution_runner.require_answer(case.inputs, case.id)[1])


def is_looked_at(plan: Plan, solution: Solution) -> bool:
    """Return whether a solution is run with other optimizers: only where it distinguishes solutions."""
    waiting = plan.work[solution.name] or plan.unscaled
    return bool(waiting) and solution.has_second_look and any(other.silent for other in plan.solutions)


def look_twice(
    exercise: Exercise, runners: Sequence[Runner], plan: Plan, raw: Mapping[str, Raw], step: Step
) -> None:
    """Run solutions with other optimizers; the reference and silent mistakes go first and choose the cases."""
    looked_at = [solution for solution in plan.solutions if is_looked_at(plan, solution)]
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


def run_all(
    exercise: Exercise,
    runners: Sequence[Runner],
    jobs: Sequence[Solution],
    plan: Plan,
    raw: Mapping[str, Raw],
    step: Step,
) -> None:
    """Run every job once on its cases."""
    lock = threading.Lock()

    def run(runner: Runner, solution: Solution) -> None:
        _run_one(exercise, runner, solution, plan.work[solution.name], raw)
        with lock:
            step(solution.key)

    _share(runners, jobs, run)


def _share(
    runners: Sequence[Runner], jobs: Sequence[Solution], run: Callable[[Runner, Solution], None]
) -> None:
    """Run every job once, shared among the runners; the first error stops all and is raised."""
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
    exercise: Exercise, runner: Runner, solution: Solution, cases: Sequence[Case], raw: Mapping[str, Raw]
) -> None:
    with SolutionRunner(runner, exercise, solution.name, solution.source) as solution_runner:
        for case in cases:
            known = raw[case.id]
            if solution.role is Role.MISCONCEPTION:
                answer = solution_runner.answer(case.inputs)
                known.misconceptions[solution.key] = WrongReturn(answer.value, answer.raises)
            else:
                value = solution_runner.require(case.inputs, case.id)
                assert known.expected is not None
                known.noise_from[solution.key] = relative_difference(value, known.expected)
