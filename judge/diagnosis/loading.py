"""Explains why a file could not be loaded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from judge.diagnosis import messages
from judge.diagnosis.context import Run
from judge.diagnosis.exceptions import UNRECOGNISED, recognise_load
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.failures import CODE_OF_END, facts_of_end, stopped_at
from judge.diagnosis.python_errors import UNDEFINED_NAME, about_module, near_name
from judge.diagnosis.syntax_errors import kind_of
from judge.model import ClaimedException, Ended, Json, SourceSpan

REFUSED_BY_PYTHON = ("syntax-error", "undecodable")


def find_load_failure(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain why the file could not be used."""
    load = run.observation.load
    if load.measured.ended is not Ended.ANSWERED:
        code = CODE_OF_END.get(load.measured.ended)
        if code is not None:
            happened = f"While the file was loaded, {messages.describe_end(load, run.exercise.limits)}"
            line, span = stopped_at(run, load)
            yield run.explanation(code, happened + line, facts_of_end(load), span=span)
        return
    raised = load.claimed.raised
    if raised is None:
        return
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
        yield _syntax_error(run, raised, span, facts)
        return
    elif code == UNDEFINED_NAME:
        happened = f"{happened} {near_name(raised, run.source)}".rstrip()
    elif code == "import-error":
        happened = f"{happened} {about_module(raised, run.observation.environment)}".rstrip()
    elif code == "process-exit":
        happened = "The program asked to leave while the file was loaded."
    yield run.explanation(code, happened, facts, span=span)


def _syntax_error(
    run: Run, raised: ClaimedException, span: SourceSpan | None, facts: Mapping[str, Json]
) -> Explanation:
    """Return the explanation of a file that Python cannot read, with the words of its kind."""
    line = raised.frames[-1].line
    text = _bare(raised)
    end = "" if text.endswith((".", "?", "!")) else "."
    kind = kind_of(text, run.source.lines, line)
    happened = f"Python stopped reading at {run.source.in_words(line)}: {text}{end}"
    if kind is None:
        return run.explanation("syntax-error", happened, facts, span=span)
    span = run.source.span_of_line(kind.line) if kind.line != line else span
    return run.explanation(
        "syntax-error", happened, facts, span=span, matters=kind.why, question=kind.question
    )


def _bare(raised: ClaimedException) -> str:
    """A syntax error's message without the file's name and line, which the sentence gives already."""
    return " ".join(raised.text.split()).partition(" (<")[0].partition(" (submission")[0]
