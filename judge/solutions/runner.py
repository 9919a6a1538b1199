"""Runs a solution in a sandbox session, which is reopened when its process has died.

Reference, oracle, accepted variants, misconceptions, mutants and a learner's file are all run this way; none of them
runs in this process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from judge.closing import Closing
from judge.exercise.golden_file import NO_NUMBERS
from judge.exercise.integrity import output_shape
from judge.model import (
    ClaimedException,
    Ended,
    Event,
    Exercise,
    ExerciseError,
    Inputs,
    Limits,
    StepObservation,
)
from judge.sandbox import deaths

if TYPE_CHECKING:
    from judge.model import Float64Array

AUTHOR_LIMITS = Limits(wall_s=120.0, total_wall_s=36_000.0, cpu_s=36_000.0, memory_mib=4096, output_kib=4096)
"""Limits for an author's own files, which make hundreds of calls in one process."""

_REOPEN_AT_MOST = 3
_SHOWN = 600
_NAME, _TEXT = 80, 2000
"""Characters that are kept of a claimed exception: of its name and of its text."""


class Session(Protocol):
    """A confined process with one solution in it (``judge.sandbox.Session``)."""

    @property
    def over(self) -> bool: ...
    def load(
        self, source: bytes, filename: str, entry_point: str, arity: int, *, scaled: bool = False
    ) -> StepObservation: ...
    def call(self, inputs: Sequence[Any]) -> StepObservation: ...
    def close(self) -> None: ...


class Runner(Protocol):
    """Opens sessions for solutions (``judge.sandbox.Sandbox``)."""

    @property
    def environment(self) -> Mapping[str, str]: ...
    def open(self, limits: Limits | None = None) -> Session: ...


@dataclass(frozen=True)
class Answer:
    """The result of a solution on one input: the numbers that it returned, or how it failed."""

    value: Float64Array | None
    raises: str | None
    """An exception's class (``TypeError``), how the step ended (``wall-limit``), or ``no numbers``."""
    detail: str = ""
    line: int = 0
    """The innermost line of the solution's own file in the traceback; 0 when unknown."""
    events: tuple[Event, ...] = ()


def read_answer(step: StepObservation) -> Answer:
    """Return the answer in one observed step."""
    if step.measured.ended is not Ended.ANSWERED:
        return Answer(None, step.measured.ended.value, _last_words(step))
    raised = step.claimed.raised
    if raised is not None:
        return Answer(None, raised.type_name[:_NAME], raised.text[:_TEXT], _innermost_line(raised))
    returned = step.claimed.returned
    if returned is None or returned.array is None:
        problem = returned.problem if returned is not None else "nothing came back"
        return Answer(None, NO_NUMBERS, problem)
    return Answer(returned.array, None, events=step.claimed.events)


def _last_words(step: StepObservation) -> str:
    """Return how a step without an answer ended, and the end of its output."""
    measured = step.measured
    how = deaths.in_words(measured.exit_code, measured.signal)
    return "; ".join(part for part in (measured.detail, how, deaths.last_lines(step.claimed.stdout)) if part)


def _innermost_line(raised: ClaimedException) -> int:
    return raised.frames[-1].line if raised.frames else 0


class SolutionRunner(Closing):
    """One solution, ready to answer inputs one after another. Use as a context manager.

    ``name`` is its name in messages, for instance ``reference/solution.py``; ``scaled`` is passed to the session.
    """

    def __init__(
        self,
        runner: Runner,
        exercise: Exercise,
        name: str,
        source: bytes,
        limits: Limits = AUTHOR_LIMITS,
        *,
        scaled: bool = False,
    ) -> None:
        self._runner, self._exercise, self._limits, self._scaled = runner, exercise, limits, scaled
        self.name, self._source = name, source
        self._session: Session | None = None
        self._unusable: Answer | None = None
        self._deaths = 0

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def answer(self, inputs: Inputs) -> Answer:
        """Return the solution's answer to these inputs; a solution that cannot be loaded fails on all of them."""
        if self._session is not None and self._session.over:
            self.close()
        if self._session is None and self._unusable is None:
            self._open()
        if self._unusable is not None or self._session is None:
            return self._unusable or Answer(None, Ended.NOT_STARTED.value)
        answer = read_answer(self._session.call(list(inputs.values())))
        if self._session.over:
            self._deaths += 1
            if self._deaths >= _REOPEN_AT_MOST:
                self._unusable = replace(
                    answer, detail=f"its process ended {self._deaths} times; {answer.detail}"
                )
        return answer

    def _open(self) -> None:
        exercise = self._exercise
        session = self._runner.open(self._limits)
        arity = len(exercise.parameters)
        step = session.load(self._source, "submission.py", exercise.entry_point, arity, scaled=self._scaled)
        if step.measured.ended is Ended.ANSWERED and step.claimed.raised is None:
            self._session = session
            return
        session.close()
        self._unusable = read_answer(step)

    def require(self, inputs: Inputs, what: str) -> Float64Array:
        """Return the finite numbers of the declared shape that an author's solution must give, float64.

        Raises ExerciseError, blaming the solution with its line, when it gives anything else.
        """
        return self.require_answer(inputs, what)[0]

    def require_answer(self, inputs: Inputs, what: str) -> tuple[Float64Array, tuple[Event, ...]]:
        """Return the same as `require`, with the probe events of the call."""
        answer = self.answer(inputs)
        if answer.value is None:
            place = f"{self.name}:{answer.line}" if answer.line else self.name
            text = " ".join(answer.detail.split())[:_SHOWN]
            versions = f" ({deaths.here()})" if answer.raises == Ended.EXITED else ""
            raise ExerciseError(
                f"{place}: fails on {what}: {answer.raises}{': ' + text if text else ''}{versions}"
            )
        expected_shape = output_shape(self._exercise, inputs)
        if answer.value.shape != expected_shape:
            raise ExerciseError(
                f"{self.name}: on {what} it returns shape {answer.value.shape}, declared is {expected_shape}"
            )
        return answer.value, answer.events
