"""``judge cases record``: what the reference returns, how far right solutions may be, what wrong ones return.

Only what changed is run again: a changed or new case meets every solution, a changed solution meets every case.
When the reference or the place where it runs changed, everything is run again, because all else is measured from it.
Nothing is written before every case has been found usable; then all files are replaced at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judge.authoring.bank import Role
from judge.authoring.files import replace_files
from judge.authoring.players import Runner
from judge.authoring.progress import Step
from judge.authoring.provenance import provenance
from judge.authoring.recording.goldens import Recording, compose, refuse
from judge.authoring.recording.plan import make_plan, still_known
from judge.authoring.recording.runs import is_looked_at, look_at_reference, look_twice, run_all, run_reference
from judge.exercise.cases import read_cases
from judge.model import Exercise

MANY = 8
"""Solutions from which on it pays to compile what they share before they are run."""


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
    raw = still_known(plan, entries)
    jobs = [solution for solution in plan.solutions if plan.work[solution.name]]
    if len(jobs) > MANY:
        prepare()
    step = steps(len(jobs) + sum(is_looked_at(plan, solution) for solution in plan.solutions))
    # The reference goes first and alone: every other number is a distance from it.
    if jobs and jobs[0].role is Role.REFERENCE:
        run_reference(exercise, runners[0], jobs.pop(0), plan, raw)
        step("reference")
    refuse(exercise, entries, raw)  # what the reference alone shows is said before all others are run
    if plan.unseen:
        look_at_reference(exercise, runners[0], plan, raw)
    run_all(exercise, runners, jobs, plan, raw, step)
    look_twice(exercise, runners, plan, raw, step)
    return compose(exercise, entries, plan, raw)


def write(recording: Recording) -> None:
    """Replace the files, all or none."""
    replace_files(recording.files)
