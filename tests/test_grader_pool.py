"""The pool for programs: bounded, cancelled without a rest, and failures of the judge as values without a score."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from judge import grader_pool
from judge.batch.failed_report import failed_report
from judge.grade import LoadedExercise
from judge.grader import Grader, load_exercise_with_goldens
from judge.grader_pool import GraderPool
from judge.model import (
    GradingCancelledError,
    Limits,
    Report,
    SandboxError,
    SandboxTooWeakError,
    UsageError,
    Verdict,
)
from judge.reward import rewards
from judge.sandbox import Cancellation, Warm
from judge.selftest import process_monitor

EXERCISE = Path(__file__).parent / "exercises" / "optax_sgd_step"
RIGHT = (EXERCISE / "reference" / "solution.py").read_bytes()
ENDLESS = b"while True:\n    pass\n"
AUTHOR_LIMITS = Limits(wall_s=3600, total_wall_s=3600, cpu_s=3600)
"""No limit ends a submission in these tests: only what cancels it does."""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="confinement is for Linux")


@pytest.fixture(scope="module")
def loaded() -> LoadedExercise:
    return load_exercise_with_goldens(EXERCISE)


def within(test: Callable[[], Coroutine[Any, Any, None]], patience_s: float = 120.0) -> None:
    """Run a test's coroutine; one that hangs fails. A browser of other tests may have a loop in this thread."""
    with ThreadPoolExecutor(1) as another:
        another.submit(lambda: asyncio.run(asyncio.wait_for(test(), patience_s))).result()


# ------------------------------------------------------------------------------------- with graders that run nothing


class FakeGrader:
    """Obeys the source: ``break``, ``weak``, ``hang``; counts how many grade at once."""

    made = closed = running = most = 0
    lock = threading.Lock()

    @classmethod
    def of(cls, loaded: LoadedExercise, **options: object) -> FakeGrader:
        return cls(loaded)

    def __init__(self, loaded: LoadedExercise) -> None:
        self._loaded = loaded
        type(self).made += 1

    def prepare(self) -> list[str]:
        return ["a notice"]

    def grade(self, read: Any, *, cancellation: Cancellation) -> Report:
        with self.lock:
            FakeGrader.running += 1
            FakeGrader.most = max(FakeGrader.most, FakeGrader.running)
        try:
            return self._grade(read, cancellation)
        finally:
            with self.lock:
                FakeGrader.running -= 1

    def _grade(self, read: Any, cancellation: Cancellation) -> Report:
        if read.source == b"break":
            raise SandboxError("the zygote is gone")
        if read.source == b"weak":
            raise SandboxTooWeakError("no sandbox here")
        while read.source == b"hang":
            cancellation.check()
            time.sleep(0.001)
        time.sleep(0.001)
        return failed_report(self._loaded, self._loaded.exercise.limits, read, "only a fake")

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> type[FakeGrader]:
    fresh = type("FakeGrader", (FakeGrader,), {})
    FakeGrader.running = FakeGrader.most = 0
    monkeypatch.setattr(grader_pool, "Grader", fresh)
    return fresh


