"""``judge fuzz``: searches for an input on which a submission is wrong, and shrinks it.

Hypothesis draws and shrinks.  A draw is a failure only where the live reference is certain: inputs on which right
solutions disagree are counted and skipped.  Answers are cached by input, so that each costs one run.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from judge.closing import Closing
from judge.compare import is_within
from judge.exercise.cases import digest_of_inputs
from judge.model import Counterexample, Ended, Exercise, Inputs, Limits
from judge.progress import Step
from judge.reports.escape import visible
from judge.solutions.live_reference import ExpectedAnswer, LiveReference
from judge.solutions.runner import AUTHOR_LIMITS, Answer, Runner, SolutionRunner
from judge.solutions.small_case import plain, size_of
from judge.solutions.strategies import as_written, load_strategy, search

if TYPE_CHECKING:
    from judge.model import Float64Array

SHRINK_TRIES = 400
"""Inputs that shrinking may run. Not seconds, so that the same seed finds the same input on a slow machine as well."""

SHRINK_BUDGET_S = 1800.0
HANGING_BUDGET_S = 90.0
"""Only prevents endless shrinking; a submission that hangs takes its whole time on each input."""

_DRAWS_PER_SIZE = 60
_QUICK_DRAWS = 120
_PATIENCE_S = 3.0
"""With no smaller input for this long, shrinking within a time budget ends."""


@dataclass(frozen=True)
class Failure:
    """An input on which a submission is wrong, with the right value and the submission's answer."""

    inputs: Inputs
    right: ExpectedAnswer
    answer: Answer

    @property
    def expected(self) -> tuple[float, ...]:
        return tuple(float(number) for number in self.right.expected.ravel())

    @property
    def tolerance(self) -> float:
        return self.right.calibration.tolerance

    @property
    def kind(self) -> str:
        """A rough class of the failure: shrinking keeps to one, so that it does not move to another mistake."""
        return self.answer.raises or "wrong numbers"

    @property
    def size(self) -> int:
        return size_of(self.inputs)


@dataclass
class FuzzResult:
    """``tried`` inputs were compared; on ``discarded`` ones right solutions disagree or time ran out.

    Of these ``overruled`` are the ones on which the submission looked wrong until accepted variants were run.
    """

    tried: int = 0
    discarded: int = 0
    overruled: int = 0
    failure: Failure | None = None
    """The number of smaller inputs that failed as well during shrinking."""


class _Found(Exception):
    """Tells Hypothesis that an input fails."""


