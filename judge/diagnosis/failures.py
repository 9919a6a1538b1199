"""Explains calls that ended without a value: at a limit, or with an exception."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from judge.diagnosis import exceptions, messages
from judge.diagnosis.context import Run
from judge.diagnosis.exceptions import recognise
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.python_errors import about_module
from judge.diagnosis.spans import Source
from judge.model import ClaimedException, ClaimedFrame, Ended, Json, SourceSpan, StepObservation
from judge.same_error import BROKEN_LIMITS
from judge.trace import Recognised
from judge.vocabulary import Stage

CODE_OF_END = {
    Ended.EXITED: "process-exit",
    Ended.WALL_LIMIT: "time-limit",
    Ended.CPU_LIMIT: "cpu-limit",
    Ended.MEMORY_LIMIT: "memory-limit",
    Ended.OUTPUT_LIMIT: "output-limit",
    Ended.THREAD_LIMIT: "thread-limit",
    Ended.PROTOCOL: "protocol-broken",
    Ended.FORBIDDEN_CALL: "forbidden-call",
}


def find_ends(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain the cases that the judge saw end without an answer."""
    by_code: dict[str, list[str]] = {}
    for case, step in run.outcomes.ended.items():
        code = CODE_OF_END.get(step.measured.ended)
        if code is not None:
            by_code.setdefault(code, []).append(case)
    for code, cases in by_code.items():
        step = run.outcomes.ended[(messages.public_of(cases, run.cases) or cases)[0]]
        happened = f"{_where(run, len(cases))} {messages.describe_end(step, run.exercise.limits)}"
        line, span = stopped_at(run, step)
        if step.measured.ended in BROKEN_LIMITS:
            line += run.told_not_run(cases)
        yield run.explanation(code, happened + line, facts_of_end(step), span=span, cases=cases)


def stopped_at(run: Run, step: StepObservation) -> tuple[str, SourceSpan | None]:
    """Return a sentence on the line where the program was when it was stopped, and its span; '' where not known."""
    frame = run.given.own_frame_of(step.claimed.stopped_at)
    if frame is None or not 1 <= frame.line <= len(run.source.lines):
        return "", None
    inside = f", in `{frame.function}`" if frame.function.isidentifier() else ""
    return (
        f" When it was stopped it was at {run.source.in_words(frame.line)}{inside}.",
        run.source.span_of_line(frame.line),
    )


def _where(run: Run, count: int) -> str:
    only_first = run.started == 1 and len(run.cases) > 1
    if only_first:
        return "In the first case"
    started = " that were started" if 1 < run.started < len(run.cases) else ""
    return f"{messages.some_of(count, run.started)}{started}"


def find_recognised_exceptions(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain exceptions whose mistake is recognised, those of one mistake together."""
    groups: dict[str, list[str]] = {}
    for case in _raised(run, explained):
        code = _recognise(run, case).code
        if code != exceptions.UNRECOGNISED:
            groups.setdefault(code, []).append(case)
    for code, cases in groups.items():
        yield _of_exception(run, code, cases)


def find_unrecognised_exceptions(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report the other exceptions, those of one class and line together.

    This comes after the known numbers, because such an error may belong to a mistake whose numbers are known.
    """
    groups: dict[tuple[str, int | None], list[str]] = {}
    for case in _raised(run, explained):
        if _recognise(run, case).code == exceptions.UNRECOGNISED:
            raised = run.outcomes.raised[case]
            frame = run.given.own_frame(raised)
            key = raised.type_name, frame.line if frame is not None else None
            groups.setdefault(key, []).append(case)
    for cases in groups.values():
        yield _of_exception(run, exceptions.UNRECOGNISED, cases)


def _raised(run: Run, explained: Explained) -> list[str]:
    return [case for case in run.outcomes.raised if case not in explained.cases]


def _recognise(run: Run, case: str) -> Recognised:
    """Recognise a case's exception; it stays unrecognised if this exercise has no page about it."""
    raised = run.outcomes.raised[case]
    found = recognise(raised, run.outcomes.trace, case, run.source, run.given.own_frame(raised))
    if found.difference is not None:
        named = run.naming.of(found.difference.stage, found.difference.shape)
        found = replace(found, code=named.code if named is not None else exceptions.UNRECOGNISED)
    return found if found.code in run.pages else Recognised(exceptions.UNRECOGNISED)


def _of_exception(run: Run, code: str, cases: list[str]) -> Explanation:
    public = messages.public_of(cases, run.cases)
    shown = (public or cases)[0]
    raised = run.outcomes.raised[shown]
    found = _recognise(run, shown)
    span = run.source.span_of_line(found.line) if found.whole_line else run.source.of_return(found.defined)
    span = span or run.source.span_of_call(found.line, found.hint)
    frame = run.given.own_frame(raised)
    span = span or (run.source.of_frame(frame) if frame is not None else None)
    count = messages.some_of(len(cases), run.started)
    said = messages.quoted(raised) if public else "an error"
    happened = f"{count} `{run.exercise.entry_point}` stopped with {said}"
    happened += "" if happened.endswith((".", "!", "?")) else "."
    happened += f" {found.cause}" if found.cause and public else ""
    about = about_module(raised, run.observation.environment) if public else ""
    happened += f" {about}" if about else ""
    if frame is not None:
        happened += f" {_way_to(run.source, raised, frame)}"
    if code == exceptions.UNRECOGNISED:
        divergence, _ = run.first_difference(shown)
        if divergence is not None and divergence.stage is Stage.MODEL:
            happened += f" {divergence.words}"
    happened += run.told_not_run(cases)
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    if public:
        facts["error"] = raised.type_name
    return run.explanation(code, happened, facts, span=span, cases=cases)


def _way_to(source: Source, raised: ClaimedException, frame: ClaimedFrame) -> str:
    """Name the learner's innermost line, and the given code that was reached from there, if any."""
    where = source.in_words(frame.line) + (
        f", in `{frame.function}`" if frame.function.isidentifier() else ""
    )
    if frame is raised.frames[-1]:
        return f"The innermost line of the file on the way to it is {where}."
    below = source.in_words(raised.frames[-1].line)
    return f"The innermost line of your own on the way to it is {where}; {below}, below it, is given code."


def facts_of_end(step: StepObservation) -> dict[str, Json]:
    measured = step.measured
    facts: dict[str, Json] = {"ended": str(measured.ended), "wall_s": round(measured.own_wall_s, 3)}
    if measured.signal is not None:
        facts["signal"] = measured.signal
    if measured.exit_code is not None:
        facts["exit_code"] = measured.exit_code
    return facts
