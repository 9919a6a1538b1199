"""Derives the findings of one observed run: one cause first, with its consequences, and no repetition.

Order of trust: how the process ended (measured), the exception and its text, structure that probes saw, numbers that
equal a known mistake's, the first divergence from the reference's run.  What explains most comes first, and a guess
never stands above an observation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.diagnosis.argument_order import find_argument_order
from judge.diagnosis.context import Run
from judge.diagnosis.divergences import find_divergences
from judge.diagnosis.failures import find_ends, find_exceptions, load_failed
from judge.diagnosis.memorised import find_memorised
from judge.diagnosis.pitfall_checks import find_pitfalls, specs_of
from judge.diagnosis.purity import find_changing_answers, find_mutations
from judge.diagnosis.spans import Source
from judge.diagnosis.wrong_answers import find_known_numbers, find_other_numbers, find_rounded_numbers
from judge.model import Case, Exercise, Finding, Golden, Observation, Outcome, StepObservation, Submission

if TYPE_CHECKING:
    from judge.exercise import Misconception


@dataclass(frozen=True)
class Diagnosis:
    """Findings, the most likely cause first, and the outcome of each pitfall that the exercise checks."""

    findings: tuple[Finding, ...]
    pitfalls: Mapping[str, Outcome]


def diagnose(
    exercise: Exercise,
    submission: Submission,
    observation: Observation,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
    repeats: Mapping[str, StepObservation] | None = None,
    source: Source | None = None,
) -> Diagnosis:
    """Findings about one observed run, judged on these cases alone.

    ``repeats`` holds second runs of cases in the same process, by case id.  ``source`` is the submission's, if it
    was parsed already.  Raises ExerciseError when the exercise names a pitfall that the engine does not have.
    """
    run = Run(exercise, submission, observation, cases, goldens, misconceptions, repeats or {}, source)
    if load_failed(run):
        return Diagnosis(run.findings(), {spec.code: Outcome.NOT_REACHED for spec in specs_of(run)})
    outcomes = find_pitfalls(run)
    seen = frozenset(code for code, outcome in outcomes.items() if outcome is Outcome.FAILED)
    find_memorised(run)
    find_ends(run)
    find_argument_order(run)
    find_changing_answers(run)
    find_exceptions(run, recognised=True)
    find_known_numbers(run, seen)
    find_exceptions(run, recognised=False)
    find_rounded_numbers(run)
    find_divergences(run)
    find_other_numbers(run)
    find_mutations(run)
    return Diagnosis(run.findings(), outcomes)
