"""Graders that run nothing, for workers in this process and, as a preload of Dask's, in processes of their own.

They obey words in the source, as those of `batch_fakes` do; ``kill`` takes the whole worker process with it.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
from distributed import Client, LocalCluster, Security
from support.batch_fakes import report_on

from judge.exercise.definition import load_exercise
from judge.fleet.assignment import Assignment
from judge.fleet.station import Affinity, Station
from judge.model import Report, SandboxTooWeakError, Submission, Verdict
from judge.retry import ignore
from judge.sandbox import Warm
from judge.submission import Unusable, submission_of

ROOT = Path(__file__).parents[2]
EXERCISE = ROOT / "tests/exercises/optax_sgd_step"


class ObedientGrader:
    def __init__(self, station: Station, affinity: Affinity) -> None:
        self.task, self.affinity = station._assignment, affinity
        self.closed = False

    def grade(self, read: Submission | Unusable, /, *, on_retry: Callable[[str], None] = ignore) -> Report:
        words = read.source.decode().split() if isinstance(read, Submission) else []
        if "kill" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "sleep" in words:
            time.sleep(float(words[words.index("sleep") + 1]))
        if "hang" in words:
            while not self.closed:
                time.sleep(0.01)
        if "retry" in words:
            on_retry("the zygote is gone")
        if "bug" in words:
            raise ZeroDivisionError("division by zero")
        if "weak" in words:
            raise SandboxTooWeakError("no sandbox here")
        verdict = next((verdict for verdict in Verdict if verdict in words), Verdict.ACCEPTED)
        report = report_on(read, verdict)
        report = replace(report, exercise_digest=self.task.exercise_digest, limits=self.task.limits)
        return replace(report, exercise_digest="0" * 64) if "foreign" in words else report

    def close(self) -> None:
        self.closed = True


def obedient(station: Station, affinity: Affinity) -> ObedientGrader:
    station._opened()
    return ObedientGrader(station, affinity)


def dask_setup(worker: Any) -> None:
    """Called by Dask in a worker process."""
    Station._new_grader = obedient  # type: ignore[method-assign, assignment]


def assignment() -> Assignment:
    exercise = load_exercise(EXERCISE)
    return Assignment.of(exercise, exercise.limits, "good", Warm.NEVER)


def sources(*texts: str) -> list[Submission]:
    """A submission for each text; a number makes equal ones distinct."""
    return [submission_of(f"{text} # {n}".encode(), f"s{n:03}.py") for n, text in enumerate(texts)]


def failed(read: Submission | Unusable, reason: str) -> Report:
    report = report_on(read, Verdict.JUDGE_ERROR)
    return replace(report, findings=(replace(report.findings[0], code="judge-error", message=reason),))


@contextmanager
def workers_in_this_process(*threads: int) -> Iterator[Client]:
    """A scheduler, and a worker with each number of threads, in the threads of this process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        dask.config.set({"temporary-directory": folder}),
        LocalCluster(
            n_workers=0, processes=False, dashboard_address=None, protocol="inproc", security=Security(),
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        for count in threads:
            cluster.worker_spec[f"w{len(cluster.worker_spec)}"] = {
                "cls": cluster.new_spec["cls"],
                "options": {**cluster.new_spec["options"], "nthreads": count, "memory_limit": 0},
            }
        cluster.sync(cluster._correct_state)
        client.wait_for_workers(len(threads), timeout=30) if threads else None
        yield client


def essence(report: Report) -> str:
    """Of a report what does not depend on time."""
    document = json.loads(json.dumps({"verdict": report.verdict, "path": report.path, "sha": report.sha256}))
    return json.dumps(document, sort_keys=True)
