"""Worker threads, each with its own grader: takes jobs and yields reports as they are known.

A worker never lets an exception escape.  The grader retries failures of the judge (`judge.retry`), which at last
become a report with the verdict ``judge-error``; only what would fail for every submission alike (isolation too weak,
a broken exercise) ends the run.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from judge.model import Report, Submission
from judge.retry import HOPELESS, OnRetry, in_words
from judge.submission import Unusable

Read = Submission | Unusable
J = TypeVar("J")

STOP_S = 2.0
"""Seconds that a worker may take to notice that its grader was closed."""


class GraderLike(Protocol):
    """The part of `judge.Grader` that a worker uses."""

    def grade(self, submission: Submission | Unusable, /, *, on_retry: OnRetry = ...) -> Report: ...

    def close(self) -> None: ...


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
    """Something to tell whoever watches, about no job in particular."""

    text: str


class Executor(Protocol[J]):
    """Grades jobs somewhere: on threads here (`Pool`), or on other machines (`judge.fleet`)."""

    @property
    def interrupted(self) -> bool: ...

    def interrupt(self) -> None: ...

    def run(self, jobs: Sequence[J]) -> Generator[Done[J] | Retried[J] | Noted, None, None]: ...


@dataclass(frozen=True)
class _Left:
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
        self._make_grader, self._read, self._failed = make_grader, read, failed
        self._workers = workers
        self._events: SimpleQueue[Done[J] | Retried[J] | _Left | None] = SimpleQueue()
        self._stopping = False
        self._graders: dict[int, GraderLike] = {}

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
                if isinstance(event, _Left):
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
        for grader in list(self._graders.values()):
            with contextlib.suppress(Exception):
                grader.close()
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _work(self, waiting: deque[J], number: int) -> None:
        try:
            while not self._stopping:
                try:
                    job = waiting.popleft()
                except IndexError:
                    break
                report = self._grade(job, number)
                if not self._stopping:
                    self._events.put(Done(job, report))
        except Exception as error:
            self._events.put(_Left(error))
        else:
            self._events.put(_Left())
        finally:
            self._drop(number)

    def _grade(self, job: J, number: int) -> Report:
        read = self._read(job)
        try:
            return self._grader(number).grade(
                read, on_retry=lambda reason: self._events.put(Retried(job, reason))
            )
        except HOPELESS:
            raise
        except Exception as error:
            self._drop(number)
            return self._failed(read, in_words(error))

    def _grader(self, number: int) -> GraderLike:
        grader = self._graders.get(number)
        if grader is None:
            grader = self._graders[number] = self._make_grader()
        return grader

    def _drop(self, number: int) -> None:
        grader = self._graders.pop(number, None)
        if grader is not None:
            with contextlib.suppress(Exception):
                grader.close()
