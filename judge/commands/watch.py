"""``judge watch FILE``: grades again on every save, with one grader that stays warm.

Theory of operation.  The main thread polls the file's size, times and inode many times a second and reads the file
when they have changed and then stayed the same: an editor may truncate and write, or write elsewhere and rename, and
no intermediate state is what the learner meant.  Grading runs in a thread of its own.  When the file changes during
a grading that does not end soon, that grading is killed: it may be the endless loop that the learner has just fixed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from judge.batch.pool import GraderLike, Read
from judge.commands.exit_status import INTERRUPTED
from judge.commands.options import Parser, accept_from, add_exercise, add_isolation, add_plain, parser_for
from judge.model import Limits, Report, UsageError
from judge.reports.escape import visible
from judge.reports.phrases import VERDICT_WORDS, number
from judge.retry import FATAL_ERRORS
from judge.submission import Unusable, read_submission

POLL_S = 0.03
SETTLED_S = 0.06
"""Seconds without a change before a file is read."""
SECOND_LOOK_S = 2.5
"""Seconds until the bytes are read again: on file systems with times in whole seconds two saves can look alike."""
PATIENCE_S = 1.0
"""Seconds that a grading of an older version may continue once there is a newer one."""


class WatchedFile:
    """Detects when a file holds different bytes. ``path`` is read without following a link."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self._limits = path, limits
        self._signature: tuple[int, ...] | None = None
        self._look_at: list[float] = []
        self._seen: object = None
        self.missing = False

    def poll(self, now_s: float) -> Read | None:
        """Return the file's content, once for each new content; None while nothing is new. Call it often."""
        signature = _signature(self.path)
        self.missing = signature is None
        if signature != self._signature:
            first = self._signature is None and self._seen is None
            self._signature = signature
            self._look_at = [now_s + (0.0 if first else SETTLED_S), now_s + SECOND_LOOK_S]
        if signature is None or not self._look_at or now_s < self._look_at[0]:
            return None
        del self._look_at[0]
        try:
            read = read_submission(self.path, self._limits)
        except UsageError:  # removed since the last line
            return None
        content = read if isinstance(read, Unusable) else read.sha256
        if content == self._seen:
            return None
        self._seen = content
        return read


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
        status.st_ino,
        status.st_dev,
        status.st_mode,
    )


class Worker:
    """A thread with a grader, for one submission at a time; ``abandon`` kills the current one."""

    def __init__(self, make_grader: Callable[[], GraderLike]) -> None:
        self._make_grader = make_grader
        self._grader: GraderLike | None = None
        self._inbox: SimpleQueue[Read | None] = SimpleQueue()
        self._outbox: SimpleQueue[Report | Exception] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)
        self._abandoned = False
        self._thread.start()

    def begin(self, read: Read) -> None:
        self._inbox.put(read)

    def result(self) -> Report | Exception | None:
        """The report or error of the submission; None while it is being graded."""
        try:
            return self._outbox.get_nowait()
        except Empty:
            return None

    def abandon(self) -> None:
        """Kill it; its result is ignored."""
        self._abandoned = True
        self._inbox.put(None)
        if self._grader is not None:
            with contextlib.suppress(Exception):
                self._grader.close()

    def _work(self) -> None:
        try:
            while (read := self._inbox.get()) is not None and not self._abandoned:
                try:
                    if self._grader is None:
                        self._grader = self._make_grader()
                    if not self._abandoned:
                        self._outbox.put(self._grader.grade(read))
                except Exception as error:
                    self._outbox.put(error)
        finally:
            if self._grader is not None:
                with contextlib.suppress(Exception):
                    self._grader.close()


