"""Decides the outcome of each pitfall's check: failed when seen for certain, passed only on positive evidence.

A program that never returned a number has avoided nothing: it stopped too early to tell.  Right numbers are evidence
where the pitfall would have changed them; elsewhere there is a second look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from judge.diagnosis import second_look
from judge.model import ExerciseError, Outcome, PitfallSpec, Severity
from judge.pitfalls import Pitfall, pitfalls
from judge.trace import Context, Detection

if TYPE_CHECKING:
    from judge.diagnosis.context import Run


@dataclass(frozen=True)
class ExaminedPitfall:
    """One pitfall's check, and what was seen of the pitfall."""

    spec: PitfallSpec
    """With the severity of what was seen: a pitfall that is not certain is worth a warning."""
    pitfall: Pitfall
    outcome: Outcome
    detections: tuple[Detection, ...] = ()
    """The certain ones if there are any."""
    is_believed: bool = True
    """False if silence and right numbers are no evidence that it was avoided, since probes may have missed it."""

    @property
    def code(self) -> str:
        return self.spec.code

    @property
    def is_error(self) -> bool:
        return self.spec.severity is Severity.ERROR


def examined_pitfalls(run: Run) -> tuple[ExaminedPitfall, ...]:
    """Return each pitfall that the exercise checks. Raises ExerciseError when the engine lacks one."""
    known = pitfalls()
    for spec in run.exercise.pitfalls:
        if spec.code not in known:
            raise ExerciseError(
                f"{run.exercise.name}: there is no pitfall {spec.code!r}; known are {', '.join(sorted(known))}"
            )
    specs = [(spec, known[spec.code]) for spec in run.exercise.pitfalls]
    if not run.loaded:
        return tuple(ExaminedPitfall(spec, pitfall, Outcome.NOT_REACHED) for spec, pitfall in specs)
    context = run.outcomes.context()
    detections = {pitfall.code: tuple(pitfall.detect(context)) for _, pitfall in specs}
    unseen = _not_believed(run, specs, detections)
    look = second_look.look_of(run) if unseen else None
    found = []
    for spec, pitfall in specs:
        seen = detections[pitfall.code]
        certain = tuple(detection for detection in seen if detection.certain)
        if pitfall.code in unseen:
            shown = look is not None and look.pitfall == pitfall.code
            outcome = Outcome.FAILED if shown else Outcome.NOT_REACHED
            found.append(ExaminedPitfall(spec, pitfall, outcome, is_believed=False))
        elif certain:
            found.append(ExaminedPitfall(spec, pitfall, Outcome.FAILED, certain))
        else:
            worth = replace(spec, severity=Severity.WARNING) if seen else spec
            found.append(ExaminedPitfall(worth, pitfall, _without_certainty(run, pitfall, context), seen))
    return tuple(found)


def _not_believed(
    run: Run,
    specs: Sequence[tuple[PitfallSpec, Pitfall]],
    detections: Mapping[str, Sequence[Detection]],
) -> frozenset[str]:
    """Return the pitfalls for which silence and right numbers are no evidence, since probes may have missed them."""
    silent = [pitfall.code for spec, pitfall in specs if pitfall.silent and spec.severity is Severity.ERROR]
    if not silent or not run.outcomes.all_right:
        return frozenset()
    if any(detection.certain for code in silent for detection in detections[code]):
        return frozenset()  # the probes work
    if second_look.believed(run, second_look.look_of(run)):
        return frozenset()
    return frozenset((*silent, *(pitfall.code for _, pitfall in specs if pitfall.absence)))


def _without_certainty(run: Run, pitfall: Pitfall, context: Context) -> Outcome:
    got_there = any(value.array is not None for value in run.outcomes.returned.values())
    done_right = got_there and (pitfall.done_right(context) or run.outcomes.all_right)
    return Outcome.PASSED if done_right else Outcome.NOT_REACHED
