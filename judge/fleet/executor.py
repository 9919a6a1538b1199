"""The client's side: sends submissions to the workers of a cluster, and takes what comes back.

Dask itself gives the submissions of a worker that died to another. It gives up on one whose workers died several times,
but those may have been killed by a neighbour: so such a submission is tried once more at the end, with nothing else on
the cluster. If its workers die then too, it is a judge error.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from distributed import Client, Future, KilledWorker
from distributed.client import ClosedClientError

from judge.batch.pool import Done, Noted, Read, Retried
from judge.closing import Closing
from judge.fleet.assignment import Assignment
from judge.fleet.handshake import difference, versions_here
from judge.fleet.station import Station, grade
from judge.model import JudgeError, Report, Submission
from judge.reports.phrases import counted
from judge.reports.saved import SavedReportError, report_from_json
from judge.retry import in_words
from judge.sandbox.levels import stronger_or_equal

J = TypeVar("J")
Event = Done[J] | Retried[J] | Noted

JOBS_PER_THREAD = 2
"""Those out at a time: one that is graded, and one that waits beside it."""
LOOK_S = 1.0
"""Between two looks at which workers there are."""
WAIT_S = 300.0
"""The longest time without any worker: what a restart takes, and a moment in a queue."""
RETIRE_S = 0.5
NEVER = float("-inf")
DIED = "every worker that graded it died"


class Fleet(Closing):
    """Workers that have the exercise for as long as the block lasts."""

    def __init__(self, client: Client, assignment: Assignment) -> None:
        self.client, self.assignment = client, assignment
        self.address = str(client.scheduler.address) if client.scheduler is not None else "the scheduler"
        self.station = f"judge-{assignment.sha256[:16]}-{secrets.token_hex(4)}"
        self._alive = True
        self._seen: set[str] = set()
        self._retired: set[str] = set()
        self.notes: list[str] = []
        """Lines for the terminal about workers that were sent away."""

    def _begin(self) -> None:
        answers: dict[str, Any] = self.client.run(versions_here, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, OSError):
                continue  # it has just died
            if isinstance(answer, BaseException):
                self.retire(worker, worker, f"it cannot run judge: {in_words(answer)}")
            elif differs := difference(self.assignment.versions, answer):
                self.retire(worker, worker, differs)
        try:
            self.client.register_plugin(Station(self.station, self.assignment))
        except Exception as error:
            raise JudgeError(
                f"{self.address}: a worker cannot take the exercise: {in_words(error)}"
            ) from None

    def close(self) -> None:
        if not self.connected:
            return
        with contextlib.suppress(Exception):
            self.client.unregister_worker_plugin(self.station)

    @property
    def connected(self) -> bool:
        return bool(self.client.status == "running")

    def threads(self) -> int:
        """Return how many are graded at a time, by workers that do not have to go. Raises JudgeError if it is lost."""
        if not self.connected:
            raise self.lost()
        try:
            threads: dict[str, int] = dict(self.client.nthreads())
        except (OSError, TimeoutError):
            raise self.lost() from None
        self._seen.update(threads)
        self._alive = bool(threads)
        return sum(count for worker, count in threads.items() if worker not in self._retired)

    @property
    def all_retired(self) -> bool:
        """True if there were workers, and every one had to be retired."""
        return bool(self._retired) and self._retired >= self._seen

    def require_one(self, *, something_out: bool) -> None:
        """Raise JudgeError if all had to be retired, and no answer can come any more."""
        if self.all_retired and not (self._alive and something_out):
            for worker in self._retired:
                self._send_away(worker)
            raise JudgeError(f"no worker is left: {counted(len(self._retired), 'worker')} had to be retired")

    def retire(self, worker: str, name: str, reason: str) -> None:
        """Send a worker away, and say why, once. The last one may stay until nothing is out any more."""
        if worker not in self._retired:
            self._retired.add(worker)
            shown = worker if name == worker else f"{name} ({worker})"
            self.notes.append(f"worker {shown} is retired: {reason}")
        self._send_away(worker)

    def _send_away(self, worker: str) -> None:
        """Close a worker: Dask refuses to close the last one while we want a result that is there."""
        deadline = time.monotonic() + RETIRE_S
        while worker in self.client.nthreads() and time.monotonic() < deadline:
            self.client.retire_workers([worker], close_workers=True)
            time.sleep(0.05)

    def lost(self) -> JudgeError:
        return JudgeError(f"{self.address}: the scheduler is gone; the same command goes on from here")


@dataclass(frozen=True)
class _Sent(Generic[J]):
    """A submission that is out; ``future`` keeps it wanted."""

    job: J
    read: Read
    future: Future[Any]
    alone: bool


class DaskExecutor(Generic[J]):
    """Grades jobs on a fleet, which is opened when there are any.

    ``read`` turns a job into what is graded, ``failed`` makes the report of a judge error.
    """

    def __init__(
        self,
        open_fleet: Callable[[], contextlib.AbstractContextManager[Fleet]],
        read: Callable[[J], Read],
        failed: Callable[[Read, str], Report],
    ) -> None:
        self._open_fleet, self._read, self._failed = open_fleet, read, failed
        self._answers: SimpleQueue[tuple[str, dict[str, str] | BaseException] | None] = SimpleQueue()
        self._stopping = False
        self._waiting: deque[J] = deque()
        self._suspects: deque[J] = deque()
        self._out: dict[str, _Sent[J]] = {}
        self._threads, self._looked_s = 0, NEVER
        self._idle_since_s: float | None = None

    @property
    def interrupted(self) -> bool:
        return self._stopping

    def interrupt(self) -> None:
        """Make `run` stop soon. Takes no lock, so a signal handler may call it."""
        self._stopping = True
        self._answers.put(None)

    def run(self, jobs: Sequence[J]) -> Generator[Event[J], None, None]:
        """Yield the jobs' events as they happen. Leaving the loop early, or `interrupt`, cancels what is out.

        Raises JudgeError when the scheduler or the last worker is gone.
        """
        self._waiting.extend(jobs)
        if self._stopping or not self._waiting:
            return
        with self._open_fleet() as self._fleet:
            try:
                while not self._stopping and (self._waiting or self._suspects or self._out):
                    yield from self._look()
                    self._send()
                    yield from self._next_events()
            finally:
                self._cancel()

    def _next_events(self) -> Generator[Event[J], None, None]:
        """Wait for an answer, for a moment, and yield what it means."""
        try:
            answer = self._answers.get(timeout=LOOK_S)
        except Empty:
            return
        if answer is None:
            return
        key, outcome = answer
        sent = self._out.pop(key, None)
        if sent is not None:
            yield from self._events(sent, outcome)

    def _cancel(self) -> None:
        futures = [sent.future for sent in self._out.values()]
        self._out.clear()
        if futures and self._fleet.connected:
            with contextlib.suppress(Exception):
                self._fleet.client.cancel(futures)

    def _look(self) -> Generator[Noted, None, None]:
        """Yield the fleet's notes, and count its threads now and then. Raises JudgeError without any for too long."""
        yield from self._notes()
        now_s = time.monotonic()
        if now_s - self._looked_s < LOOK_S:
            return
        self._threads, self._looked_s = self._fleet.threads(), now_s
        if self._threads:
            self._idle_since_s = None
        elif self._fleet.all_retired:
            self._fleet.require_one(something_out=bool(self._out))
        elif self._idle_since_s is None:
            self._idle_since_s = now_s
            yield Noted(f"{self._fleet.address} has no worker; waiting for one, {WAIT_S:g} s at most")
        elif now_s - self._idle_since_s > WAIT_S:
            raise JudgeError(f"{self._fleet.address} had no worker for {WAIT_S:g} s")

    def _notes(self) -> Generator[Noted, None, None]:
        yield from map(Noted, self._fleet.notes)
        self._fleet.notes.clear()

    def _send(self) -> None:
        while self._waiting and len(self._out) < JOBS_PER_THREAD * self._threads:
            self._submit(self._waiting.popleft(), alone=False)
        if self._suspects and self._threads and not self._out:
            self._submit(self._suspects.popleft(), alone=True)

    def _submit(self, job: J, *, alone: bool) -> None:
        read = self._read(job)
        key = f"judge-{secrets.token_hex(16)}"
        versions = dict(self._fleet.assignment.versions)
        try:
            future = self._fleet.client.submit(
                grade, self._fleet.station, versions, read, key=key, pure=False
            )
        except ClosedClientError:
            raise self._fleet.lost() from None
        self._out[key] = _Sent(job, read, future, alone)
        future.add_done_callback(self._collect)

    def _collect(self, future: Future[Any]) -> None:
        """Called in a thread of Dask's when a submission is done."""
        try:
            self._answers.put((str(future.key), future.result()))
        except BaseException as error:
            self._answers.put((str(future.key), error))

    def _events(
        self, sent: _Sent[J], outcome: dict[str, str] | BaseException
    ) -> Generator[Event[J], None, None]:
        if isinstance(outcome, KilledWorker):
            if sent.alone:
                yield Done(
                    sent.job, self._failed(sent.read, f"{DIED}, also with nothing else to do (KilledWorker)")
                )
            else:
                self._suspects.append(sent.job)
                yield Retried(sent.job, f"{DIED}; it is tried alone at the end")
            return
        if isinstance(outcome, CancelledError):
            raise self._fleet.lost()
        if isinstance(outcome, BaseException):
            yield Done(sent.job, self._failed(sent.read, in_words(outcome)))
            return
        for reason in json.loads(outcome.get("retries", "[]")):
            yield Retried(sent.job, reason)
        differs = outcome.get("differs", "")
        if "failed" in outcome:
            yield Done(sent.job, self._failed(sent.read, outcome["failed"]))
        elif not differs:
            report = self._report(sent.read, outcome.get("report", ""))
            if isinstance(report, Report):
                yield Done(sent.job, report)
            else:
                differs = report
        if differs:
            (self._suspects if sent.alone else self._waiting).appendleft(sent.job)
            sent.future.release()
            self._fleet.retire(outcome["worker"], outcome["name"], differs)
            self._looked_s = NEVER

    def _report(self, read: Read, text: str) -> Report | str:
        """Return the report in a worker's answer, or what is wrong with it."""
        wanted = self._fleet.assignment
        try:
            report = report_from_json(text)
        except SavedReportError as error:
            return f"its report cannot be read: {error}"
        if isinstance(read, Submission) and report.sha256 != read.sha256:
            return "its report is on another submission"
        if report.exercise_digest != wanted.exercise_digest or report.limits != wanted.limits:
            return "its report is on another exercise, or with other limits"
        if not stronger_or_equal(report.isolation.level, wanted.accept):
            return f"its isolation is {report.isolation.level}, and {wanted.accept} is asked for"
        return report