class Watch:
    """The loop: poll, grade, show. ``on_begin`` is called when a grading begins, ``on_report`` with its result.

    ``on_missing`` is called once when the file is gone, ``on_error`` on a failure of the judge, after which the loop
    continues.
    """

    def __init__(
        self,
        file: WatchedFile,
        make_grader: Callable[[], GraderLike],
        *,
        on_report: Callable[[Report, float], None],
        on_begin: Callable[[], None] = lambda: None,
        on_missing: Callable[[], None] = lambda: None,
        on_error: Callable[[Exception], None] = lambda error: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file, self._make_grader, self._clock = file, make_grader, clock
        self._on_report, self._on_begin = on_report, on_begin
        self._on_missing, self._on_error = on_missing, on_error
        self._worker: Worker | None = None
        self._began_s: float | None = None
        """When the running grading began; None when none is running."""
        self._next: Read | None = None
        self._next_since_s = 0.0
        self._told_missing = False

    def turn(self) -> None:
        """Check the file and the grading once. Raises errors that make continuing pointless."""
        now_s = self._clock()
        read = self._file.poll(now_s)
        if self._file.missing and not self._told_missing:
            self._on_missing()
        self._told_missing = self._file.missing
        if read is not None:
            self._next, self._next_since_s = read, now_s
        if self._began_s is not None:
            self._listen(now_s)
        if self._began_s is None and self._next is not None:
            self._begin(self._next)

    def close(self) -> None:
        """Kill what is running."""
        if self._worker is not None:
            self._worker.abandon()
            self._worker = None
        self._began_s = None

    def _begin(self, read: Read) -> None:
        self._worker = self._worker or Worker(self._make_grader)
        self._next, self._began_s = None, self._clock()
        self._on_begin()
        self._worker.begin(read)

    def _listen(self, now_s: float) -> None:
        assert self._worker is not None
        assert self._began_s is not None
        result = self._worker.result()
        outdated = self._next is not None
        if result is None:
            if outdated and now_s - self._next_since_s > PATIENCE_S:
                self.close()
            return
        took_s = now_s - self._began_s
        self._began_s = None
        if isinstance(result, FATAL_ERRORS):
            raise result
        if isinstance(result, Exception):
            self.close()
            self._on_error(result)
        elif not outdated:
            self._on_report(result, took_s)


class Screen:
    """The learner's view: the report on the last save, how long it took, and how the verdict changed."""

    def __init__(self, path: Path, *, plain: bool) -> None:
        self._path, self._plain = path, plain
        self._before: Report | None = None

    def begin(self) -> None:
        self._say(f"{_time_of_day()}  grading {self._path}")

    def report(self, report: Report, took_s: float) -> None:
        from judge.commands.output import show

        if not self._plain:
            from rich.console import Console

            Console(file=sys.stdout).clear()  # clears on a terminal only
        show([report], "text", plain=self._plain)
        before, word = self._before, VERDICT_WORDS[report.verdict].lower()
        moved = before is not None and before.verdict is not report.verdict
        change = f"{VERDICT_WORDS[before.verdict].lower()} -> " if before is not None and moved else ""
        self._say(f"{_time_of_day()}  {change}{word} after {number(took_s, 2)} s; watching, Ctrl-C ends")
        self._before = report

    def missing(self) -> None:
        self._say(f"{_time_of_day()}  {self._path} is gone; waiting for it to come back")

    def error(self, error: Exception) -> None:
        self._say(f"judge: error: {error or type(error).__name__}; the next save is tried again")

    def _say(self, text: str) -> None:
        sys.stdout.write(visible(text) + "\n")
        sys.stdout.flush()


def _time_of_day() -> str:
    return time.strftime("%H:%M:%S")


def parser() -> Parser:
    """The arguments of ``judge watch``."""
    parser = parser_for(
        "judge watch FILE",
        "Grade a file, and again on every save, until Ctrl-C.",
        "exit status: 130 after Ctrl-C, 2 usage, 3 judge error",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the submission that you are writing")
    add_plain(parser)
    add_exercise(parser)
    add_isolation(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Watch ``options.file`` until interrupted. Exit status 130."""
    from judge.exercise.packs.packaged import in_an_exercise
    from judge.grader import Grader, load_exercise_with_goldens
    from judge.progress import compiling, notify
    from judge.sandbox import Warm

    path: Path = options.file
    _check(path)
    loaded = load_exercise_with_goldens(options.exercise, or_packaged=not in_an_exercise(path))
    loaded.programs.say = lambda line: notify([line])
    accept = accept_from(options, own_practice=loaded.exercise.public)
    with Grader.of(loaded, accept=accept, warm=Warm.NEVER) as grader, compiling() as on_progress:
        notices = grader.prepare(on_progress)
    notify(notices)
    return watch_file(
        path, loaded.exercise.limits, lambda: Grader.of(loaded, accept=accept), plain=options.plain
    )


def watch_file(
    path: Path, limits: Limits, make_grader: Callable[[], GraderLike], *, plain: bool = False
) -> int:
    """Watch a file, with graders from ``make_grader``, until interrupted."""
    screen = Screen(path, plain=plain)
    loop = Watch(
        WatchedFile(path, limits),
        make_grader,
        on_report=screen.report,
        on_begin=screen.begin,
        on_missing=screen.missing,
        on_error=screen.error,
    )
    try:
        while True:
            loop.turn()
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        loop.close()


def _check(path: Path) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be looked at').lower()}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path}: is a folder; judge watch takes one file")