@dataclass
class Fuzzer(Closing):
    """A submission against the live reference. Use as a context manager; ``deadline`` is in monotonic seconds."""

    exercise: Exercise
    runner: Runner
    source: bytes
    limits: Limits
    """For the submission; the author's own solutions get patient ones."""
    count: int = 200
    seed: int = 0
    """With ``count``: how many draws to make, and the random seed; the same two numbers give the same draws."""
    deadline: float = float("inf")
    step: Step = lambda word: None
    truth: LiveReference | None = None
    """Shared with other fuzzers, when given; else one of its own, closed with it."""
    patient: bool = True
    """True to retry an input on which the submission ran out of time, with a much larger time limit."""
    patience_s: float = float("inf")
    """Shrinking ends when it has found nothing smaller for so long."""
    result: FuzzResult = field(default_factory=FuzzResult)

    def __post_init__(self) -> None:
        self._strategy = load_strategy(self.exercise)
        self._truth = self.truth or LiveReference(self.exercise, self.runner)
        self._player = SolutionRunner(self.runner, self.exercise, "the submission", self.source, self.limits)
        patient = replace(self.limits, wall_s=max(self.limits.wall_s, AUTHOR_LIMITS.wall_s))
        self._patient_player = SolutionRunner(
            self.runner, self.exercise, "the submission", self.source, patient
        )
        self._hangs = False
        self._last_deadline = self.deadline
        self._tries_left = float("inf")
        self._verdicts: dict[str, Failure | None] = {}
        self._drawn: list[Inputs] | None = None

    def close(self) -> None:
        self._player.close()
        self._patient_player.close()
        if self.truth is None:
            self._truth.close()

    # ----------------------------------------------------------------------------------------------- one input

    def failure_on(self, inputs: Inputs) -> Failure | None:
        """Return the failure on one input; None when the submission is right there or right solutions disagree."""
        digest = digest_of_inputs(inputs)
        if digest not in self._verdicts:
            if time.monotonic() > self.deadline or self._tries_left <= 0:
                return None
            self._tries_left -= 1
            self._verdicts[digest] = self._judge(inputs)
        return self._verdicts[digest]

    def _judge(self, inputs: Inputs) -> Failure | None:
        expected = self._truth.expected(inputs)
        if expected is None:
            self.result.discarded += 1
            return None
        self.result.tried += 1
        answer = self._answer(inputs)
        if answer is None:
            self._pass_over()
            return None
        if _is_right(answer, expected, self._truth.closeness() * float(np.abs(expected).max())):
            return None
        right = self._truth.calibrated(inputs, expected)
        if not right.usable:
            self._pass_over()
            return None
        if _is_right(answer, expected, right.calibration.tolerance):
            return None
        return Failure(inputs, right, answer)

    def _answer(self, inputs: Inputs) -> Answer | None:
        """Return the submission's answer; None when it ran out of time for an unknown reason.

        On a busy machine compiling alone can take that long, which proves nothing about this input. A time-out
        therefore counts only if it occurs with the patient limits as well; from then on the submission is known to
        hang and is not retried.
        """
        answer = self._player.answer(inputs)
        if answer.raises != Ended.WALL_LIMIT.value or self._hangs:
            return answer
        if not self.patient:
            return None
        answer = self._patient_player.answer(inputs)
        self._hangs = answer.raises == Ended.WALL_LIMIT.value
        return answer

    def _pass_over(self) -> None:
        self.result.tried -= 1
        self.result.discarded += 1

    # ------------------------------------------------------------------------------------------------ searching

    def look(self) -> Failure | None:
        """Return the first failure among the fresh draws, not yet shrunk."""
        for inputs in self._pool():
            if time.monotonic() > self.deadline:
                return None
            failure = self.failure_on(inputs)
            self.step("")
            confirmed = self.confirmed(failure) if failure is not None else None
            if confirmed is not None:
                return confirmed
        return None

    def smallest(self, failure: Failure | None = None) -> Failure | None:
        """Return the smallest failure among the draws; with ``failure`` one of the same kind, smaller than it.

        Sizes are tried from the smallest on, because each new size has to be compiled.
        """
        tried: Counter[int] = Counter()
        for inputs in sorted(self._pool(), key=size_of):
            size = size_of(inputs)
            if failure is not None and size >= failure.size:
                break
            tried[size] += 1
            if tried[size] > _DRAWS_PER_SIZE:
                continue
            if time.monotonic() > self.deadline:
                break
            found = self.failure_on(inputs)
            if found is not None and (failure is None or found.kind == failure.kind):
                return found
        return failure

    def shrink(self, failure: Failure, tries: float = float("inf")) -> Failure:
        """Return the simplest input that Hypothesis finds, from one of the draws on, that fails in the same way.

        ``tries`` bounds how many inputs are run.
        """
        self._tries_left = tries
        self._last_deadline = self.deadline
        self.deadline = min(self.deadline, time.monotonic() + self.patience_s)
        start = digest_of_inputs(failure.inputs)
        best: Failure | None = None

        def visit(inputs: Inputs) -> None:
            nonlocal best
            # The draws repeat in the same order: until the failing one is reached, none needs to be run.
            if (best is None and digest_of_inputs(inputs) != start) or size_of(inputs) > failure.size:
                return
            found = self.failure_on(inputs)
            if found is None or found.kind != failure.kind:
                return
            best = found
            self.deadline = min(self._last_deadline, time.monotonic() + self.patience_s)
            raise _Found

        with suppress(_Found):
            search(self.exercise, self._strategy, visit, count=self.count, seed=self.seed, shrink=True)
        return best or failure

    def _pool(self) -> list[Inputs]:
        """Return the draws of this fuzzer, made once."""
        if self._drawn is None:
            drawn: list[Inputs] = []
            search(
                self.exercise, self._strategy, drawn.append, count=self.count, seed=self.seed, shrink=False
            )
            self._drawn = drawn
        return self._drawn

    def replayed(self, failure: Failure) -> Failure | None:
        """Return the failure as the first call of a fresh process shows it; None where the submission is right there.

        In the shared process a submission may have kept state from one call to the next.
        """
        limits = self.limits
        with SolutionRunner(self.runner, self.exercise, "the submission", self.source, limits) as fresh:
            answer = fresh.answer(failure.inputs)
        if answer.raises == Ended.WALL_LIMIT.value:
            return failure  # a fresh process compiles again, so its running out of time proves nothing
        if _is_right(answer, failure.right.expected, failure.tolerance):
            return None
        return replace(failure, answer=answer)

    def confirmed(self, failure: Failure) -> Failure | None:
        """Return the failure, measured more closely; None where other right solutions do not agree enough."""
        right = self._truth.confirmed(failure.inputs, failure.right.expected)
        if right is not None and not _is_right(failure.answer, right.expected, right.calibration.tolerance):
            return Failure(failure.inputs, right, failure.answer)
        self.result.overruled += 1
        self._pass_over()
        return None


