"""judge watch: which saves are seen, what is graded, and that a mended endless loop does not have to be waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.batch_fakes import LIMITS, FakeGrader, Tracks

from judge.commands.watch import PATIENCE_S, SECOND_LOOK_S, SETTLED_S, Watch, WatchedFile, _check
from judge.model import Report, SandboxTooWeakError, Submission, UsageError
from judge.submission import Unusable

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(text: str, name: str = "a.py") -> None:
    """As an editor does that writes beside and renames."""
    Path(f"{name}.new").write_text(text)
    os.replace(f"{name}.new", name)


def source(read: object) -> str:
    assert isinstance(read, Submission)
    return read.source.decode()


def test_the_first_content_is_there_at_once() -> None:
    save("one")
    assert source(WatchedFile(Path("a.py"), LIMITS).poll(0.0)) == "one"


@pytest.mark.parametrize(
    "how", [save, lambda text: Path("a.py").write_text(text)], ids=["rename", "in place"]
)
def test_a_save_is_seen_once_when_it_has_settled(how: Callable[[str], object]) -> None:
    save("one")
    file = WatchedFile(Path("a.py"), LIMITS)
    file.poll(0.0)
    assert file.poll(1.0) is None
    how("two, longer")
    assert file.poll(2.0) is None  # seen, and still warm
    assert source(file.poll(2.0 + SETTLED_S)) == "two, longer"
    assert file.poll(9.0) is None


def test_a_half_written_file_is_not_read() -> None:
    save("one")
    file = WatchedFile(Path("a.py"), LIMITS)
    file.poll(0.0)
    with Path("a.py").open("w") as writing:
        assert file.poll(1.0) is None  # truncated
        writing.write("half")
        writing.flush()
        assert file.poll(1.0 + 0.9 * SETTLED_S) is None
        assert file.poll(1.0 + 1.1 * SETTLED_S) is None
        writing.write(" and half")
    assert file.poll(1.0 + 1.8 * SETTLED_S) is None
    assert source(file.poll(1.0 + 2.9 * SETTLED_S)) == "half and half"


def test_saving_the_same_again_is_nothing_new() -> None:
    save("one")
    file = WatchedFile(Path("a.py"), LIMITS)
    file.poll(0.0)
    save("one")
    os.utime("a.py")
    assert file.poll(1.0) is None
    assert file.poll(2.0) is None
    assert file.poll(9.0) is None


def test_a_second_save_that_changes_no_time_and_no_size_is_seen_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("one")
    monkeypatch.setattr("judge.commands.watch._signature", lambda path: (1, 1, 1))
    file = WatchedFile(Path("a.py"), LIMITS)
    assert source(file.poll(0.0)) == "one"
    save("two")
    assert file.poll(1.0) is None
    assert source(file.poll(SECOND_LOOK_S)) == "two"


def test_a_file_may_be_away_for_a_while() -> None:
    save("one")
    file = WatchedFile(Path("a.py"), LIMITS)
    file.poll(0.0)
    Path("a.py").unlink()
    assert file.poll(1.0) is None
    assert file.missing
    save("two")
    assert file.poll(2.0) is None
    assert not file.missing
    assert source(file.poll(2.0 + SETTLED_S)) == "two"


def test_what_cannot_be_run_is_told_once() -> None:
    save("one")
    file = WatchedFile(Path("a.py"), LIMITS)
    file.poll(0.0)
    Path("a.py").unlink()
    Path("a.py").symlink_to("elsewhere")
    file.poll(1.0)
    assert isinstance(file.poll(2.0), Unusable)
    assert file.poll(9.0) is None


# ------------------------------------------------------------------------------------------------------------ the loop


class Loop:
    """A watch over a.py whose clock is moved by the test; gradings run in real threads."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.tracks = Tracks()
        self.reports: list[Report] = []
        self.errors: list[str] = []
        self.gone = 0
        self.watch = Watch(
            WatchedFile(Path("a.py"), LIMITS),
            lambda: FakeGrader(self.tracks),
            on_report=lambda report, took_s: self.reports.append(report),
            on_missing=self._missing,
            on_error=lambda error: self.errors.append(str(error)),
            clock=lambda: self.now_s,
        )

    def _missing(self) -> None:
        self.gone += 1

    def until(self, happened: Callable[[], bool], step_s: float = 0.02) -> None:
        """Turn until it has happened."""
        give_up = time.monotonic() + 30
        while not happened():
            assert time.monotonic() < give_up
            self.watch.turn()
            self.now_s += step_s
            time.sleep(0.002)

    @property
    def verdicts(self) -> list[str]:
        return [report.verdict.value for report in self.reports]


