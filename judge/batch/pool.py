"""Worker threads, each with its own grader: takes jobs and yields reports as they are known.

A worker never lets an exception escape.  The grader retries failures of the judge (`judge.retry`), which at last
become a report with the verdict ``judge-error``; only what would fail for every submission alike (isolation too weak,
a broken exercise) ends the run.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from judge.model import GradingCancelledError, Report, Submission
from judge.retry import FINAL, OnRetry, in_words
from judge.submission import Unusable

Read = Submission | Unusable
J = TypeVar("J")

STOP_S = 2.0
"""Seconds that a worker may take to notice that its grader was closed."""


def processors() -> int:
    """Return how many processors this process may use; in a container these are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class GraderLike(Protocol):
    """The part of `judge.Grader` that a worker uses."""

    def grade(self, submission: Submission | Unusable, /, *, on_retry: OnRetry = ...) -> Report: ...

    def close(self) -> None: ...


G = TypeVar("G", bound=GraderLike)


class RenewedGrader(Generic[G]):
    """A grader that is made when it is needed, and again after the judge has failed in it.

    Use from one thread at a time. ``failed`` makes the report on a submission on which the judge failed, for a reason
    in words.
    """

    def __init__(self, make: Callable[[], G], failed: Callable[[Read, str], Report]) -> None:
        self._make, self._failed = make, failed
        self._grader: G | None = None
        self._stopped = False

    def report(self, read: Read, grade: Callable[[G], Report]) -> Report:
        """Return the report that ``grade`` makes with the grader, or the one on a failure.

        Raises errors that would stop every submission, and GradingCancelledError.
        """
        try:
            return grade(self.grader)
        except FINAL:
            raise
        except Exception as error:
            self.close()
            return self._failed(read, in_words(error))

    @property
    def grader(self) -> G:
        made = self._grader
        if made is None and not self._stopped:
            made = self._grader = self._make()
        if made is None or self._stopped:  # it may have been stopped while it was made
            self.close()
            raise GradingCancelledError("the grading was stopped")
        return made

    def stop(self) -> None:
        """Close the grader for good: none is made after this."""
        self._stopped = True
        self.close()

    def close(self) -> None:
        """Close the grader, which kills what runs in it, also from another thread."""
        grader, self._grader = self._grader, None
        if grader is not None:
            with contextlib.suppress(Exception):
                grader.close()


@dataclass(frozen=True)
class Done(Generic[J]):
    """A job and its report."""

    job: J
    report: Report


@dataclass(frozen=True)
class Retried(Generic[J]):
    """The judge failed on a job, for this reason, and tries again."""

    job: J
    reason: str


@dataclass(frozen=True)
class Noted:
    """A line for the terminal about no job in particular."""

    text: str


class Executor(Protocol[J]):
    """Grades jobs somewhere: on threads here (`Pool`), or on other machines (`judge.fleet`)."""

    @property
    def interrupted(self) -> bool: ...

    def interrupt(self) -> None: ...

    def run(self, jobs: Sequence[J]) -> Generator[Done[J] | Retried[J] | Noted, None, None]: ...


@dataclass(frozen=True)
class _WorkerExited:
    """A worker has ended; with an error when the whole run cannot continue."""

    error: Exception | None = None


class Pool(Generic[J]):
    """Grades jobs on ``workers`` threads.

    ``make_grader`` is called in the thread that will use the grader, ``read`` turns a job into what is graded, and
    ``failed`` makes the report of a job on which the judge failed, for a reason in words.
    """

    def __init__(
        self,
        make_grader: Callable[[], GraderLike],
        read: Callable[[J], Read],
        failed: Callable[[Read, str], Report],
        workers: int,
    ) -> None:
        self._read, self._workers = read, workers
        self._events: SimpleQueue[Done[J] | Retried[J] | _WorkerExited | None] = SimpleQueue()
        self._stopping = False
        self._graders = [RenewedGrader(make_grader, failed) for _ in range(workers)]

    def interrupt(self) -> None:
        """Make `run` stop soon. Takes no lock, so a signal handler may call it."""
        self._stopping = True
        self._events.put(None)

    @property
    def interrupted(self) -> bool:
        return self._stopping

    def run(self, jobs: Sequence[J]) -> Generator[Done[J] | Retried[J], None, None]:
        """Yield the jobs' events as they happen. Leaving the loop early, or `interrupt`, kills what is running.

        Raises errors that would stop every submission, after the events before them.
        """
        waiting = deque(jobs)
        threads = [
            threading.Thread(target=self._work, args=(waiting, number), name=f"grader {number}", daemon=True)
            for number in range(min(self._workers, len(waiting)))
        ]
        running = len(threads)
        try:
            for thread in threads:
                thread.start()
            while running and (event := self._events.get()) is not None:
                if isinstance(event, _WorkerExited):
                    running -= 1
                    if event.error is not None:
                        raise event.error
                else:
                    yield event
        finally:
            if running:
                self._stopping = True
                self._kill(threads)

    def _kill(self, threads: Sequence[threading.Thread]) -> None:
        """Close the workers' graders: their processes are killed, and later results are ignored."""
        deadline = time.monotonic() + STOP_S
        for grader in self._graders:
            grader.stop()
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _work(self, waiting: deque[J], number: int) -> None:
        try:
            while not self._stopping:
                try:
                    job = waiting.popleft()
                except IndexError:
                    break
                report = self._grade(job, self._graders[number])
                if not self._stopping:
                    self._events.put(Done(job, report))
        except Exception as error:
            self._events.put(_WorkerExited(error))
        else:
            self._events.put(_WorkerExited())
        finally:
            self._graders[number].close()

    def _grade(self, job: J, grader: RenewedGrader[GraderLike]) -> Report:
        read = self._read(job)
        return grader.report(
            read,
            lambda made: made.grade(read, on_retry=lambda reason: self._events.put(Retried(job, reason))),
        )
