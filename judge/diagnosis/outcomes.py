"""Groups a run's cases by how they ended: compared, raised, or ended without an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.compare import Comparison, Mismatch, compare
from judge.diagnosis.divergence.checkpoints import checkpoints_of_golden
from judge.diagnosis.evidence import Structure
from judge.diagnosis.fingerprint import Answer
from judge.model import (
    Case,
    ClaimedException,
    ClaimedValue,
    Ended,
    Exercise,
    Golden,
    Observation,
    StepObservation,
)
from judge.trace import Context, Trace

LEARNING_RATES = ("lr", "learning_rate", "step_size", "eta")


@dataclass(frozen=True)
class Outcomes:
    """The cases of one run: compared, raised, or ended without an answer. Each started case is in one of the three."""

    cases: tuple[Case, ...]
    trace: Trace
    returned: Mapping[str, ClaimedValue]
    compared: Mapping[str, Comparison]
    raised: Mapping[str, ClaimedException]
    ended: Mapping[str, StepObservation]

    @classmethod
    def of(cls, observation: Observation, cases: Sequence[Case], goldens: Mapping[str, Golden]) -> Outcomes:
        returned: dict[str, ClaimedValue] = {}
        compared: dict[str, Comparison] = {}
        raised: dict[str, ClaimedException] = {}
        ended: dict[str, StepObservation] = {}
        for case in cases:
            step = observation.cases.get(case.id)
            if step is None:
                continue
            if step.measured.ended is not Ended.ANSWERED:
                ended[case.id] = step
            elif step.claimed.raised is not None:
                raised[case.id] = step.claimed.raised
            elif step.claimed.returned is not None:
                golden = goldens[case.id]
                returned[case.id] = step.claimed.returned
                compared[case.id] = compare(golden.expected, golden.tolerance, step.claimed.returned)
        trace = Trace.of(observation, [case.id for case in cases])
        return cls(tuple(cases), trace, returned, compared, raised, ended)

    @property
    def right(self) -> frozenset[str]:
        return frozenset(case for case, comparison in self.compared.items() if comparison.right)

    @property
    def answered(self) -> list[str]:
        """Cases that ended in an answer or an exception, in order."""
        return [case.id for case in self.cases if case.id in self.compared or case.id in self.raised]

    @property
    def all_right(self) -> bool:
        return bool(self.cases) and len(self.right) == len(self.cases)

    def wrong(self, *mismatches: Mismatch) -> list[str]:
        """Return the cases whose answer is wrong in one of these ways."""
        return [case for case, comparison in self.compared.items() if comparison.mismatch in mismatches]

    def context(self) -> Context:
        return Context(self.trace, self.right, self.raised)

    def structure(self, exercise: Exercise, goldens: Mapping[str, Golden]) -> Structure:
        names = [parameter.name for parameter in exercise.parameters if parameter.name in LEARNING_RATES]
        rates = {
            case.id: float(value)
            for case in self.cases
            for value in [case.inputs.get(names[0]) if names else None]
            if isinstance(value, (int, float))
        }
        starts = (
            start
            for case in self.cases
            for start in checkpoints_of_golden(goldens[case.id].events or ()).initialisations
        )
        momenta = (settings.get("momentum") for start in starts for settings in start.layers.values())
        usual = frozenset(momentum for momentum in momenta if isinstance(momentum, float))
        return Structure(self.trace, rates, usual)

    def answers(self, goldens: Mapping[str, Golden], *, reshaped: bool) -> dict[str, Answer]:
        """Return the result of each case that ended in an answer or an exception, for the fingerprint.

        ``reshaped``: answers of the right size in a wrong shape are reshaped.
        """
        found: dict[str, Answer] = {}
        for case, claimed in self.returned.items():
            value = claimed.array
            expected = goldens[case].expected
            if reshaped and value is not None and value.size == expected.size:
                value = value.reshape(expected.shape)
            found[case] = Answer(value, None)
        for case, raised in self.raised.items():
            found[case] = Answer(None, raised.type_name)
        return found