def test_every_save_is_graded_by_the_same_grader() -> None:
    save("wrong-answer")
    loop = Loop()
    loop.until(lambda: len(loop.reports) == 1)
    save("accepted")
    loop.until(lambda: len(loop.reports) == 2)
    save("pitfall")
    loop.until(lambda: len(loop.reports) == 3)
    assert loop.verdicts == ["wrong-answer", "accepted", "pitfall"]
    assert (loop.tracks.made, loop.tracks.closed) == (1, 0)
    loop.watch.close()
    assert loop.tracks.closed == 1


def test_a_grading_that_hangs_is_killed_by_the_next_save() -> None:
    save("hang")
    loop = Loop()
    loop.until(lambda: len(loop.tracks.graded) == 1)
    began_s = loop.now_s
    save("accepted")
    loop.until(lambda: len(loop.reports) == 1)
    assert loop.verdicts == ["accepted"]
    assert loop.now_s - began_s > PATIENCE_S
    assert loop.tracks.closed == 1
    assert loop.tracks.made == 2
    loop.watch.close()


def test_a_short_grading_of_an_older_version_is_let_finish_and_not_shown() -> None:
    save("sleep 0.2 wrong-answer")
    loop = Loop()
    loop.until(lambda: len(loop.tracks.graded) == 1, step_s=0.001)
    save("accepted")
    loop.until(lambda: len(loop.reports) == 1, step_s=0.001)
    assert loop.verdicts == ["accepted"]
    assert (loop.tracks.made, loop.tracks.closed) == (1, 0)
    loop.watch.close()


def test_a_judge_error_is_told_and_the_next_save_gets_a_new_grader() -> None:
    save("break")
    loop = Loop()
    loop.until(lambda: len(loop.errors) == 1)
    save("accepted")
    loop.until(lambda: len(loop.reports) == 1)
    assert loop.errors == ["the zygote is gone"]
    assert loop.tracks.made == 2
    loop.watch.close()


def test_what_will_never_work_ends_the_watch() -> None:
    save("weak")
    loop = Loop()
    with pytest.raises(SandboxTooWeakError):
        loop.until(lambda: False)
    loop.watch.close()
    assert loop.tracks.closed == 1


def test_that_the_file_is_gone_is_said_once() -> None:
    save("accepted")
    loop = Loop()
    loop.until(lambda: len(loop.reports) == 1)
    Path("a.py").unlink()
    loop.until(lambda: loop.now_s > 5)
    assert loop.gone == 1
    save("pitfall")
    loop.until(lambda: len(loop.reports) == 2)
    assert loop.verdicts == ["accepted", "pitfall"]
    loop.watch.close()


@pytest.mark.parametrize(("path", "said"), [("gone.py", "gone.py: no such file"), (".", ".: is a folder")])
def test_what_cannot_be_watched_is_a_usage_error(path: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        _check(Path(path))
    assert str(raised.value).startswith(said)


DRIVER = """\
import sys
from pathlib import Path
from support.batch_fakes import LIMITS, FakeGrader, Tracks
from judge.commands.watch import watch_file
tracks = Tracks()
sys.exit(watch_file(Path("a.py"), LIMITS, lambda: FakeGrader(tracks), plain=True))
"""


def test_ctrl_c_ends_it_at_once_even_while_grading() -> None:
    save("wrong-answer")
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert process.stdout is not None
    said = []
    while "watching" not in (line := process.stdout.readline()):
        said.append(line)
    assert "What happened." in "".join(said)
    save("accepted")
    while "watching" not in (line := process.stdout.readline()):
        said.append(line)
    assert "wrong answer -> accepted after 0." in line
    save("hang")
    assert "grading a.py" in process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert stderr == ""