def test_a_pool_says_what_is_wrong_with_its_use(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    with pytest.raises(UsageError, match="at least 1, got 0"):
        GraderPool.of(loaded, jobs=0)
    with pytest.raises(UsageError, match="executor is a ThreadPoolExecutor, got str"):
        GraderPool.of(loaded, executor="dask")  # type: ignore[arg-type]

    async def test() -> None:
        pool = GraderPool.of(loaded, jobs=1)
        with pytest.raises(UsageError, match="inside of its 'async with' block"):
            await pool.grade(b"x")
        async with pool:
            assert pool.notices == ("a notice",)
            with pytest.raises(UsageError, match="takes several sources"):
                await anext(pool.grade_many("x = 1\n"))
            with pytest.raises(UsageError, match=r"gone\.py: no such file"):
                await pool.grade("gone.py")
            with pytest.raises(UsageError, match="entered once"):
                await pool.__aenter__()
        with pytest.raises(UsageError, match="inside of its 'async with' block"):
            await pool.grade(b"x")

    within(test)


def test_no_more_than_jobs_are_graded_at_once_and_graders_are_kept(
    loaded: LoadedExercise, fakes: type[FakeGrader]
) -> None:
    async def test() -> None:
        async with GraderPool.of(loaded, jobs=3) as pool:
            reports = await asyncio.gather(*(pool.grade(b"%d" % number) for number in range(60)))
        assert [report.source for report in reports] == [str(number) for number in range(60)]

    within(test)
    assert FakeGrader.most == fakes.made == fakes.closed == 3


def test_a_given_executor_has_the_threads_and_is_left_open(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    async def test() -> None:
        async with GraderPool.of(loaded, jobs=3, executor=executor) as pool:
            reports = await asyncio.gather(*(pool.grade(b"%d" % number) for number in range(60)))
        assert [report.source for report in reports] == [str(number) for number in range(60)]

    with ThreadPoolExecutor(2) as executor:
        within(test)
        assert executor.submit(lambda: 1).result() == 1
    assert FakeGrader.most == 2
    assert fakes.made == fakes.closed


def test_a_failure_of_the_judge_is_a_report_without_a_score_and_the_grader_is_renewed(
    loaded: LoadedExercise, fakes: type[FakeGrader]
) -> None:
    async def test() -> None:
        async with GraderPool.of(loaded, jobs=1) as pool:
            report = await pool.grade(b"break")
            assert report.verdict is Verdict.JUDGE_ERROR
            assert "the zygote is gone" in report.findings[0].message
            assert rewards(report) is None
            assert fakes.closed == 1
            assert (await pool.grade(b"fine")).source == "fine"
            assert fakes.made == 2

    within(test)


def test_what_every_submission_would_raise_is_raised(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    async def test() -> None:
        async with GraderPool.of(loaded, jobs=2) as pool:
            with pytest.raises(SandboxTooWeakError, match="no sandbox here"):
                await pool.grade(b"weak")
            with pytest.raises(SandboxTooWeakError):
                async for _ in pool.grade_many([b"hang", b"weak", b"hang"]):
                    pass
            assert FakeGrader.running == 0
            await pool.grade(b"fine")

    within(test)


@pytest.mark.parametrize("kind", ["iterable", "async iterable"])
def test_sources_are_taken_no_faster_than_they_are_graded(
    loaded: LoadedExercise, fakes: type[FakeGrader], kind: str
) -> None:
    taken = 0

    def sources() -> Iterator[bytes]:
        nonlocal taken
        for number in range(40):
            taken += 1
            yield b"%d" % number

    async def one_by_one() -> AsyncIterator[bytes]:
        for source in sources():
            await asyncio.sleep(0)
            yield source

    async def test() -> None:
        yielded: dict[int, str] = {}
        async with GraderPool.of(loaded, jobs=3) as pool:
            async for number, report in pool.grade_many(sources() if kind == "iterable" else one_by_one()):
                yielded[number] = report.source
                assert taken <= len(yielded) + 2, "those that were yielded, and one for each other job"
                await asyncio.sleep(0.002)
        assert yielded == {number: str(number) for number in range(40)}

    within(test)


def test_a_slow_source_does_not_hold_back_reports(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    async def test() -> None:
        seen = asyncio.Event()

        async def sources() -> AsyncIterator[bytes]:
            yield b"first"
            await seen.wait()
            yield b"second"

        numbers = []
        async with GraderPool.of(loaded, jobs=2) as pool:
            async for number, _ in pool.grade_many(sources()):
                numbers.append(number)
                seen.set()
        assert numbers == [0, 1]

    within(test)


def test_a_source_that_raises_ends_the_gradings_that_run(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    async def sources() -> AsyncIterator[bytes]:
        yield b"hang"
        raise RuntimeError("no more tokens")

    async def test() -> None:
        async with GraderPool.of(loaded, jobs=2) as pool:
            with pytest.raises(RuntimeError, match="no more tokens"):
                async for _ in pool.grade_many(sources()):
                    pass
            assert FakeGrader.running == 0

    within(test)


def test_a_task_that_waits_for_a_grader_is_cancelled_alone(loaded: LoadedExercise, fakes: type[FakeGrader]) -> None:
    async def test() -> None:
        async with GraderPool.of(loaded, jobs=1) as pool:
            first, second = (asyncio.create_task(pool.grade(source)) for source in (b"hang", b"never"))
            await asyncio.sleep(0.02)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            assert not first.done()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            assert FakeGrader.running == 0
            assert (await pool.grade(b"fine")).source == "fine"
            assert fakes.made == 1, "a cancelled grading breaks no grader"

    within(test)


def test_leaving_the_block_ends_those_that_grade_and_those_that_wait(
    loaded: LoadedExercise, fakes: type[FakeGrader]
) -> None:
    async def test() -> None:
        before = asyncio.all_tasks()
        async with GraderPool.of(loaded, jobs=2) as pool:
            tasks = [asyncio.create_task(pool.grade(b"hang")) for _ in range(7)]
            many = pool.grade_many([b"hang"] * 3)
            waiting = asyncio.ensure_future(anext(many))
            await asyncio.sleep(0.02)
        assert FakeGrader.running == 0
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {GradingCancelledError}
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert asyncio.all_tasks() == before

    threads = threading.active_count()
    within(test)
    assert threading.active_count() == threads
    assert fakes.made == fakes.closed == 2


def test_a_cancellation_while_entering_leaves_nothing(
    loaded: LoadedExercise, fakes: type[FakeGrader], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def prepare(self: FakeGrader) -> list[str]:
        begun.set()
        assert ended.wait(60)
        raise SandboxError("closed meanwhile")

    monkeypatch.setattr(fakes, "prepare", prepare)
    monkeypatch.setattr(fakes, "close", lambda self: ended.set())

    async def test() -> None:
        entering = asyncio.ensure_future(GraderPool.of(loaded, jobs=1).__aenter__())
        while not begun.is_set():
            await asyncio.sleep(0.001)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering

    within(test)


# ------------------------------------------------------------------------------------------- with the real sandbox


def descriptors() -> Counter[str]:
    """What this process has open, by kind: pipes and sockets have numbers of their own."""
    names = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            names.append(os.readlink(f"/proc/self/fd/{fd}").partition(":[")[0])
        except OSError:
            continue  # that of the listing itself
    return Counter(names)


def descendants() -> set[int]:
    """Processes below this one, by pid."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


class Left:
    """What is there before and must be all that is there after."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._before = self._now()

    def _now(self) -> tuple[Counter[str], set[int], int, list[str]]:
        gc.collect()  # gives back the user id that belongs to a sandbox
        return descriptors(), descendants(), threading.active_count(), sorted(os.listdir(self._temporary))

    def require_nothing_more(self) -> None:
        deadline = time.monotonic() + 30
        while self._now() != self._before and time.monotonic() < deadline:
            time.sleep(0.05)  # the system takes its time to reap
        assert self._now() == self._before


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Left:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Left(tmp_path)


def submissions() -> set[int]:
    return set(process_monitor.submission_processes())


async def until_one_runs() -> None:
    """Wait for a process that computes: those that only try the sandbox use next to no processor time."""
    while not any(cpu_s(pid) > 0.3 for pid in submissions()):
        await asyncio.sleep(0.01)


def cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


@linux
def test_a_cancelled_grading_is_killed_at_once_and_the_next_is_graded(
    loaded: LoadedExercise, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cold(pool: GraderPool, accept: str) -> Grader:
        """The warm lane has a limit of its own, of a few seconds."""
        return Grader.of(pool.loaded, limits=pool.limits, accept=accept, warm=Warm.NEVER)

    monkeypatch.setattr(GraderPool, "_make_grader", cold)

    async def test() -> None:
        async with GraderPool.of(loaded, jobs=1, limits=AUTHOR_LIMITS) as pool:
            endless = asyncio.create_task(pool.grade(ENDLESS))
            await until_one_runs()
            zygotes = descendants() - submissions()
            endless.cancel()
            with pytest.raises(asyncio.CancelledError):
                await endless
            assert not submissions()
            assert (await pool.grade(RIGHT)).accepted
            assert descendants() & zygotes, "what the next one needs is kept"
            last = asyncio.create_task(pool.grade(ENDLESS))
            await until_one_runs()
        with pytest.raises(GradingCancelledError):
            await last

    within(test)
    left.require_nothing_more()


def test_a_grading_that_was_cancelled_before_it_begins_starts_nothing(loaded: LoadedExercise) -> None:
    before = descendants()
    cancellation = Cancellation()
    cancellation.cancel()
    assert cancellation.cancelled
    with Grader.of(loaded) as grader, pytest.raises(GradingCancelledError, match="the grading was cancelled"):
        grader.grade(RIGHT, cancellation=cancellation)
    assert descendants() == before


@linux
@pytest.mark.long
def test_five_hundred_sources_from_fifty_tasks_leave_nothing(
    loaded: LoadedExercise, left: Left, tmp_path: Path
) -> None:
    """Most of them do not compile, which takes a process each all the same; some run, and some are cancelled."""
    verdicts: Counter[str] = Counter()

    def source(task: int, number: int) -> bytes:
        if number == 9 and task < 20:
            return RIGHT + b"# %d\n" % task
        return b"def solve(:\n# %d %d\n" % (task, number)

    async def test() -> None:
        async with GraderPool.of(loaded, jobs=2, limits=AUTHOR_LIMITS) as pool:

            async def one(task: int) -> None:
                for number in range(10):
                    report = await pool.grade(source(task, number))
                    verdicts[report.verdict] += 1
                if task % 10 == 0:
                    with pytest.raises(TimeoutError):
                        await asyncio.wait_for(pool.grade(ENDLESS + b"# %d\n" % task), 1.0)

            await asyncio.gather(*map(one, range(50)))

    within(test, 600)
    assert verdicts == {Verdict.ACCEPTED: 20, Verdict.INVALID_SUBMISSION: 480}
    left.require_nothing_more()


def test_a_leak_would_be_seen(left: Left, tmp_path: Path) -> None:
    (tmp_path / "left").touch()
    read, write = os.pipe()
    try:
        found = left._now()
        assert found[0]["pipe"] == left._before[0]["pipe"] + 2
        assert found[3] == ["left"]
        assert found[1] == left._before[1]
    finally:
        os.close(read)
        os.close(write)
