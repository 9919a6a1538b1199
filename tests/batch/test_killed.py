"""What a killed, interrupted or doubled batch leaves behind, tried on real processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.batch_fakes import distinct, write
from support.batch_results import contents, without_timing

from judge.batch.results_folder import PRIVATE, ResultsFolder
from judge.model import UsageError

DRIVER = Path(__file__).with_name("batch_driver.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(
    out: str, *, jobs: int = 2, delay_s: float = 0.0, rest: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(DRIVER), out, str(jobs), str(delay_s), *rest],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )


def finish(out: str, **options: object) -> subprocess.CompletedProcess[str]:
    process = start(out, **options)  # type: ignore[arg-type]
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def a_class(folder: Path) -> None:
    words = ["accepted", "wrong-answer", "pitfall", "runtime-error", "invalid-submission", "violation"]
    files = {f"week{n % 3}/s{n:02}.py": f"{words[n % len(words)]} # {n}" for n in range(30)}
    copies = {f"copies/c{n}.py": "wrong-answer # 1" for n in range(4)}
    write(folder, files | copies | {"summary": "", "-odd\n.py": "pitfall # odd"})


def reports_now(out: Path) -> list[Path]:
    return [
        path for path in out.rglob("*.json") if path.name != "summary.json" and ".judge" not in path.parts
    ]


def kill_after_some(out: Path, reports: int) -> None:
    """Start a batch and kill it at a random moment after it has made some reports."""
    already = len(reports_now(out)) if out.exists() else 0
    process = start(str(out), delay_s=0.03)
    while process.poll() is None and (not out.exists() or len(reports_now(out)) < already + reports):
        time.sleep(0.002)
    time.sleep(random.uniform(0, 0.03))
    process.kill()
    process.communicate()


def test_after_sigkill_the_next_runs_go_on_and_lose_nothing(here: Path) -> None:
    a_class(here / "class")
    whole = finish("whole")
    assert whole.returncode == 1, whole.stderr
    kept: dict[Path, bytes] = {}
    resumed = 0
    for _ in range(5):
        kill_after_some(here / "out", random.randint(1, 6))
        for path, data in kept.items():
            assert path.read_bytes() == data, f"{path} was graded again"
        resumed += bool(kept)
        kept = {path: path.read_bytes() for path in reports_now(here / "out")}
        for data in kept.values():
            json.loads(data)
    assert resumed
    last = finish("out")
    assert last.returncode == 1
    assert f"{len(kept)} results unchanged" in last.stderr
    assert contents(here / "out") == contents(here / "whole")
    for path, data in kept.items():
        assert path.read_bytes() == data


def test_comparing_two_runs_can_fail(here: Path) -> None:
    """The comparison above drops timing and nothing else."""
    a_class(here / "class")
    finish("one")
    finish("two")
    one, two = contents(here / "one"), contents(here / "two")
    assert one == two
    path = here / "two/class/week0/s00.py.json"
    assert path.read_bytes() != (here / "one/class/week0/s00.py.json").read_bytes()
    path.write_text(path.read_text().replace('"memory_mib": 2048', '"memory_mib": 1024'))
    assert contents(here / "two") != one
    assert without_timing({"limits": {"wall_s": 1}, "timing": 2}) == {"limits": {"wall_s": 1}}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_a_summary_and_130(here: Path, number: signal.Signals) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "hang", "c.py": "hang # c", "d.py": "accepted # d"})
    process = start("out", rest=("text", "page.html"))
    while not (here / "out/class/a.py.json").exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the run was stopped: 3 submissions not graded" in (here / "page.html").read_text()
    assert "Traceback" not in stderr
    assert "interrupted: 1 of 4 submissions finished; the same command goes on from here" in stderr
    assert "class/a.py" in stdout
    summary = json.loads((here / "out/summary.json").read_text())
    assert summary["complete"] is False
    assert summary["missing"] == ["class/b.py", "class/c.py", "class/d.py"]
    assert (here / "out/summary.csv").read_text().count("\n") == 2
    write(here / "class", {"b.py": "pitfall", "c.py": "accepted # c"})
    second = finish("out")
    assert second.returncode == 1
    assert "1 result unchanged" in second.stderr
    assert json.loads((here / "out/summary.json").read_text())["complete"] is True


def test_an_interrupted_run_that_finished_nothing_still_gives_one_json_document(here: Path) -> None:
    write(here / "class", {"a.py": "hang", "b.py": "hang # b"})
    program = (
        "import sys; import batch_driver;"
        "from judge import cli; from judge.commands import grade;"
        "grade.run = lambda options: batch_driver.main(); sys.argv[1:] = ['out', '2', '0', 'json'];"
        "sys.exit(cli.main(['class', '--format', 'json']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{DRIVER.parent}"},
    )
    while not (here / "out/.judge/lock").exists():
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(stdout)["error"]["kind"] == "interrupted"


def test_a_killed_batch_leaves_no_summary_of_an_earlier_one(here: Path) -> None:
    write(here / "class", {"a.py": "accepted"})
    assert finish("out").returncode == 0
    assert (here / "out/summary.json").exists()
    write(here / "class", {"b.py": "hang"})
    process = start("out")
    while (here / "out/summary.json").exists() or (here / "out/summary.csv").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert sorted(path.name for path in (here / "out").iterdir()) == [".judge", "class"]


def test_two_batches_do_not_write_one_folder(here: Path) -> None:
    write(here / "class", {"a.py": "hang"})
    first = start("out")
    try:
        while not (here / "out/.judge/lock").exists() or not (here / "out/.judge/lock").read_text():
            time.sleep(0.01)
        with pytest.raises(
            UsageError, match=rf"^out: another judge \(process {first.pid}\) is writing there$"
        ):
            ResultsFolder(Path("out"))
    finally:
        first.kill()
        first.communicate()
    with ResultsFolder(Path("out")):  # the kernel has dropped the lock of the dead
        pass


def test_the_lock_is_let_go_at_the_end_and_on_failure(here: Path) -> None:
    with ResultsFolder(Path("out")), pytest.raises(UsageError):
        ResultsFolder(Path("out"))
    with ResultsFolder(Path("out")):
        pass


def test_what_a_killed_judge_left_half_written_is_cleared(here: Path) -> None:
    write(here / "out/.judge", {"draft": "half", ".draft.a1b2c3d4": "half", "lock": "1\n"})
    write(here / "out", {"mine.txt": "kept", ".gitignore": "kept"})
    with ResultsFolder(Path("out")):
        assert [path.name for path in (here / "out/.judge").iterdir()] == ["lock"]
    assert (here / "out/mine.txt").read_text() == "kept"
    assert (here / "out/.gitignore").read_text() == "kept"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_a_folder_is_refused(here: Path, place: str) -> None:
    (here / "file").write_text("")
    with pytest.raises(UsageError, match=f"^{place}: cannot be a results folder: "):
        ResultsFolder(Path(place))


def test_a_folder_in_the_place_of_a_report_is_an_error_that_names_it(here: Path) -> None:
    write(here / "class", distinct(["a.py"]))
    (here / "out" / PRIVATE).mkdir(parents=True)
    (here / "out/class/a.py.json").mkdir(parents=True)
    done = finish("out")
    assert "UsageError: out/class/a.py.json: cannot be written: Is a directory" in done.stderr
