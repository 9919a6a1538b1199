"""Findings of the second look: a pitfall whose number came out, and right answers that are no evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.diagnosis import second_look
from judge.diagnosis.context import Run
from judge.diagnosis.second_look import SecondLook
from judge.model import PitfallSpec, Severity
from judge.pitfalls import Pitfall, pitfalls
from judge.trace import Detection

NOT_OBSERVED = "not-observed"


def not_believed(
    run: Run, specs: Sequence[PitfallSpec], detections: Mapping[str, Sequence[Detection]]
) -> list[str]:
    """Return the pitfalls for which silence and right numbers are no evidence, since probes may have missed them."""
    silent = [spec.code for spec in specs if pitfalls()[spec.code].silent and spec.severity is Severity.ERROR]
    if not silent or not run.outcomes.all_right:
        return []
    if any(detection.certain for code in silent for detection in detections[code]):
        return []  # the probes work
    if second_look.believed(run, second_look.look_of(run)):
        return []
    return [*silent, *(spec.code for spec in specs if pitfalls()[spec.code].absence)]


def add_pitfall(run: Run, spec: PitfallSpec, pitfall: Pitfall) -> None:
    """Draft the finding about a pitfall whose number came out when optimizer steps were scaled."""
    happened = (
        "One case was run once more with optimizers whose steps depend on what the optimizer was given. The answer was "
        "that of a solution with this mistake, and not that of a right one. The place was not seen."
    )
    run.add(
        3.1,
        spec.code,
        happened,
        run.source.of_function(run.exercise.entry_point),
        {"second_look": True},
        severity=spec.severity,
        matters=pitfall.matters,
        checks=(f"pitfall:{spec.code}",),
    )


def add_not_observed(run: Run, codes: Sequence[str], look: SecondLook | None) -> None:
    """Draft the finding about right answers that are no evidence that these pitfalls were avoided."""
    found = second_look.reaches_of(run.source)
    lost = second_look.lost(run.outcomes)
    span = run.source.span_of_line(found[0].line) if found else None
    parts = []
    if found and not found[0].what:
        parts.append("The file is too long to be looked through.")
    elif found:
        what = found[0]
        place = run.source.in_words(what.line)
        parts.append(
            f"{place[0].upper()}{place[1:]} uses `{what.what}`, which can change or hide what a program does."
        )
    elif lost:
        parts.append(
            f"The program did more than the judge has room to look at: {lost:,} events were not looked at."
        )
    if look is None:
        pass
    elif look.raised is not None:
        parts.append(f"Run once more with optimizers whose steps are scaled, it ended in {look.raised}.")
    elif look.seen is second_look.Seen.WITHOUT_OPTIMIZER:
        parts.append(
            "Run once more with optimizers whose steps are scaled, it gave the same answer as before."
        )
    else:
        parts.append(
            "Run once more with optimizers whose steps depend on what the optimizer was given, it did not answer as a "
            "right solution does."
        )
    run.add(
        3.2,
        NOT_OBSERVED,
        " ".join(parts),
        span or run.source.of_function(run.exercise.entry_point),
        {"pitfalls": list(codes), "not_recorded": lost},
        checks=tuple(f"pitfall:{code}" for code in codes),
    )
