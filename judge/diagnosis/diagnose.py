"""Derives the findings of one observed run: one cause first, with its consequences, and no repetition.

Order of trust: how the process ended (measured), the exception and its text, structure that probes saw, numbers that
equal a known mistake's, the first divergence from the reference's run.  What explains most comes first, and a guess
never stands above an observation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.diagnosis.argument_order import find_argument_order
from judge.diagnosis.context import Run
from judge.diagnosis.divergences import find_divergences
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.failures import find_ends, find_recognised_exceptions, find_unrecognised_exceptions
from judge.diagnosis.known_numbers import find_known_numbers
from judge.diagnosis.loading import find_load_failure
from judge.diagnosis.memorised import find_memorised
from judge.diagnosis.pitfall_findings import (
    find_causing_pitfalls,
    find_not_observed,
    find_other_pitfalls,
    find_pitfall_effects,
    find_pitfall_warnings,
)
from judge.diagnosis.purity import find_changing_answers, find_mutations
from judge.diagnosis.rounded_numbers import find_rounded_numbers
from judge.diagnosis.spans import Source
from judge.diagnosis.wrong_answers import (
    find_numbers_by_form,
    find_unrecognised_answers,
    find_wrong_shapes,
    find_wrong_types,
)
from judge.model import Case, Exercise, Finding, Golden, Observation, Outcome, StepObservation, Submission

if TYPE_CHECKING:
    from judge.exercise import Misconception

Diagnoser = Callable[[Run, Explained], Iterable[Explanation]]
"""Returns explanations of what the run shows, above all of failed cases that are not explained yet."""

DIAGNOSERS: tuple[Diagnoser, ...] = (
    find_ends,
    find_argument_order,
    find_memorised,
    find_causing_pitfalls,
    find_recognised_exceptions,
    find_changing_answers,
    find_known_numbers,
    find_rounded_numbers,
    find_pitfall_effects,
    find_divergences,
    find_numbers_by_form,
    find_wrong_types,
    find_other_pitfalls,
    find_not_observed,
    find_wrong_shapes,
    find_unrecognised_exceptions,
    find_mutations,
    find_unrecognised_answers,
    find_pitfall_warnings,
)
"""In the order of their findings. A failed case is explained by the first error that explains it."""


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
    explained = Explained()
    for find in DIAGNOSERS if run.loaded else (find_load_failure,):
        explained = explained.and_then(find(run, explained))
    findings = tuple(run.finding(one) for one in explained.explanations)
    return Diagnosis(findings, {one.spec.code: one.outcome for one in run.pitfalls})
