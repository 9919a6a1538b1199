"""Findings about a file that could not be loaded, and about calls that ended without a value."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from judge.diagnosis import exceptions, messages
from judge.diagnosis.context import Run
from judge.diagnosis.divergences import divergence_on
from judge.diagnosis.exceptions import UNRECOGNISED, recognise, recognise_load
from judge.diagnosis.python_errors import UNDEFINED_NAME, about_module, near_name
from judge.diagnosis.spans import Source
from judge.diagnosis.syntax_errors import kind_of
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


def find_ends(run: Run) -> None:
    """Draft findings about steps that the judge saw end without an answer."""
    by_code: dict[str, list[str]] = {}
    for case, step in run.outcomes.ended.items():
        code = CODE_OF_END.get(step.measured.ended)
        if code is not None:
            by_code.setdefault(code, []).append(case)
    for code, cases in by_code.items():
        step = run.outcomes.ended[(messages.public_of(cases, run.cases) or cases)[0]]
        happened = f"{_where(run, len(cases))} {messages.describe_end(step, run.exercise.limits)}"
        line, span = _stopped_at(run, step)
        if step.measured.ended in BROKEN_LIMITS:
            line += run.told_not_run(cases)
        draft = run.add(0, code, happened + line, span, facts_of_end(step))
        for case in cases:
            run.explain(draft, case)


def _stopped_at(run: Run, step: StepObservation) -> tuple[str, SourceSpan | None]:
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


def find_exceptions(run: Run, *, recognised: bool) -> None:
    """Draft findings about unexplained exceptions: the recognised ones by code, or the others by class and line.

    Fingerprints are matched between the two calls: an unrecognised error may belong to a mistake whose numbers are
    known.
    """
    groups: dict[tuple[str, int | None, str], list[str]] = {}
    for case, raised in run.outcomes.raised.items():
        if case in run.explained:
            continue
        found = _recognise(run, case)
        frame = run.given.own_frame(raised)
        line = frame.line if frame is not None else None
        unknown = found.code == exceptions.UNRECOGNISED
        if unknown is recognised:
            continue
        key = (found.code, line if unknown else None, raised.type_name if unknown else "")
        groups.setdefault(key, []).append(case)
    for (code, _, _), cases in groups.items():
        _add_exception(run, code, cases)


def _recognise(run: Run, case: str) -> Recognised:
    """Recognise a case's exception; it stays unrecognised if this exercise has no page about it."""
    raised = run.outcomes.raised[case]
    found = recognise(raised, run.outcomes.trace, case, run.source, run.given.own_frame(raised))
    if found.difference is not None:
        named = run.naming.of(found.difference.stage, found.difference.shape)
        found = replace(found, code=named.code if named is not None else exceptions.UNRECOGNISED)
    return found if found.code in run.pages else Recognised(exceptions.UNRECOGNISED)


def _add_exception(run: Run, code: str, cases: list[str]) -> None:
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
        divergence, _ = divergence_on(run, shown)
        if divergence is not None and divergence.stage is Stage.MODEL:
            happened += f" {divergence.words}"
    happened += run.told_not_run(cases)
    facts: dict[str, Json] = {"cases": len(cases), "of": run.started}
    if public:
        facts["error"] = raised.type_name
    rank = 4.0 if code == exceptions.UNRECOGNISED else 1.0
    draft = run.add(rank, code, happened, span, facts)
    for case in cases:
        run.explain(draft, case)


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


REFUSED_BY_PYTHON = ("syntax-error", "undecodable")


def load_failed(run: Run) -> bool:
    """Return True if the file could not be used, after drafting the finding that says why."""
    load = run.observation.load
    if load.measured.ended is not Ended.ANSWERED:
        code = CODE_OF_END.get(load.measured.ended)
        if code is not None:
            happened = f"While the file was loaded, {messages.describe_end(load, run.exercise.limits)}"
            line, span = _stopped_at(run, load)
            run.add(0, code, happened + line, span, facts_of_end(load))
        return True
    raised = load.claimed.raised
    if raised is None:
        return False
    code = recognise_load(raised, run.source)
    if run.observation.compiled and code in REFUSED_BY_PYTHON:
        code = UNRECOGNISED  # the file compiled: the error arose when it ran, or is forged
    facts: dict[str, Json] = {"error": raised.type_name}
    span = run.source.of_exception(raised)
    happened = f"Loading the file ended in {messages.quoted(raised)}."
    entry_point = run.exercise.entry_point
    if code == "missing-solve":
        happened = f"The judge looked for `{messages.call_of(run.exercise)}`: {raised.text}."
        near = difflib.get_close_matches(entry_point, run.source.function_names(), n=1, cutoff=0.6)
        if near:
            happened += f" It does define `{near[0]}`."
            facts["near"], span = near[0], run.source.of_function(near[0])
        if holder := run.source.class_with(entry_point):
            happened += (
                f" The class `{holder}` has a method of that name, which is called on an object of the class."
            )
            span = run.source.of_function(holder)
    elif code == "wrong-signature":
        happened = f"It is called as `{messages.call_of(run.exercise)}`; but {raised.text}."
        span = run.source.of_function(entry_point)
    elif code == "syntax-error" and raised.frames:
        return _add_syntax_error(run, raised, span, facts)
    elif code == UNDEFINED_NAME:
        happened = f"{happened} {near_name(raised, run.source)}".rstrip()
    elif code == "import-error":
        happened = f"{happened} {about_module(raised, run.observation.environment)}".rstrip()
    elif code == "process-exit":
        happened = "The program asked to leave while the file was loaded."
    run.add(0, code, happened, span, facts)
    return True


def _add_syntax_error(
    run: Run, raised: ClaimedException, span: SourceSpan | None, facts: Mapping[str, Json]
) -> bool:
    """Draft the finding about a file that Python cannot read, with the words of its kind."""
    line = raised.frames[-1].line
    text = _bare(raised)
    end = "" if text.endswith((".", "?", "!")) else "."
    kind = kind_of(text, run.source.lines, line)
    happened = f"Python stopped reading at {run.source.in_words(line)}: {text}{end}"
    if kind is None:
        run.add(0, "syntax-error", happened, span, facts)
    else:
        span = run.source.span_of_line(kind.line) if kind.line != line else span
        run.add(0, "syntax-error", happened, span, facts, matters=kind.why, question=kind.question)
    return True


def _bare(raised: ClaimedException) -> str:
    """A syntax error's message without the file's name and line, which the sentence gives already."""
    return " ".join(raised.text.split()).partition(" (<")[0].partition(" (submission")[0]
