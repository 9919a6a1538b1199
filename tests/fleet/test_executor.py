"""The client's side, with workers in this process and graders that run nothing."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, get_worker
from fleet_fakes import ObedientGrader, assignment, failed, obedient, sources, workers_in_this_process

from judge.batch.pool import Done, Noted, Retried
from judge.fleet import executor, station
from judge.fleet.executor import DaskExecutor, Fleet
from judge.fleet.handshake import versions_here
from judge.fleet.station import Station
from judge.model import JudgeError, Submission, Verdict


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """Two workers that no test retires, with three threads."""
    with workers_in_this_process(1, 2) as client:
        yield client


@pytest.fixture(autouse=True)
def _obedient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Station, "_new_grader", obedient)
    monkeypatch.setattr(station.Processors, "claimed", _each_thread_has_its_own)


def _each_thread_has_its_own(self: object, preferred: object = ()) -> Any:
    import contextlib

    return contextlib.nullcontext((threading.get_ident(),))


def executor_on(client: Client) -> DaskExecutor[Submission]:
    return DaskExecutor(lambda: Fleet(client, assignment()), lambda job: job, failed)


def run(client: Client, jobs: Sequence[Submission]) -> tuple[dict[str, Done[Submission]], list[object]]:
    """What was done, by name, and the other events."""
    events = list(executor_on(client).run(jobs))
    done = [event for event in events if isinstance(event, Done)]
    assert len({event.job.path for event in done}) == len(done)
    return {event.job.path: event for event in done}, [event for event in events if event not in done]


def test_every_job_is_done_once_with_its_own_report(shared: Client) -> None:
    jobs = sources(*["accepted", "wrong-answer", "pitfall", "violation"] * 10)
    done, others = run(shared, jobs)
    assert others == []
    assert {path: event.report.verdict.value for path, event in done.items()} == {
        job.path: job.source.decode().split()[0] for job in jobs
    }
    assert all(event.report.sha256 == event.job.sha256 for event in done.values())


def test_nothing_to_do_opens_no_fleet() -> None:
    idle: DaskExecutor[Submission] = DaskExecutor(lambda: pytest.fail("opened"), lambda job: job, failed)
    assert list(idle.run([])) == []


def test_at_most_twice_as_many_as_threads_are_out(shared: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    submit = DaskExecutor._submit

    def counted(self: DaskExecutor[Submission], job: Submission, *, alone: bool) -> None:
        nonlocal most
        submit(self, job, alone=alone)
        most = max(most, len(self._out))

    monkeypatch.setattr(DaskExecutor, "_submit", counted)
    done, _ = run(shared, sources(*["accepted"] * 30))
    assert len(done) == 30
    assert most == 2 * 3


def test_a_retry_is_told_and_a_bug_is_one_judge_error_by_name(shared: Client) -> None:
    jobs = sources("accepted", "retry", "bug", "pitfall")
    done, others = run(shared, jobs)
    assert others == [Retried(jobs[1], "the zygote is gone")]
    verdicts = [done[job.path].report.verdict for job in jobs]
    assert verdicts == [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.JUDGE_ERROR, Verdict.PITFALL]
    assert done[jobs[2].path].report.findings[0].message == "division by zero"


def test_an_answer_is_text_alone(shared: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = []
    events = DaskExecutor._events

    def seen(self: DaskExecutor[Submission], sent: Any, outcome: Any) -> Any:
        answers.append(outcome)
        return events(self, sent, outcome)

    monkeypatch.setattr(DaskExecutor, "_events", seen)
    run(shared, sources("accepted", "bug", "retry"))
    assert len(answers) == 3
    for answer in answers:
        assert type(answer) is dict
        assert {type(value) for item in answer.items() for value in item} == {str}


def test_the_exercise_is_private_on_a_worker_and_removed_at_the_end(shared: Client) -> None:
    folders: list[Path] = []
    graders: list[ObedientGrader] = []

    def look(here: Station, affinity: tuple[int, ...]) -> ObedientGrader:
        grader = obedient(here, affinity)
        assert here._folder is not None
        folders.append(here._folder)
        assert stat.S_IMODE(here._folder.stat().st_mode) == 0o700
        assert here._folder.stat().st_uid == os.getuid()
        graders.append(grader)
        return grader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Station, "_new_grader", look)
        run(shared, sources(*["sleep 0.05"] * 12))
    assert len(set(folders)) == 2
    assert not any(folder.exists() for folder in folders)
    assert all(grader.closed for grader in graders)


def test_an_interrupt_ends_what_runs(shared: Client) -> None:
    jobs = executor_on(shared)
    timer = threading.Timer(1.0, jobs.interrupt)
    timer.start()
    begun = time.monotonic()
    events = list(jobs.run(sources("accepted", *["hang"] * 8)))
    assert jobs.interrupted
    assert [event.report.verdict for event in events if isinstance(event, Done)] in ([Verdict.ACCEPTED], [])
    assert time.monotonic() - begun < 30
    assert run(shared, sources("accepted"))[0].keys() == {"s000.py"}  # the threads are free again


def version_of_w0(dask_worker: Any = None) -> dict[str, str]:
    worker = dask_worker or get_worker()
    return {**versions_here(), **({"jax": "0.0.1"} if worker.name == "w0" else {})}


@pytest.mark.parametrize("where", [station, executor], ids=["with its first task", "at the start"])
def test_a_worker_of_another_version_is_retired_by_name(where: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, "versions_here", version_of_w0)
    with workers_in_this_process(1, 1) as client:
        done, others = run(client, sources(*["accepted"] * 8))
        assert len(done) == 8
        notes = [event.text for event in others if isinstance(event, Noted)]
        assert len(notes) == len(others) == 1
        wanted = versions_here()["jax"]
        assert notes[0].endswith(f"is retired: it has jax 0.0.1, not {wanted}")
        assert "worker w0 (inproc://" in notes[0] or where is executor
        assert len(client.nthreads()) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("weak", "no sandbox here"),
        ("foreign", "its report is on another exercise, or with other limits"),
    ],
)
def test_when_the_last_worker_is_retired_the_run_ends(words: str, reason: str) -> None:
    with workers_in_this_process(1) as client:
        events: list[object] = []
        with pytest.raises(JudgeError, match=r"^no worker is left: 1 worker had to be retired$"):
            events.extend(executor_on(client).run(sources(words, words)))
        assert [event.text.partition(" is retired: ")[2] for event in events] == [reason]  # type: ignore[union-attr]


def test_a_worker_with_an_altered_exercise_is_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = Station.setup

    def damaged(self: Station, worker: Any) -> None:
        setup(self, worker)
        if worker.name == "w0":
            object.__setattr__(self._assignment, "archive", b"x" + self._assignment.archive[1:])

    monkeypatch.setattr(Station, "setup", damaged)
    with workers_in_this_process(1, 1) as client:
        done, others = run(client, sources(*["accepted"] * 6))
    assert len(done) == 6
    (note,) = others
    assert isinstance(note, Noted)
    assert note.text.startswith("worker w0 (inproc://")
    assert "is retired: its archive of the exercise has the digest" in note.text


def test_a_scheduler_that_goes_is_the_judges_error() -> None:
    with workers_in_this_process(1) as client:
        events = executor_on(client).run(sources(*["sleep 0.2"] * 50))
        next(events)
        client.close()
        with pytest.raises(JudgeError, match=r": the scheduler is gone; the same command goes on from here$"):
            list(events)


def test_without_any_worker_it_waits_for_one_and_then_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "WAIT_S", 1.0)
    monkeypatch.setattr(executor, "LOOK_S", 0.1)
    with workers_in_this_process() as client:
        events: list[object] = []
        with pytest.raises(JudgeError, match=r" had no worker for 1 s$"):
            events.extend(executor_on(client).run(sources("accepted")))
        (note,) = events
        assert note.text.endswith("has no worker; waiting for one, 1 s at most")  # type: ignore[union-attr]
