"""A worker's side: holds the exercise and the graders, and grades one submission after another in each thread."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker

from judge.batch.pool import GraderLike, Read
from judge.fleet.assignment import Assignment
from judge.fleet.handshake import difference, versions_here
from judge.fleet.processors import Processors
from judge.grade import LoadedExercise
from judge.grader import Grader
from judge.model import JudgeError
from judge.reports.formats import json as json_format
from judge.retry import FATAL_ERRORS, in_words

Affinity = tuple[int, ...]


class Station(WorkerPlugin):
    """Sent to every worker under a name of its own; the exercise is unpacked there when the first submission comes.

    The graders of a worker share the exercise, and with it the compiled programs and the warm zygote.
    """

    def __init__(self, name: str, assignment: Assignment) -> None:
        self.name, self._assignment = name, assignment

    def setup(self, worker: Worker) -> None:
        """Called by Dask in the worker, also in one that comes later."""
        self._place = Path(worker.local_directory)
        self._folder: Path | None = None
        self._loaded: LoadedExercise | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._idle: dict[Affinity, list[GraderLike]] = {}
        self._graders: set[GraderLike] = set()
        self._processors = Processors()

    @cached_property
    def versions(self) -> dict[str, str]:
        """This worker's versions, found once: to look for them takes a tenth of the time of a small grading."""
        return versions_here()

    def teardown(self, worker: Worker) -> None:
        """Called by Dask: end what runs, and remove the exercise."""
        with self._lock:
            self._closed = True
            graders, self._graders = self._graders, set()
        for grader in graders:
            with contextlib.suppress(Exception):
                grader.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def grade(self, read: Read) -> dict[str, str]:
        """Return the answer to the client: its ``report``, why the judge ``failed``, or how this worker ``differs``."""
        retries: list[str] = []
        try:
            with self._checked_out() as grader:
                report = grader.grade(read, on_retry=retries.append)
            answer = {"report": json_format.render(report)}
        except FATAL_ERRORS as error:  # here, as the client has found nothing wrong with the exercise
            answer = {"differs": in_words(error)}
        except Exception as error:
            answer = {"failed": in_words(error)}
        return {**answer, "retries": json.dumps(retries)}

    @contextlib.contextmanager
    def _checked_out(self) -> Iterator[GraderLike]:
        """Yield a grader whose processor is this submission's alone; after an error it is not used again."""
        idle = [cpu for affinity, graders in self._idle.copy().items() if graders for cpu in affinity]
        with self._processors.claimed(idle) as affinity:
            grader = self._take(affinity)
            try:
                yield grader
            except BaseException:
                with self._lock:
                    self._graders.discard(grader)
                grader.close()
                raise
            with self._lock:
                self._idle.setdefault(affinity, []).append(grader)

    def _take(self, affinity: Affinity) -> GraderLike:
        with self._lock:
            if self._closed:
                raise JudgeError("the batch has ended")
            graders = self._idle.setdefault(affinity, [])
            if graders:
                return graders.pop()
            grader = self._new_grader(affinity)
            self._graders.add(grader)
            return grader

    def _new_grader(self, affinity: Affinity) -> GraderLike:
        task = self._assignment
        return Grader.of(
            self._opened(), limits=task.limits, accept=task.accept, warm=task.warm, affinity=affinity
        )

    def _opened(self) -> LoadedExercise:
        if self._loaded is None:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="judge-exercise-", dir=self._place))  # mode 0700
            try:
                self._loaded = self._assignment.unpacked_in(self._folder)
            except BaseException:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
                raise
        return self._loaded


def grade(station: str, versions: dict[str, str], read: Read) -> dict[str, str]:
    """The task: grade on whichever worker it is, unless its versions differ. The answer is text alone."""
    worker = get_worker()
    who = {"worker": worker.address, "name": str(worker.name)}
    plugin = worker.plugins.get(station)
    if not isinstance(plugin, Station):
        return {**who, "differs": difference(versions, versions_here()) or "it did not get the exercise"}
    differs = difference(versions, plugin.versions)
    return {**who, "differs": differs} if differs else {**who, **plugin.grade(read)}
