"""Detects memorised answers: right where inputs are public, wrong on all others, and lost when an input moves.

Answers that are right on every public case and wrong on every hidden one are tested: a public case is run alone, with
each float input moved by one unit in the last place.  Tolerances are wide enough for that, so a computed answer is
right again; a table of known inputs has no such entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from judge.compare import Mismatch, compare
from judge.diagnosis.context import Run
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.outcomes import Outcomes
from judge.model import Case, Ended, Golden, Inputs, Observation, Visibility

CODE = "memorised-answers"
FEWEST = 3
"""The least number of public and of hidden cases that such a test needs."""


def suspected(observation: Observation, cases: Sequence[Case], goldens: Mapping[str, Golden]) -> str | None:
    """Return the public case to run once more with its inputs moved; None without a sign of a table."""
    right = Outcomes.of(observation, cases, goldens).right
    public = [case.id for case in cases if case.visibility is Visibility.PUBLIC]
    hidden = [case.id for case in cases if case.visibility is Visibility.HIDDEN]
    if min(len(public), len(hidden)) < FEWEST or not right >= set(public) or right & set(hidden):
        return None
    return public[0]


def moved(inputs: Inputs) -> Inputs:
    """Return the inputs with each entry of each float array one unit in the last place further from 0."""
    import numpy as np

    return {
        name: np.nextafter(value, np.copysign(np.inf, value, dtype=value.dtype))
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in inputs.items()
    }


def find_memorised(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain all wrong answers if a moved case has a wrong answer and the public cases were right."""
    for case, step in run.observation.moved.items():
        golden = run.goldens.get(case)
        if golden is None or step.measured.ended is not Ended.ANSWERED:
            continue
        returned = step.claimed.returned
        if returned is not None and compare(golden.expected, golden.tolerance, returned).right:
            continue
        happened = (
            "Every public case is right and every hidden one is wrong. One public case was run once more, with its "
            "inputs changed in the last digit only, and its answer is no longer right. So the answers to known inputs "
            "are not computed."
        )
        yield run.explanation(
            CODE,
            happened,
            {},
            span=run.source.of_function(run.exercise.entry_point),
            cases=run.outcomes.wrong(Mismatch.VALUE, Mismatch.NOT_FINITE, Mismatch.SHAPE),
        )
