"""Trying again what the judge failed on: the one place for a single file, a batch, `judge watch` and the Python API.

Whatever killed a process of the judge's, such as a machine short of memory, may need a while to pass. So each try is in
a fresh sandbox, and the pauses before them grow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from judge.model import ExerciseError, JudgeError, Report, SandboxTooWeakError, UsageError, Verdict

PAUSES_S = (0.0, 0.5, 2.0, 8.0)
"""Before each further try."""
LOOK_S = 0.1
"""How soon it is noticed during a pause that nobody waits any more."""

HOPELESS = (SandboxTooWeakError, ExerciseError, UsageError)
"""What would fail for every submission alike, however often it is tried."""
MAY_PASS = (JudgeError, OSError, MemoryError)
"""What the machine may have caused; anything else is a mistake of ours, and comes again."""

OnRetry = Callable[[str], None]


def ignore(reason: str) -> None:
    """For whom nobody listens."""


def persist(
    attempt: Callable[[], Report],
    *,
    renew: Callable[[], None],
    on_retry: OnRetry = ignore,
    stopped: Callable[[], bool] = lambda: False,
    pauses_s: Sequence[float] | None = None,
) -> Report:
    """What the attempt returns, tried again while that is a judge error, or it fails in a way that may pass.

    ``renew`` throws away what may be broken, before each further try, of which ``on_retry`` hears with the reason.
    Once ``stopped``, nothing is tried any more. Returns or raises what the last attempt did.
    """
    for pause_s in PAUSES_S if pauses_s is None else pauses_s:
        failure: Exception | None = None
        try:
            report = attempt()
        except HOPELESS:
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
    """What an error says, or else what it is."""
    return str(error) or type(error).__name__


def _paused(pause_s: float, stopped: Callable[[], bool]) -> bool:
    """Wait; False as soon as it is stopped."""
    end = time.monotonic() + pause_s
    while not stopped() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_S))
    return not stopped()
