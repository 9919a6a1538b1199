"""What a batch prints, writes and exits with, run as a process with graders that run nothing."""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.batch_fakes import EXERCISE, Notes, Tracks, distinct, settings, write

from judge.batch.batch import Batch
from judge.batch.live_progress import Lines, Tally, clock_time
from judge.cli import main
from judge.commands import grade_batch
from judge.commands.grade_batch import SHOWS_HIDDEN, _told_apart, run_batch
from judge.grader import Grader
from judge.model import UsageError
from judge.submissions.collect import collect

DRIVER = Path(__file__).with_name("batch_driver.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def batch(*rest: str, out: str = "-", jobs: int = 2) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DRIVER), out, str(jobs), "0", *rest],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["accepted", "accepted"], 0),
        (["accepted", "pitfall"], 1),
        (["invalid-submission", "accepted"], 1),
        (["wrong-answer", "break"], 3),
        (["accepted", "fail"], 3),
    ],
)
def test_the_exit_status_says_how_it_went(here: Path, words: list[str], status: int) -> None:
    write(here / "class", {f"{n}.py": f"{word} # {n}" for n, word in enumerate(words)})
    assert batch().returncode == status


def test_text_is_one_table_with_the_worst_first(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer", "c.py": "pitfall"})
    done = batch()
    places = [done.stdout.index(f"{name}.py") for name in "bca"]
    assert places == sorted(places)
    assert "because-wrong-answer" in done.stdout
    assert "3 submissions" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_one_submission_is_shown_in_full(here: Path) -> None:
    write(here / "class", {"a.py": "wrong-answer"})
    done = batch(out="out")
    assert "What happened." in done.stdout
    assert (here / "out/class/a.py.json").exists()


def test_results_for_staff_say_that_they_show_hidden_cases(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grader, "prepare", lambda self, on_progress: [])
    monkeypatch.setattr(grade_batch, "run_batch", lambda *entries, **options: 1)
    write(here / "class", {"a.py": "def", "b.py": "def solve("})
    command = ["class", "--exercise", str(ROOT / "tests/exercises/optax_sgd_step")]
    said = {}
    for options in (("-o", "out"), ("-o", "out", "--audience", "learner"), ("-o", "out", "--audience", "staff"), ()):
        assert main([*command, *options]) == 1
        said[options] = f"judge: {SHOWS_HIDDEN}\n" in capsys.readouterr().err
    assert list(said.values()) == [True, False, False, False]


def test_json_is_one_document(here: Path) -> None:
    write(here / "class", {"b.py": "accepted", "a.py": "wrong-answer"})
    document = json.loads(batch("json").stdout)
    assert [report["submission"]["path"] for report in document["reports"]] == ["class/a.py", "class/b.py"]
    assert document["verdicts"]["wrong-answer"] == 1


def test_json_lines_come_as_soon_as_they_are_known(here: Path) -> None:
    write(here / "class", {"a.py": "sleep 30 accepted", "b.py": "pitfall", "c.py": "wrong-answer"})
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), "-", "2", "0", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert process.stdout is not None
    first = [json.loads(process.stdout.readline()) for _ in range(2)]
    running = process.poll() is None
    process.kill()
    process.communicate()
    assert running
    assert [report["submission"]["path"] for report in first] == ["class/b.py", "class/c.py"]


def test_a_reader_that_leaves_ends_the_batch(here: Path) -> None:
    write(here / "class", distinct(f"{n:03}.py" for n in range(200)))
    command = f"{sys.executable} {DRIVER} - 2 0.05 jsonl | head -1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "BrokenPipeError" in done.stderr  # the command line turns it into silence
    assert done.stderr.count("accepted") < 100


def test_documents_and_the_folder_are_written_side_by_side(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer"})
    done = batch("text", "class.json", "class.csv", "class.md", out="out")
    assert done.returncode == 1, done.stderr
    assert len(json.loads((here / "class.json").read_text())["reports"]) == 2
    assert (here / "class.csv").read_text().count("class/") == 2
    assert "class/b.py" in (here / "class.md").read_text()
    assert (here / "out/summary.json").exists()
    assert (here / "out/summary.csv").exists()
    assert (here / "out/class/a.py.json").exists()


def test_outputs_without_an_ending_are_the_folder(here: Path) -> None:
    (here / "old.results").mkdir()
    assert _told_apart([Path("out"), Path("a.html")]) == (Path("out"), [Path("a.html")])
    assert _told_apart([Path("old.results")]) == (Path("old.results"), [])
    assert _told_apart([Path("a.csv")]) == (None, [Path("a.csv")])
    with pytest.raises(UsageError, match="one results folder at most: x, y"):
        _told_apart([Path("x"), Path("a.html"), Path("y")])


# ---------------------------------------------------------------------------------------------------------- progress


def test_without_a_terminal_there_is_a_line_for_each(here: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "wrong-answer", "c\x1b[31m.py": "pitfall"})
    done = batch(out="out", jobs=1)
    lines = done.stderr.splitlines()
    assert lines[:3] == [
        "[1/3] accepted               3/3  class/a.py",
        "[2/3] wrong-answer           1/3  class/b.py",
        "[3/3] pitfall                3/3  class/c\\x1b[31m.py",
    ]
    assert re.fullmatch(r"judge: 3 submissions graded in 0:0\d; reports in out", lines[3])
    again = batch(out="out").stderr.splitlines()
    assert again[0] == "3 results unchanged, 0 to grade"
    assert again[1].startswith("judge: 0 submissions graded in 0:00; 3 results unchanged and kept")


