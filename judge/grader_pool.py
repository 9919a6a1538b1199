"""Grading for programs: an asyncio pool of graders, each used in one thread at a time.

Theory of operation. ``jobs`` graders lie in a queue. A task that grades takes one out, works with it in a thread, and
puts it back, whatever happens. When the task is cancelled it cancels its grading and waits until the thread is done:
so a grader in the queue is idle, and nothing of a cancelled grading is left. To close the pool is to cancel every
grading and to take all graders out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from judge.batch.failed_report import failed_report
from judge.batch.pool import RenewedGrader, processors
from judge.grade import LoadedExercise
from judge.grader import Grader, load_exercise_with_goldens, read_source
from judge.model import Limits, Report, Submission, UsageError
from judge.sandbox import Cancellation, Warm
from judge.submission import Unusable

T = TypeVar("T")
Source = str | os.PathLike[str] | bytes | Submission | Unusable


class GraderPool:
    """Grades submissions of one exercise from many tasks of one event loop, at most ``jobs`` at a time.

    >>> async with GraderPool(".", jobs=4) as pool:              # doctest: +SKIP
    ...     report = await pool.grade(b"def solve(...): ...")
    ...     async for number, report in pool.grade_many(sources):
    ...         print(number, report.verdict)

    What fails in the judge does not raise: the verdict of the report is ``judge-error``. Such a report says nothing
    about the submission, and has no score: `judge.reward.rewards` is None then. Leaving the block kills what is
    running.
    """

    def __init__(
        self,
        exercise: str | os.PathLike[str] = ".",
        *,
        jobs: int | None = None,
        limits: Limits | None = None,
        accept: str = "good",
        executor: ThreadPoolExecutor | None = None,
    ) -> None:
        """Load the exercise as `Grader` does; ``jobs`` defaults to one for each processor.

        ``executor`` has the threads that wait for gradings, and is left open; without one the pool has its own. Raises
        ExerciseError, StaleGoldensError or UsageError.
        """
        self._start(load_exercise_with_goldens(Path(exercise)), jobs, limits, accept, executor)

    @classmethod
    def of(
        cls,
        loaded: LoadedExercise,
        *,
        jobs: int | None = None,
        limits: Limits | None = None,
        accept: str = "good",
        executor: ThreadPoolExecutor | None = None,
    ) -> GraderPool:
        """Create a pool for an already loaded exercise."""
        pool = cls.__new__(cls)
        pool._start(loaded, jobs, limits, accept, executor)
        return pool

    def _start(
        self,
        loaded: LoadedExercise,
        jobs: int | None,
        limits: Limits | None,
        accept: str,
        executor: ThreadPoolExecutor | None,
    ) -> None:
        self.jobs = processors() if jobs is None else jobs
        if self.jobs < 1:
            raise UsageError(f"jobs is the number of submissions at a time, at least 1, got {jobs}")
        if executor is not None and not isinstance(executor, ThreadPoolExecutor):
            raise UsageError(f"executor is a ThreadPoolExecutor, got {type(executor).__name__}")
        self.loaded = loaded
        self.limits = limits or loaded.exercise.limits
        self.notices: tuple[str, ...] = ()
        """What users should know about versions and compiled programs, known once the block is entered."""
        self._graders = [
            RenewedGrader(partial(self._make_grader, accept), self._failed) for _ in range(self.jobs)
        ]
        self._idle: asyncio.LifoQueue[RenewedGrader[Grader]] | None = None
        self._given = self._threads = executor
        self._cancellations: set[Cancellation] = set()
        self._tasks: set[asyncio.Task[Report]] = set()
        self._closed = False

    def _make_grader(self, accept: str) -> Grader:
        return Grader.of(self.loaded, limits=self.limits, accept=accept, warm=Warm.READY)

    def _failed(self, read: Submission | Unusable, reason: str) -> Report:
        return failed_report(self.loaded, self.limits, read, reason)

    async def __aenter__(self) -> GraderPool:
        """Build the compiled programs that are missing (see `Grader.prepare`)."""
        if self._idle is not None:
            raise UsageError("a GraderPool is entered once")
        self._idle = asyncio.LifoQueue()
        self._threads = self._given or ThreadPoolExecutor(self.jobs, thread_name_prefix="grader")
        for grader in reversed(self._graders):
            self._idle.put_nowait(grader)
        first = self._graders[0]
        try:
            self.notices = await self._in_thread(
                lambda: tuple(first.grader.prepare()), on_cancel=partial(self._close_elsewhere, first)
            )
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def grade(self, source: Source) -> Report:
        """Grade a submission, as `Grader.grade` takes it; wait for a grader if all are in use.

        Text that comes from a model is passed as bytes: a text without a line break is taken as a path. When the task
        is cancelled the submission's process is killed, and is gone when this raises CancelledError. Raises UsageError
        when there is no such file, SandboxTooWeakError and ExerciseError, which every submission would raise, and
        GradingCancelledError when the pool is closed meanwhile.
        """
        idle = self._open_queue()
        with self._cancellation() as cancellation:
            grader = await idle.get()
            try:
                cancellation.check()
                return await self._in_thread(
                    partial(self._grade, grader, source, cancellation), on_cancel=cancellation.cancel
                )
            finally:
                idle.put_nowait(grader)

    async def grade_many(
        self, sources: Iterable[Source] | AsyncIterable[Source]
    ) -> AsyncGenerator[tuple[int, Report], None]:
        """Yield the number of each source, counted from 0, with its report, as soon as it is known.

        At most ``jobs`` sources are taken ahead of the reports that were yielded. Raises what `grade` raises, and what
        ``sources`` raises; the gradings that run meanwhile are then cancelled. To leave the loop early use
        ``contextlib.aclosing``, which does the same.
        """
        self._open_queue()
        if isinstance(sources, str | bytes):
            raise UsageError("grade_many takes several sources; grade takes one")
        waiting = _each(sources)
        taking: asyncio.Task[Source | None] | None = None
        running: dict[asyncio.Task[Report], int] = {}
        taken = 0
        exhausted = False
        try:
            while True:
                if taking is None and not exhausted and len(running) < self.jobs:
                    taking = asyncio.ensure_future(_next(waiting))
                pending: set[asyncio.Task[Report] | asyncio.Task[Source | None]] = {*running}
                if taking is not None:
                    pending.add(taking)
                if not pending:
                    return
                done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if taking in done and taking is not None:
                    source, taking = taking.result(), None
                    exhausted = source is None
                    if source is not None:
                        running[self._task(source)] = taken
                        taken += 1
                for task in [task for task in running if task in done]:
                    yield running.pop(task), task.result()
        finally:
            left = [*running, *([taking] if taking is not None else [])]
            for one in left:
                one.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await waiting.aclose()

    def _task(self, source: Source) -> asyncio.Task[Report]:
        task = asyncio.create_task(self.grade(source))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _grade(self, grader: RenewedGrader[Grader], source: Source, cancellation: Cancellation) -> Report:
        read = read_source(source, self.limits)
        return grader.report(read, lambda made: made.grade(read, cancellation=cancellation))

    def _open_queue(self) -> asyncio.LifoQueue[RenewedGrader[Grader]]:
        if self._idle is None or self._closed:
            raise UsageError("a GraderPool grades inside of its 'async with' block")
        return self._idle

    @contextlib.contextmanager
    def _cancellation(self) -> Iterator[Cancellation]:
        """Yield a cancellation that closing the pool sets off."""
        cancellation = Cancellation()
        self._cancellations.add(cancellation)
        try:
            yield cancellation
        finally:
            self._cancellations.discard(cancellation)

    async def _in_thread(self, work: Callable[[], T], on_cancel: Callable[[], object]) -> T:
        assert self._threads is not None
        return await _finish(asyncio.get_running_loop().run_in_executor(self._threads, work), on_cancel)

    async def _leave(self) -> None:
        await _finish(asyncio.ensure_future(self._close()), on_cancel=lambda: None)

    async def _close(self) -> None:
        assert self._idle is not None
        assert self._threads is not None
        self._closed = True
        for task in self._tasks:
            task.cancel()
        for cancellation in self._cancellations:
            cancellation.cancel()
        for _ in self._graders:
            await self._idle.get()  # until it is idle
        run = asyncio.get_running_loop().run_in_executor
        await asyncio.gather(*(run(self._threads, grader.close) for grader in self._graders))
        if self._given is None:
            self._threads.shutdown()
        for grader in self._graders:
            self._idle.put_nowait(grader)  # for those that wait for one: each sees then that it is cancelled

    def _close_elsewhere(self, grader: RenewedGrader[Grader]) -> None:
        """Close a grader that a thread is using, in another one: that takes a moment."""
        asyncio.get_running_loop().run_in_executor(None, grader.close)


async def _finish(work: asyncio.Future[T], on_cancel: Callable[[], object]) -> T:
    """Return the result of work that cannot be cancelled as such, and let a cancellation through when it is done."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancelled = error
            on_cancel()
    if cancelled is not None:
        work.exception()  # else asyncio would say that nobody asked for it
        raise cancelled
    return work.result()


async def _each(sources: Iterable[Source] | AsyncIterable[Source]) -> AsyncGenerator[Source, None]:
    if isinstance(sources, AsyncIterable):
        async for source in sources:
            yield source
    else:
        for source in sources:
            yield source


async def _next(sources: AsyncIterator[Source]) -> Source | None:
    """Return the next source, or None after the last."""
    return await anext(sources, None)
