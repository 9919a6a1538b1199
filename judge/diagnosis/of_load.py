"""Findings about loading the file: when there are any, there are no others."""

from __future__ import annotations

import difflib

from judge.diagnosis import wording
from judge.diagnosis.exceptions import UNRECOGNISED, recognise_load
from judge.diagnosis.of_ends import CODE_OF_END, facts_of_end
from judge.diagnosis.run import Run
from judge.model import ClaimedException, Ended, Json

REFUSED_BY_PYTHON = ("syntax-error", "undecodable")


def load_failed(run: Run) -> bool:
    """Whether the file could not be used; the finding that says why is drafted then."""
    load = run.observation.load
    if load.measured.ended is not Ended.ANSWERED:
        code = CODE_OF_END.get(load.measured.ended)
        if code is not None:
            happened = f"While the file was loaded, {wording.of_end(load, run.exercise.limits)}"
            run.add(0, code, happened, None, facts_of_end(load))
        return True
    raised = load.claimed.raised
    if raised is None:
        return False
    code = recognise_load(raised)
    if run.observation.compiled and code in REFUSED_BY_PYTHON:
        code = UNRECOGNISED  # it comes from what the file did when it ran, or is not true
    facts: dict[str, Json] = {"error": raised.type_name}
    span = run.source.of_exception(raised)
    happened = f"Loading the file ended in {wording.quoted(raised)}."
    entry_point = run.exercise.entry_point
    if code == "missing-solve":
        happened = f"The judge looked for `{wording.call_of(run.exercise)}`: {raised.text}."
        near = difflib.get_close_matches(entry_point, run.source.function_names(), n=1, cutoff=0.6)
        if near:
            happened += f" It does define `{near[0]}`."
            facts["near"], span = near[0], run.source.of_function(near[0])
    elif code == "wrong-signature":
        happened = f"It is called as `{wording.call_of(run.exercise)}`; but {raised.text}."
        span = run.source.of_function(entry_point)
    elif code == "syntax-error" and raised.frames:
        happened = f"Python stopped reading at line {raised.frames[-1].line}: {_bare(raised)}."
    elif code == "process-exit":
        happened = "The program asked to leave while the file was loaded."
    run.add(0, code, happened, span, facts)
    return True


def _bare(raised: ClaimedException) -> str:
    """A syntax error's words without the file's name and line, which are said already."""
    return " ".join(raised.text.split()).partition(" (<")[0].partition(" (submission")[0]
