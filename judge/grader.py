"""The Python API: a Grader keeps its exercise and its sandbox between calls."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from judge import exercise as exercises
from judge.bounded.client import server_of
from judge.bounded.grading import observe_and_report, python_of
from judge.closing import Closing
from judge.exercise.packs.packaged import open_nearest
from judge.exercise.packs.unpack import blamed_on_pack
from judge.grade import LoadedExercise, OnStage
from judge.model import ExerciseError, Limits, Outcome, Report, Submission, UsageError, Verdict
from judge.observed import report_unusable
from judge.retry import OnRetry, ignore, persist
from judge.sandbox import Cancellation, Sandbox, Warm, ZygoteProcess
from judge.sandbox.tried import notice_of
from judge.sandbox.versions import installed
from judge.solutions.reproduce import other_versions, require_reproduced
from judge.solutions.small_case import small_public_case
from judge.submission import Unusable, is_notebook, read_submission, submission_of

ACCEPTABLE = ("strong", "good", "weak", "none")
"""Isolation levels that can be asked for."""


class Grader(Closing):
    """Grades submissions of one exercise, each in a fresh confined process.

    >>> with Grader(exercise=".") as grader:                     # doctest: +SKIP
    ...     report = grader.grade("submissions/alice.py")
    ...     print(report.verdict, report.points)

    Use from one thread at a time; several graders run side by side.
    """

    def __init__(
        self,
        exercise: str | os.PathLike[str] = ".",
        *,
        limits: Limits | None = None,
        accept: str = "good",
        warm: Warm = Warm.SECOND,
    ) -> None:
        """Load the exercise at or above the folder ``exercise``, or a pack in a file, with its cases and goldens.

        ``limits`` defaults to those of the exercise; ``accept`` is the weakest isolation level to run under
        (``strong``, ``good``, ``weak`` or ``none``); ``warm`` is the submission from which on the warm lane is used.
        Raises ExerciseError (with file and line), StaleGoldensError or UsageError.
        """
        self._start(load_exercise_with_goldens(Path(exercise)), limits, accept, warm)

    @classmethod
    def of(
        cls,
        loaded: LoadedExercise,
        *,
        limits: Limits | None = None,
        accept: str = "good",
        warm: Warm = Warm.SECOND,
        launched: ZygoteProcess | None = None,
        affinity: Sequence[int] | None = None,
    ) -> Grader:
        """Create a grader from an already loaded exercise and, optionally, an already started zygote process.

        ``affinity`` names the processors that submissions may use (default: one of those that the judge may use).
        """
        grader = cls.__new__(cls)
        grader._start(loaded, limits, accept, warm, launched, affinity)
        return grader

    def _start(
        self,
        loaded: LoadedExercise,
        limits: Limits | None,
        accept: str,
        warm: Warm,
        launched: ZygoteProcess | None = None,
        affinity: Sequence[int] | None = None,
    ) -> None:
        if accept not in ACCEPTABLE:
            raise UsageError(f"accept is one of {', '.join(ACCEPTABLE)}, got {accept!r:.40}")
        self.loaded = loaded
        self._closings = 0
        self.limits = limits or loaded.exercise.limits
        self._sandbox = Sandbox(
            self.limits,
            accept=accept,
            affinity=affinity,
            secrets=() if loaded.exercise.public else (loaded.exercise.root,),
            programs=loaded.programs,
            warm=warm,
            launched=launched,
        )

    def close(self) -> None:
        """End the sandbox's processes; may be called from another thread. A later call of `grade` starts new ones."""
        self._closings += 1
        self._renew()

    def _renew(self) -> None:
        self._sandbox.close()
        server_of(self.loaded).leave(self)

    def prepare(self, on_progress: Callable[[int, int], None] = lambda done, of: None) -> list[str]:
        """Build the compiled programs that are still missing; otherwise a submission waits for that, as ``warm`` says.

        Takes about a minute, once for each machine and version, and then halves the time of a grading;
        ``on_progress(done, total)`` is called as it proceeds. Returns and raises what `notices` does.
        """
        self._sandbox.prepare(on_progress)
        return self.notices()

    def notices(self) -> list[str]:
        """Return what users should know about this machine, one sentence each.

        That is about compiled programs that cannot be used or stored, about versions that were not tried, and about
        goldens that were recorded with other versions: the reference must reproduce them here. Raises the same errors
        about goldens as `grade`.
        """
        programs = self.loaded.programs
        if programs.plan.sources:
            programs.known(self._sandbox)  # looks for them, and finds out what is wrong with the cache folder
        elsewhere = require_reproduced(self.loaded, self._sandbox) if other_versions(self.loaded) else ""
        notices = (programs.notice, elsewhere, notice_of(installed()))
        return [notice for notice in notices if notice]

    def grade(
        self,
        submission: str | os.PathLike[str] | bytes | Submission | Unusable,
        *,
        counterexample_s: float = 0.0,
        on_retry: OnRetry = ignore,
        cancellation: Cancellation | None = None,
        on_stage: OnStage = lambda stage: None,
    ) -> Report:
        """Grade a submission: a path, source as bytes, or source as text that contains a line break.

        A path that ends in ``.ipynb`` is a notebook, and the Python in it is graded; so is a submission of such a path.
        The result of `read_submission` is taken as it is, so that the bytes that were read are those graded. With
        ``counterexample_s`` above 0, a small input on which a wrong answer shows is in the report: a small public case,
        or else what a search finds in at most so many seconds, and only while it improves. When the judge fails it
        tries again, in a fresh sandbox and after growing pauses (`judge.retry`); ``on_retry(reason)`` is called before
        each, and ``on_stage(stage)`` with what is being done, such as ``case 3 of 20``. Once ``cancellation.cancel()``
        is called in another thread, the submission's process is killed.

        Raises UsageError when there is no such file, SandboxError when it cannot be run safely, GradingCancelledError.
        Anything wrong with the submission itself is in the report.
        """
        read = read_source(submission, self.limits)
        closings, cancellation = self._closings, cancellation or Cancellation()
        cancellation.check()
        with self._sandbox.cancelled_by(cancellation):
            return persist(
                lambda: self._grade(read, counterexample_s, on_stage),
                renew=self._renew,
                on_retry=on_retry,
                stopped=lambda: self._closings != closings or cancellation.cancelled,
            )

    def _grade(self, read: Submission | Unusable, counterexample_s: float, on_stage: OnStage) -> Report:
        if isinstance(read, Submission):
            server_of(self.loaded).begin(self)  # starts in parallel with the sandbox and the submission
            if is_notebook(read.path) and read.notebook is None:
                read = python_of(self.loaded, read, self.limits)
        if isinstance(read, Unusable):
            return report_unusable(self.loaded, read, self._sandbox.isolation, self.limits)
        require_reproduced(self.loaded, self._sandbox)
        report, _ = observe_and_report(self.loaded, read, self._sandbox, self.limits, on_stage)
        if counterexample_s <= 0 or not _has_wrong_number(report):
            return report
        if small := small_public_case(self.loaded.cases, report.checks):
            return replace(report, counterexample=small)
        if self.loaded.exercise.public:
            return report
        from judge.solutions.fuzz import counterexample

        on_stage("looking for a small input")
        found = counterexample(
            self.loaded.exercise, self._sandbox, read.source, counterexample_s, self.limits
        )
        return replace(report, counterexample=found)

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and flags of the environment where submissions run."""
        return self._sandbox.environment


def read_source(
    source: str | os.PathLike[str] | bytes | Submission | Unusable, limits: Limits
) -> Submission | Unusable:
    """Return what `Grader.grade` takes as it is read. Raises UsageError when there is no such file."""
    if isinstance(source, Submission | Unusable):
        return source
    if isinstance(source, bytes) or (isinstance(source, str) and "\n" in source):
        return submission_of(source)
    return read_submission(source, limits)


def _has_wrong_number(report: Report) -> bool:
    """Return whether an input can show more than the cases do; where only the form is wrong none can."""
    return report.verdict is Verdict.WRONG_ANSWER and any(
        check.difference is not None or not all(map(math.isfinite, check.got or ()))
        for check in report.checks
        if check.outcome is Outcome.FAILED
    )


def load_exercise_with_goldens(start: Path, *, or_packaged: bool = False) -> LoadedExercise:
    """Load the exercise at or above the folder ``start``, or the pack in this file, with all that grading needs.

    With ``or_packaged`` it may be the one that comes with judge, as `judge.exercise.packs.packaged` says.
    """
    if not start.exists():
        raise UsageError(f"{start}: no such folder or pack")
    exercise = open_nearest(start, or_packaged=or_packaged)
    try:
        cases = exercises.load_cases(exercise)
        goldens = exercises.load_goldens(exercise, cases)
        return LoadedExercise(exercise, cases, goldens, exercises.load_misconceptions(exercise))
    except ExerciseError as error:
        raise blamed_on_pack(start, exercise.root, error) from None