def on_a_terminal(*rest: str, both: bool = False) -> str:
    """What the batch writes to stderr when that is a terminal (with ``both``: stdout as well)."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:
                return
            if not data:
                return
            shown.append(data)

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        subprocess.run(
            [sys.executable, str(DRIVER), "-", "2", "0.05", *rest],
            stdin=theirs,
            stdout=theirs if both else subprocess.DEVNULL,
            stderr=theirs,
            timeout=60,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "TERM": "xterm-256color", "COLUMNS": "120"},
        )
    finally:
        os.close(theirs)
        listener.join()
        os.close(ours)
    return b"".join(shown).decode()


def test_a_terminal_gets_a_bar_with_rate_and_verdicts(here: Path) -> None:
    write(
        here / "class", {f"{n:02}.py": f"{'pitfall' if n % 4 == 0 else 'accepted'} # {n}" for n in range(40)}
    )
    shown = on_a_terminal()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "40/40" in plain
    assert "30 accepted, 10 pitfall" in plain
    assert re.search(r"\d/min, 0:0\d left", plain)
    assert "[1/40]" not in plain
    assert "\x1b[?25h" in shown  # the cursor is given back


def test_a_stream_of_reports_on_the_terminal_is_not_painted_over(here: Path) -> None:
    write(here / "class", distinct(["a.py", "b.py"]))
    shown = on_a_terminal("jsonl", both=True)
    assert "\x1b" not in shown
    assert shown.count('{"schema_version"') == 2


def test_rate_and_time_left_count_what_was_graded_only(here: Path) -> None:
    now = [100.0]
    tally = Tally(lambda: now[0])
    write(here / "class", distinct(["a.py", "b.py"]))
    notes = Notes()
    Batch(collect([Path("class")]), settings(Tracks()), notes).run()
    for _ in range(30):
        tally.add(notes.rows[0], was_known=True)
    tally.begin(50)
    assert tally.pace() == ""
    now[0] += 30.0
    for row in notes.rows * 5:
        tally.add(row, was_known=False)
    assert tally.finished == 40
    assert tally.per_minute == pytest.approx(20.0)
    assert tally.left_s == pytest.approx(30.0)
    assert tally.pace() == "20/min, 0:30 left"
    assert [text for _, text in tally.counts()] == ["40 accepted"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, "0:00"), (67, "1:07"), (3599.6, "1:00:00"), (10931, "3:02:11")]
)
def test_times_read_like_a_clock(seconds: float, shown: str) -> None:
    assert clock_time(seconds) == shown


def test_notes_cannot_drive_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(sys.stderr).note("class/\x1b[2J.py: judge error")
    assert capsys.readouterr().err == "class/\\x1b[2J.py: judge error\n"


# --------------------------------------------------------------------------------------------------- usage and threads


def test_a_batch_runs_in_any_thread(here: Path) -> None:
    """Signals belong to the main thread; the rest of a batch does not depend on it."""
    write(here / "class", distinct(["a.py", "b.py"]))
    status: list[int] = []

    def work() -> None:
        status.append(run_batch(collect([Path("class")]), settings(Tracks()), exercise=EXERCISE))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert status == [0]


def test_options_fit_the_command_line() -> None:
    """What grade_batch reads of the options, the parser provides."""
    from judge.commands.grade import parser

    options = parser().parse_args(["x", "y", "-j", "3", "--include", "a*", "--fresh", "-o", "out"])
    assert isinstance(options, argparse.Namespace)
    names = (
        "include",
        "exclude",
        "exercise",
        "jobs",
        "audience",
        "plain",
        "fresh",
        "time_limit",
        "memory_limit",
    )
    assert all(hasattr(options, name) for name in names)
    assert (options.jobs, options.include, options.fresh) == (3, ["a*"], True)
