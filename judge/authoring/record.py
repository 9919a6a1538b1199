"""``judge cases record``: measures the reference's values, the noise of right solutions, and wrong solutions' values.

Only what changed is run again: a changed or new case runs every solution, a changed solution runs on every case.
When the reference or its environment changed, everything is run again, because all else is measured from it.
Nothing is written before every case has been found usable; then all files are replaced at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judge.authoring.recording.goldens import Recording, compose, refuse
from judge.authoring.recording.plan import make_plan, still_known
from judge.authoring.recording.runs import is_looked_at, look_at_reference, look_twice, run_all, run_reference
from judge.exercise.cases import read_cases
from judge.files import replace_exercise_files
from judge.model import Exercise
from judge.progress import Step
from judge.solutions.bank import Role
from judge.solutions.provenance import provenance
from judge.solutions.runner import Runner

MANY = 8
"""The number of solutions above which it pays to compile first what they share."""


def record(
    exercise: Exercise,
    runners: Sequence[Runner],
    steps: Callable[[int], Step],
    *,
    again: bool = False,
    prepare: Callable[[], None] = lambda: None,
) -> Recording:
    """Measure what is missing and return what would be written; ``write`` writes it.

    ``runners`` work in parallel, one thread each.  ``steps`` gets the number of solutions to run and returns the
    progress counter.  With ``again`` no earlier recording is used.  ``prepare`` is called first if many solutions have
    to be run, to compile what they share.

    Raises ExerciseError when a solution of the author's fails or when a case is refused.
    """
    entries = read_cases(exercise)
    plan = make_plan(exercise, entries, provenance(runners[0].environment), again=again)
    raw = still_known(plan, entries)
    jobs = [solution for solution in plan.solutions if plan.work[solution.name]]
    if len(jobs) > MANY:
        prepare()
    step = steps(len(jobs) + sum(is_looked_at(plan, solution) for solution in plan.solutions))
    # The reference runs first and alone: every other number is a distance from it.
    if jobs and jobs[0].role is Role.REFERENCE:
        run_reference(exercise, runners[0], jobs.pop(0), plan, raw)
        step("reference")
    refuse(exercise, entries, raw)  # before all others are run
    if plan.unseen:
        look_at_reference(exercise, runners[0], plan, raw)
    run_all(exercise, runners, jobs, plan, raw, step)
    look_twice(exercise, runners, plan, raw, step)
    return compose(exercise, entries, plan, raw)


def write(recording: Recording) -> None:
    """Replace the files, all or none."""
    replace_exercise_files(recording.files)
