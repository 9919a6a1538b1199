"""Retries after failures of the judge: the one place for a single file, a batch, `judge watch` and the Python API.

The cause that killed a process of the judge, such as a machine short of memory, may take a while to pass. So each try
is in a fresh sandbox, and the pauses before them grow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from judge.model import (
    ExerciseError,
    GradingCancelledError,
    JudgeError,
    Report,
    SandboxTooWeakError,
    UsageError,
    Verdict,
)

PAUSES_S = (0.0, 0.5, 2.0, 8.0)
"""Before each further try."""
LOOK_S = 0.1
"""The longest time until a stop is noticed during a pause."""

FATAL_ERRORS = (SandboxTooWeakError, ExerciseError, UsageError)
"""Errors that would occur for every submission alike, however often it is tried."""
FINAL = (*FATAL_ERRORS, GradingCancelledError)
"""Errors after which nothing is tried again."""
MAY_PASS = (JudgeError, OSError, MemoryError)
"""Errors that the machine may have caused; any other is a bug in judge, and would come again."""

OnRetry = Callable[[str], None]


def ignore(reason: str) -> None:
    """Ignore a retry; the default of ``on_retry``."""


def persist(
    attempt: Callable[[], Report],
    *,
    renew: Callable[[], None],
    on_retry: OnRetry = ignore,
    stopped: Callable[[], bool] = lambda: False,
    pauses_s: Sequence[float] | None = None,
) -> Report:
    """Return the result of the attempt, retried while it is a judge error, or fails in a way that may pass.

    Before each further try ``on_retry(reason)`` is called, then ``renew()``, which discards what may be broken. Once
    ``stopped``, there are no further tries. Returns or raises the outcome of the last attempt.
    """
    for pause_s in PAUSES_S if pauses_s is None else pauses_s:
        failure: Exception | None = None
        try:
            report = attempt()
        except FINAL:
            raise
        except MAY_PASS as error:
            failure, reason = error, in_words(error)
        else:
            if report.verdict is not Verdict.JUDGE_ERROR:
                return report
            reason = report.findings[0].title if report.findings else "the report is a judge error"
        if not stopped():
            on_retry(reason)
            renew()
        if not _paused(pause_s, stopped):
            if failure is not None:
                raise failure
            return report
    return attempt()


def in_words(error: BaseException) -> str:
    """Return the text of an error, or else the name of its type."""
    return str(error) or type(error).__name__


def _paused(pause_s: float, stopped: Callable[[], bool]) -> bool:
    """Wait; return False as soon as it is stopped."""
    end = time.monotonic() + pause_s
    while not stopped() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_S))
    return not stopped()