def fuzz(
    exercise: Exercise,
    runner: Runner,
    source: bytes,
    *,
    count: int = 200,
    seed: int = 0,
    step: Step = lambda word: None,
) -> FuzzResult:
    """Test a submission on ``count`` fresh draws; a failure is shrunk.

    Raises ExerciseError when the strategies or the author's solutions fail.
    """
    limits = replace(exercise.limits, total_wall_s=AUTHOR_LIMITS.total_wall_s, cpu_s=AUTHOR_LIMITS.cpu_s)
    with Fuzzer(exercise, runner, source, limits, count, seed, step=step) as fuzzer:
        failure = fuzzer.look()
        if failure is not None:
            hangs = failure.kind == Ended.WALL_LIMIT.value
            fuzzer.deadline = time.monotonic() + (HANGING_BUDGET_S if hangs else SHRINK_BUDGET_S)
            shrunk = fuzzer.shrink(fuzzer.smallest(failure) or failure, SHRINK_TRIES)
            found = fuzzer.confirmed(shrunk) or failure
            fuzzer.result.failure = fuzzer.replayed(found) or fuzzer.replayed(failure) or failure
        return fuzzer.result


def counterexample(
    exercise: Exercise, runner: Runner, source: bytes, budget_s: float, limits: Limits, seed: int = 0
) -> Counterexample | None:
    """Search for a small input on which a submission is wrong, within a time budget; None when none was found.

    ``limits`` are the submission's.
    """
    limits = replace(limits, wall_s=min(limits.wall_s, budget_s), total_wall_s=2 * budget_s)
    deadline = time.monotonic() + budget_s
    with Fuzzer(
        exercise, runner, source, limits, _QUICK_DRAWS, seed, deadline, patient=False, patience_s=_PATIENCE_S
    ) as fuzzer:
        # Not confirmed by accepted variants, which are slow: that the submission is wrong is known already.
        failure = fuzzer.smallest()
        shown = fuzzer.replayed(fuzzer.shrink(failure)) if failure is not None else None
        return as_counterexample(shown) if shown is not None else None


def as_counterexample(failure: Failure) -> Counterexample:
    """Return the failure for the report: plain numbers only."""
    value = failure.answer.value
    got = None
    if value is not None and np.isfinite(value).all():
        got = tuple(float(number) for number in value.ravel()[:100])
    raised = failure.answer.raises
    if got is None and raised is None:
        raised = "a number that is not finite"
    return Counterexample(
        inputs={name: plain(number) for name, number in failure.inputs.items()},
        expected=failure.expected,
        got=got,
        raised=raised,
        tolerance=failure.tolerance,
    )


def failure_text(failure: Failure) -> str:
    """Return a failure in a few lines: the inputs, the right value, the submission's answer."""
    lines = ["wrong on"]
    for name, value in as_written(failure.inputs).items():
        lines.append(f"  {name} = {value if isinstance(value, Mapping) else plain(failure.inputs[name])}")
    lines.append(f"expected {_numbers(failure.expected)} (tolerance {failure.tolerance:.2g})")
    array = failure.answer.value
    if array is None:
        text = " ".join(failure.answer.detail.split())[:200]
        lines.append(f"ended in {visible(failure.answer.raises or '')}{': ' + visible(text) if text else ''}")
    elif array.size != len(failure.expected):
        lines.append(f"got      shape {array.shape}")
    else:
        lines.append(f"got      {_numbers(tuple(array.ravel()))}")
    return "\n".join(lines)


def _numbers(values: tuple[float, ...]) -> str:
    shown = ", ".join(f"{value:.7g}" for value in values[:6])
    return shown + (", ..." if len(values) > 6 else "")


def _is_right(answer: Answer, expected: Float64Array, tolerance: float) -> bool:
    return answer.value is not None and is_within(answer.value, expected, tolerance)
