"""Short messages: what happened (measured), why it matters, one question. The long page is `judge explain CODE`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from judge.model import Case, ClaimedException, Ended, Exercise, Limits, Measured, StepObservation, Visibility

MAX_QUOTED = 480
"""The most characters of an exception's text; of a longer one the beginning and the end are kept."""
_CUT = " [...] "
_ADDRESS = re.compile(r"\(https?://[^\s)]*\)|See (?:an explanation at )?https?://\S+")
_RULER = re.compile(r"-{6,}.*", re.DOTALL)
"""The text that jax adds below a line of dashes is about its own traceback."""


def message(*paragraphs: str) -> str:
    """The message of a finding; empty paragraphs are left out."""
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def some_of(count: int, total: int) -> str:
    """Return ``In all 16 cases``, ``In 3 of 16 cases`` or ``In the one case``."""
    if total == 1:
        return "In the one case"
    return f"In all {total} cases" if count == total else f"In {count} of {total} cases"


def not_run(after: int, count: int) -> str:
    """Return a sentence on the ``count`` cases that were not run, ``after`` others with the same error."""
    if not count:
        return ""
    what = "other case was" if count == 1 else f"{count:,} other cases were"
    return f" After the same error in {after:,} cases, the {what} not run."


def besides(others: int) -> str:
    """Return a sentence on the failed cases outside of a count, so that it is not read as the total."""
    return f"{others:,} more {'case' if others == 1 else 'cases'} failed, which this finding is not about."


def public_of(ids: Sequence[str], cases: Sequence[Case]) -> list[str]:
    """Return the cases whose inputs a learner may know, in the order of ``ids``.

    What a program returned, raised or printed can contain its inputs, so none of it is repeated for hidden cases.
    """
    public = {case.id for case in cases if case.visibility is Visibility.PUBLIC}
    return [case for case in ids if case in public]


def quoted(raised: ClaimedException) -> str:
    """Return an exception's class and text on one line, without addresses; a long text is cut in the middle.

    Libraries begin with the kind of error and end with what decided it, with values in between.
    """
    text = " ".join(_ADDRESS.sub("", _RULER.sub("", raised.text)).split())
    if len(text) > MAX_QUOTED:
        half = (MAX_QUOTED - len(_CUT)) // 2
        begin, end = text[:half].rsplit(" ", 1)[0], text[-half:].split(" ", 1)[-1]
        text = f"{begin}{_CUT}{end}"
    return f"{raised.type_name}: {text}" if text else raised.type_name


def numbers(values: Sequence[float]) -> str:
    """Returned numbers, at most four of them."""
    shown = ", ".join(f"{value:.9g}" for value in values[:4])
    return f"[{shown}{', ...' if len(values) > 4 else ''}]"


def describe_end(step: StepObservation, limits: Limits) -> str:
    """Describe the end of a step that did not answer, as it goes on after ``In 2 of 16 cases``."""
    measured = step.measured
    match measured.ended:
        case Ended.WALL_LIMIT:
            if measured.own_wall_s < limits.wall_s:
                return (
                    f"it was stopped because all cases together had used up their {limits.total_wall_s:g} s. "
                    f"This one had run for {measured.own_wall_s:.1f} s.{_processor_time(measured)}"
                )
            return (
                f"it was stopped after {measured.own_wall_s:.1f} s. One case may take {limits.wall_s:g} s, "
                f"all together {limits.total_wall_s:g} s.{_processor_time(measured)}"
            )
        case Ended.CPU_LIMIT:
            used = f" It had used {measured.cpu_s:.1f} s." if measured.cpu_s else ""
            return f"the run was stopped when it had used its {limits.cpu_s:g} s of processor time.{used}"
        case Ended.MEMORY_LIMIT:
            peak = f" It had reached {measured.peak_memory_mib:.0f} MiB." if measured.peak_memory_mib else ""
            return f"it was stopped for needing more than {limits.memory_mib:,} MiB of memory.{peak}"
        case Ended.OUTPUT_LIMIT:
            return f"it was stopped for printing more than the {limits.output_kib:,} KiB that it may."
        case Ended.THREAD_LIMIT:
            return f"it was stopped for running more than {limits.threads} threads."
        case Ended.FORBIDDEN_CALL:
            return "the system stopped it for a system call that is not allowed here."
        case Ended.PROTOCOL:
            return "what the process sent was no well-formed answer."
        case Ended.EXITED:
            if measured.signal is not None:
                return f"the process was ended by signal {measured.signal} before it answered."
            if measured.exit_code is not None:
                return f"the process left with status {measured.exit_code} before it answered."
            return "the process was gone before it answered."
    return "the run did not come to this step."


def _processor_time(measured: Measured) -> str:
    """Return a sentence on processor time, if measured: the machine may have been busy with other work."""
    return f" The whole run had used {measured.cpu_s:.1f} s of processor time." if measured.cpu_s > 0 else ""


def in_short(ended: Ended) -> str:
    """Describe how a step ended in a few words: the reason why its case did not pass."""
    return {
        Ended.EXITED: "the process ended before it answered",
        Ended.WALL_LIMIT: "stopped at the time limit",
        Ended.CPU_LIMIT: "stopped at the limit of processor time",
        Ended.MEMORY_LIMIT: "stopped at the memory limit",
        Ended.OUTPUT_LIMIT: "stopped at the output limit",
        Ended.THREAD_LIMIT: "stopped at the limit of threads",
        Ended.PROTOCOL: "stopped for an answer that is none",
        Ended.FORBIDDEN_CALL: "stopped for a forbidden system call",
    }.get(ended, str(ended).replace("-", " "))


def call_of(exercise: Exercise) -> str:
    """Return the call as text: ``solve(seed, x_batch, y_batch, lr)``."""
    return f"{exercise.entry_point}({', '.join(parameter.name for parameter in exercise.parameters)})"
