"""A batch with graders that run nothing: scheduling, retries, identical files, resuming, interruption."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from support.batch_fakes import (
    EXERCISE,
    LIMITS,
    FakeGrader,
    Notes,
    Tracks,
    conditions,
    distinct,
    failed,
    settings,
    write,
)

from judge import retry
from judge.batch import pool
from judge.batch.batch import UNKNOWN, Batch
from judge.batch.pool import RenewedGrader
from judge.batch.results_folder import ResultsFolder
from judge.batch.resume import Conditions
from judge.batch.spool import ReportSpool
from judge.batch.summary import summary_csv, summary_json
from judge.model import GradingCancelledError, Limits, Report, SandboxTooWeakError, UsageError, Verdict
from judge.submission import submission_of
from judge.submissions.collect import collect


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(
    tracks: Tracks | None = None,
    *,
    folder: str | None = None,
    kept: Conditions | None = None,
    jobs: int = 2,
    shelf: ReportSpool | None = None,
    on_report: Callable[[Report], None] = lambda report: None,
    redact: Callable[[Report], Report] = lambda report: report,
) -> tuple[Batch, Notes]:
    """Grade ./class."""
    notes = Notes()
    chosen = replace(settings(tracks or Tracks(), jobs), redact=redact)
    entries = collect([Path("class")])
    if folder is None:
        batch = Batch(entries, chosen, notes, None, kept, shelf, on_report)
        batch.run()
        return batch, notes
    with ResultsFolder(Path(folder)) as results:
        batch = Batch(entries, chosen, notes, results, kept, shelf, on_report)
        batch.run()
    return batch, notes


def verdicts(batch: Batch) -> dict[str, str]:
    return {row.entry.key.removeprefix("class/"): row.report.verdict.value for row in batch.rows}


def test_every_file_gets_its_own_verdict_in_the_order_of_the_names(here: Path) -> None:
    words = ["accepted", "wrong-answer", "pitfall", "time-limit", "violation"] * 4
    write(here / "class", {f"s{n:02}.py": f"{word} # {n}" for n, word in enumerate(words)})
    batch, notes = run(jobs=3)
    assert list(verdicts(batch).values()) == words
    assert list(verdicts(batch)) == [f"s{n:02}.py" for n in range(20)]
    assert notes.plan == (20, 0)
    assert len(notes.rows) == 20


def test_each_worker_has_one_grader_and_closes_it(here: Path) -> None:
    write(here / "class", distinct((f"s{n}.py" for n in range(12)), "sleep 0.02 accepted"))
    tracks = Tracks()
    run(tracks, jobs=3)
    assert (tracks.made, tracks.closed) == (3, 3)
    assert len(tracks.threads) == 3


def test_no_more_workers_are_started_than_there_are_jobs(here: Path) -> None:
    write(here / "class", distinct(["a.py", "b.py"]))
    tracks = Tracks()
    run(tracks, jobs=64)
    assert tracks.made <= 2


def test_a_hanging_submission_does_not_hold_up_the_others(here: Path) -> None:
    files = {"a-hang.py": "sleep 1.0 time-limit"} | distinct(f"s{n}.py" for n in range(20))
    write(here / "class", files)
    batch, notes = run(jobs=2)
    assert notes.rows[-1].entry.key == "class/a-hang.py"
    assert verdicts(batch)["a-hang.py"] == "time-limit"


# ------------------------------------------------------------------------------------------- the judge's own errors


@pytest.mark.parametrize("word", ["break-once", "break", "fail", "bug"])
def test_a_judge_error_is_tried_again_in_fresh_sandboxes_and_the_batch_goes_on(here: Path, word: str) -> None:
    write(here / "class", {"a.py": word, "b.py": "accepted", "c.py": "wrong-answer"})
    tracks = Tracks()
    batch, notes = run(tracks, jobs=1)
    expected = "accepted" if word == "break-once" else "judge-error"
    assert verdicts(batch) == {"a.py": expected, "b.py": "accepted", "c.py": "wrong-answer"}
    again = {"break-once": 1, "bug": 0}.get(word, len(retry.PAUSES_S))
    assert tracks.graded == ["a.py"] * (again + 1) + ["b.py", "c.py"]
    assert tracks.renewed == again
    assert tracks.closed == tracks.made
    assert len(notes.notes) == again
    assert all(note.startswith("class/a.py: judge error, trying again: ") for note in notes.notes)


def test_an_interruption_ends_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES_S", (0.0, 60.0))
    waiting = pool.Pool(lambda: FakeGrader(Tracks()), lambda job: job, failed, 1)
    start = time.monotonic()
    for event in waiting.run([submission_of(b"break", "a.py")]):
        assert isinstance(event, pool.Retried)
        threading.Timer(0.5, waiting.interrupt).start()
    assert time.monotonic() - start < 30


def test_the_reason_of_a_judge_error_is_told(here: Path) -> None:
    write(here / "class", {"a.py": "bug", "b.py": "break"})
    reports: list[Report] = []
    run(on_report=reports.append)
    assert {report.path: report.findings[0].message for report in reports} == {
        "class/a.py": "division by zero",
        "class/b.py": "the zygote is gone",
    }


def test_a_submission_that_never_ran_has_the_isolation_of_the_others(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "break"})
    never = replace(
        settings(Tracks(), 1), failed=lambda read, reason: replace(failed(read, reason), isolation=UNKNOWN)
    )
    batch = Batch(collect([Path("class")]), never, Notes())
    batch.run()
    assert [row.report.isolation.level for row in batch.rows] == ["good", "good"]


def test_what_would_fail_for_all_ends_the_run_and_keeps_what_is_finished(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "weak", "c.py": "accepted # c"})
    tracks = Tracks()
    with pytest.raises(SandboxTooWeakError, match="no sandbox here"):
        run(tracks, jobs=1, folder="out")
    assert tracks.graded == ["a.py", "b.py"]
    assert tracks.made == tracks.closed
    assert reports_in(here / "out") == {"class/a.py.json"}


def test_every_stored_report_fits_the_published_schema(here: Path) -> None:
    words = ["accepted", "wrong-answer", "break", "fail"]
    write(here / "class", {f"{n}.py": f"{word} # {n}" for n, word in enumerate(words)} | {"empty.py": ""})
    run(folder="out")
    schema = json.loads((Path(__file__).parents[2] / "judge/schema/report.schema.json").read_text())
    assert len(reports_in(here / "out")) == 5
    for name in reports_in(here / "out"):
        jsonschema.validate(json.loads((here / "out" / name).read_text()), schema)


# ------------------------------------------------------------------------------------------------ identical files


def test_identical_files_are_run_once_and_reported_each(here: Path) -> None:
    write(here / "class", {"a.py": "pitfall", "b.py": "accepted", "c/a.py": "pitfall", "d.py": "pitfall"})
    tracks = Tracks()
    reports: list[Report] = []
    batch, _ = run(tracks, on_report=reports.append, folder="out")
    assert sorted(tracks.graded) == ["a.py", "b.py"]
    assert verdicts(batch) == {"a.py": "pitfall", "b.py": "accepted", "c/a.py": "pitfall", "d.py": "pitfall"}
    assert sorted(report.path for report in reports) == [
        f"class/{n}" for n in ("a.py", "b.py", "c/a.py", "d.py")
    ]
    stored = json.loads((here / "out/class/c/a.py.json").read_text())
    assert stored["submission"]["path"] == "class/c/a.py"


def test_the_same_bytes_as_file_and_as_notebook_are_two_programs(here: Path) -> None:
    write(here / "class", {"a.py": "pitfall", "a.ipynb": "pitfall", "b.IPYNB": "pitfall"})
    tracks = Tracks()
    batch, _ = run(tracks)
    assert sorted(tracks.graded) == ["a.ipynb", "a.py"]
    assert sorted(verdicts(batch)) == ["a.ipynb", "a.py", "b.IPYNB"]


def test_a_file_that_changes_while_the_batch_runs_lends_its_verdict_to_no_other(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "accepted", "c.py": "accepted"})
    from judge.batch import pool

    work = pool.Pool._work

    def late(self: object, *arguments: object) -> None:
        (here / "class/a.py").write_text("wrong-answer")
        work(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pool.Pool, "_work", late)
    tracks = Tracks()
    batch, _ = run(tracks)
    assert verdicts(batch) == {"a.py": "wrong-answer", "b.py": "accepted", "c.py": "accepted"}


# --------------------------------------------------------------------------------------------------- odd submissions


def test_what_is_no_regular_file_is_an_invalid_submission(here: Path) -> None:
    write(here / "class", {"a.py": "accepted"})
    write(here / "secret", {"s.py": "accepted # not to be read"})
    (here / "class/link.py").symlink_to("../secret/s.py")
    (here / "class/broken.py").symlink_to("nowhere")
    os.mkfifo(here / "class/pipe.py")
    (here / "class/empty.py").touch()
    (here / "class/huge.py").write_bytes(b"#" * (LIMITS.source_kib * 1024 + 1))
    reports: list[Report] = []
    batch, _ = run(on_report=reports.append, folder="out")
    assert verdicts(batch) == {
        "a.py": "accepted",
        "broken.py": "invalid-submission",
        "empty.py": "invalid-submission",
        "huge.py": "invalid-submission",
        "link.py": "invalid-submission",
        "pipe.py": "invalid-submission",
    }
    assert "not to be read" not in "".join(report.source for report in reports)


def test_a_file_that_goes_away_is_reported(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "accepted # b"})
    entries = collect([Path("class")])
    (here / "class/b.py").unlink()
    notes = Notes()
    batch = Batch(entries, settings(Tracks()), notes)
    batch.run()
    assert verdicts(batch) == {"a.py": "accepted", "b.py": "invalid-submission"}


def test_a_name_that_is_no_text_is_graded_and_kept(here: Path) -> None:
    write(here / "class", {"a.py": "accepted"})
    (here / "class/\udcff\x1b[31m.py").write_text("pitfall")
    batch, _ = run(folder="out", kept=conditions())
    assert "pitfall" in verdicts(batch).values()
    tracks = Tracks()
    run(tracks, folder="out", kept=conditions())
    assert tracks.graded == []


# ---------------------------------------------------------------------------------------------------------- resuming


def reports_in(folder: Path) -> set[str]:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    return names - {"summary.json"}


def test_an_unchanged_submission_is_not_run_again(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer", "week/c.py": "pitfall"})
    first, _ = run(folder="out", kept=conditions())
    before = {path: path.stat().st_mtime_ns for path in (here / "out").rglob("*.py.json")}
    tracks = Tracks()
    second, notes = run(tracks, folder="out", kept=conditions())
    assert tracks.graded == []
    assert tracks.made == 0
    assert notes.plan == (3, 3)
    assert len(notes.known) == 3
    assert second.rows == first.rows
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize(
    "changes",
    [
        {"exercise_digest": "f" * 64},
        {"limits": Limits(wall_s=5.0)},
        {"limits": Limits(memory_mib=1024)},
        {"audience": "learner"},
        {"accept": "strong"},
        {"versions": {**conditions().versions, "judge": "99.0"}},
        {"versions": {**conditions().versions, "jax": "99.0"}},
        {"versions": {**conditions().versions, "new-library": "1"}},
    ],
)
def test_what_was_graded_under_other_conditions_is_run_again(here: Path, changes: dict[str, object]) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer"})
    run(folder="out", kept=conditions())
    tracks = Tracks()
    run(tracks, folder="out", kept=conditions(**changes))
    assert sorted(tracks.graded) == ["a.py", "b.py"]


def test_a_weaker_demand_keeps_what_was_graded_in_stronger_isolation(here: Path) -> None:
    write(here / "class", {"a.py": "accepted"})
    run(folder="out", kept=conditions())
    tracks = Tracks()
    run(tracks, folder="out", kept=conditions(accept="none"))
    assert tracks.graded == []


def test_fresh_runs_everything_again(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer"})
    run(folder="out", kept=conditions())
    tracks = Tracks()
    run(tracks, folder="out", kept=None)
    assert sorted(tracks.graded) == ["a.py", "b.py"]


def test_only_what_changed_is_run(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer"})
    run(folder="out", kept=conditions())
    write(here / "class", {"b.py": "accepted # mended", "c.py": "pitfall"})
    tracks = Tracks()
    batch, _ = run(tracks, folder="out", kept=conditions())
    assert sorted(tracks.graded) == ["b.py", "c.py"]
    assert verdicts(batch) == {"a.py": "accepted", "b.py": "accepted", "c.py": "pitfall"}


def test_a_judge_error_is_never_final(here: Path) -> None:
    write(here / "class", {"a.py": "break", "b.py": "fail"})
    run(folder="out", kept=conditions())
    tracks = Tracks()
    run(tracks, folder="out", kept=conditions())
    assert sorted(set(tracks.graded)) == ["a.py", "b.py"]


def test_a_copy_of_a_graded_file_is_not_run(here: Path) -> None:
    write(here / "class", {"a.py": "pitfall"})
    run(folder="out", kept=conditions())
    write(here / "class", {"0-copy.py": "pitfall"})
    tracks = Tracks()
    batch, _ = run(tracks, folder="out", kept=conditions())
    assert tracks.graded == []
    assert verdicts(batch) == {"0-copy.py": "pitfall", "a.py": "pitfall"}
    assert (
        json.loads((here / "out/class/0-copy.py.json").read_text())["submission"]["path"] == "class/0-copy.py"
    )


def spoilt() -> dict[str, Callable[[bytes], bytes]]:
    return {
        "half": lambda data: data[: len(data) // 2],
        "empty": lambda data: b"",
        "one byte short": lambda data: data[:-1],
        "zeros": lambda data: bytes(len(data)),
        "not utf-8": lambda data: b"\xff" + data,
        "another verdict": lambda data: data.replace(b'"verdict": "accepted"', b'"verdict": "excellent"'),
        "a list": lambda data: b"[]\n",
        "deep": lambda data: b"[" * 100_000,
        "a field less": lambda data: data.replace(b'"redacted_cases": 0', b'"other": 0'),
        "a number as text": lambda data: data.replace(b'"wall_s": 20.0', b'"wall_s": "20"'),
        "twice": lambda data: data + data,
        "other form": lambda data: json.dumps(json.loads(data)).encode(),
    }


@pytest.mark.parametrize("how", list(spoilt()))
def test_a_spoilt_report_is_ignored_and_made_again(here: Path, how: str) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "accepted # b"})
    run(folder="out", kept=conditions())
    stored = here / "out/class/a.py.json"
    whole = stored.read_bytes()
    assert spoilt()[how](whole) != whole
    stored.write_bytes(spoilt()[how](whole))
    tracks = Tracks()
    batch, _ = run(tracks, folder="out", kept=conditions())
    assert tracks.graded == ["a.py"]
    assert verdicts(batch) == {"a.py": "accepted", "b.py": "accepted"}
    assert json.loads(stored.read_bytes())["verdict"] == "accepted"


def test_a_report_of_other_bytes_is_no_report_on_these(here: Path) -> None:
    write(here / "class", {"a.py": "wrong-answer", "b.py": "accepted"})
    run(folder="out", kept=conditions())
    (here / "out/class/a.py.json").write_bytes((here / "out/class/b.py.json").read_bytes())
    tracks = Tracks()
    batch, _ = run(tracks, folder="out", kept=conditions())
    assert tracks.graded == ["a.py"]
    assert verdicts(batch)["a.py"] == "wrong-answer"


# ------------------------------------------------------------------------------------------------------ interruption


def test_an_interruption_kills_what_runs_and_keeps_what_is_finished(here: Path) -> None:
    files = {"a.py": "accepted", "b.py": "hang", "c.py": "hang # c", "d.py": "accepted # d"}
    write(here / "class", files)
    tracks, notes = Tracks(), Notes()
    with ResultsFolder(Path("out")) as results:
        batch = Batch(collect([Path("class")]), settings(tracks), notes, results, conditions())

        def press() -> None:
            while len(set(tracks.graded)) < 3 or not notes.rows:
                time.sleep(0.005)
            batch.interrupt()

        presser = threading.Thread(target=press)
        presser.start()
        start = time.monotonic()
        batch.run()
        took_s = time.monotonic() - start
        presser.join()
    assert batch.interrupted
    assert verdicts(batch) == {"a.py": "accepted"}
    assert reports_in(here / "out") == {"class/a.py.json"}
    assert tracks.closed == tracks.made == 2
    assert "d.py" not in tracks.graded
    assert took_s < 30  # a hang lasts 60 s


def test_an_interruption_before_grading_starts_nothing(here: Path) -> None:
    write(here / "class", distinct(f"{n}.py" for n in range(5)))
    tracks = Tracks()
    batch = Batch(collect([Path("class")]), settings(tracks), Notes())
    batch.interrupt()
    batch.run()
    assert batch.rows == []
    assert tracks.graded == []


def test_an_error_while_keeping_a_result_ends_the_workers(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "hang"})
    tracks = Tracks()

    def full(report: Report) -> None:
        raise UsageError("no space left")

    with pytest.raises(UsageError, match="no space left"):
        run(tracks, on_report=full)
    assert tracks.closed == tracks.made


def test_a_grader_that_is_stopped_while_it_is_made_is_closed_and_grades_nothing() -> None:
    tracks, is_being_made, may_be_made = Tracks(), threading.Event(), threading.Event()

    def make() -> FakeGrader:
        is_being_made.set()
        assert may_be_made.wait(60)
        return FakeGrader(tracks)

    def work() -> None:
        with pytest.raises(GradingCancelledError):
            renewed.grader  # noqa: B018 -- it is made when it is asked for
        with pytest.raises(GradingCancelledError):
            renewed.grader  # noqa: B018

    renewed = RenewedGrader(make, lambda read, reason: pytest.fail(reason))
    with ThreadPoolExecutor(1) as thread:
        worker = thread.submit(work)
        assert is_being_made.wait(60)
        renewed.stop()
        may_be_made.set()
        worker.result(60)
    assert (tracks.made, tracks.closed) == (1, 1)


# ----------------------------------------------------------------------------------------------- what is kept of it


def test_learners_reports_are_redacted_before_anything_keeps_them(here: Path) -> None:
    from judge.reports.redact import redact

    write(here / "class", {"a.py": "wrong-answer"})
    with ReportSpool() as shelf:
        reports: list[Report] = []
        batch, _ = run(folder="out", shelf=shelf, on_report=reports.append, redact=redact)
        everything = [*reports, *shelf.all(), batch.rows[0].report]
    assert all(report.redacted_cases == 1 for report in everything)
    assert all("hard/three" not in repr(report) for report in everything)
    assert "hard/three" not in (here / "out/class/a.py.json").read_text()
    tracks = Tracks()
    run(tracks, folder="out", kept=conditions(audience="learner"), redact=redact)
    assert tracks.graded == []


def test_full_reports_come_back_from_the_shelf_in_order(here: Path) -> None:
    write(here / "class", {f"{n}.py": f"sleep 0.0{9 - n} wrong-answer # {n}" for n in range(6)})
    reports: list[Report] = []
    with ReportSpool() as shelf:
        run(shelf=shelf, on_report=reports.append, jobs=3)
        shelved = list(shelf.all())
        assert [report.path for report in shelved] == [f"class/{n}.py" for n in range(6)]
        by_path = {report.path: repr(report) for report in reports}
        assert {report.path: repr(report) for report in shelved} == by_path
        assert shelf.all()[-1].path == "class/5.py"
        assert [report.path for report in shelf.all()[1:3]] == ["class/1.py", "class/2.py"]


@pytest.mark.long
def test_what_stays_in_memory_of_a_report_is_small(here: Path) -> None:
    import tracemalloc

    write(here / "class", {f"{n:03}.py": f"wrong-answer # {n} {'y' * 20_000}" for n in range(150)})
    run()  # what is loaded once is loaded now
    tracemalloc.start()
    batch, notes = run()
    notes.rows.clear()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(batch.rows) == 150
    assert size < 150 * 6_000


# --------------------------------------------------------------------------------------------------------- summaries


def test_the_summary_tells_of_the_class_and_of_each(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer", "=1+1.py": "wrong-answer # x"})
    batch, _ = run()
    entries = collect([Path("class")])
    summary = json.loads(summary_json(batch.rows, entries, EXERCISE, 12.345))
    schema = Path(__file__).parents[2] / "judge/schema/summary.schema.json"
    jsonschema.validate(summary, json.loads(schema.read_text()))
    assert summary["exercise"] == EXERCISE
    assert summary["complete"] is True
    assert summary["submissions"] == 3
    assert summary["verdicts"]["wrong-answer"] == 2
    assert summary["verdicts"]["accepted"] == 1
    assert summary["findings"] == {"because-wrong-answer": 2}
    assert summary["checks"]["case:basic/two"] == {"passed": 1, "failed": 2, "not-reached": 0}
    assert summary["missing"] == []
    assert [row["report"] for row in summary["reports"]] == [f"class/{n}.py.json" for n in ("=1+1", "a", "b")]
    assert summary["reports"][1]["score"] == {"points": 3, "out_of": 3}
    assert summary["reports"][2]["findings"] == ["because-wrong-answer"]


def test_the_summary_names_what_is_missing(here: Path) -> None:
    write(here / "class", distinct(["a.py", "b.py"]))
    entries = collect([Path("class")])
    batch, _ = run()
    summary = json.loads(summary_json(batch.rows[:1], entries, EXERCISE, 0.0))
    assert summary["complete"] is False
    assert summary["missing"] == ["class/b.py"]


def test_the_csv_gives_no_formula_to_a_spreadsheet(here: Path) -> None:
    import csv
    import io

    names = ["=1+1.py", "+a.py", "-b.py", "@c.py", "\td.py", "\re.py", "plain.py", 'quote",x.py']
    write(here / "class", distinct(names, "wrong-answer"))
    monkey = [Path("class") / name for name in names]
    os.chdir(here / "class")
    batch = Batch(collect([path.relative_to("class") for path in monkey]), settings(Tracks()), Notes())
    batch.run()
    rows = list(csv.DictReader(io.StringIO(summary_csv(batch.rows), newline="")))
    assert len(rows) == len(names)
    cells = [row["submission"] for row in rows]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert "plain.py" in cells
    assert 'quote",x.py' in cells
    assert {row["verdict"] for row in rows} == {Verdict.WRONG_ANSWER.value}
    assert {row["first_finding"] for row in rows} == {"because-wrong-answer"}


def test_a_folder_of_something_else_is_no_results_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"holds 1 file and no results; name a new or an empty folder"):
        ResultsFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("there", [(), (".judge/lock",), ("summary.json", "amy.py.json")])
def test_new_empty_and_earlier_results_folders_are_taken(tmp_path: Path, there: tuple[str, ...]) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    with ResultsFolder(tmp_path):
        pass
