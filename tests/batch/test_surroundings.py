"""The judge's own surroundings: streams and disks in every state end in the right exit status and a true line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.batch_fakes import distinct, write

from judge.reports.formats import formats

DRIVER = Path(__file__).with_name("surroundings_driver.py")
ROOT = Path(__file__).parents[2]
RIGHT = {"a.py": "accepted"}
WRONG = {"a.py": "wrong-answer"}
FORMATS = sorted(one.name for one in formats())
PRINTED = ("html", "jsonl", "text")
"""One that is printed whole, one report by report, and the one that knows about terminals."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judge(*arguments: str, streams: str = "", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """The command under a shell that redirects its streams."""
    command = shlex.join([sys.executable, str(DRIVER), *arguments])
    return subprocess.run(
        ["sh", "-c", f"exec {command} {streams}"],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "NO_COLOR": "1", **environ},
    )


@pytest.mark.parametrize(
    "files", [pytest.param(RIGHT, marks=pytest.mark.long), WRONG], ids=["accepted", "wrong-answer"]
)
@pytest.mark.parametrize(
    ("streams", "prints"),
    [
        ("2>&-", True),
        ("2>/dev/full", True),
        ("<&-", True),
        ("<&- 2>&-", True),
        (">&-", False),
        (">/dev/full", False),
        (">&- 2>&-", False),
        (">/dev/full 2>/dev/full", False),
        ("<&- >&- 2>&-", False),
    ],
)
def test_streams_that_cannot_be_used(streams: str, prints: bool, files: dict[str, str], here: Path) -> None:
    write(here / "class", files)
    done = judge("class", streams=streams)
    assert done.returncode == (3 if not prints else 0 if files is RIGHT else 1)
    assert (b"ccepted" in done.stdout or b"rong answer" in done.stdout) is prints
    said = [line for line in done.stderr.decode().splitlines() if "error" in line]
    if prints or "2>" in streams:
        assert said == []
    else:
        assert len(said) == 1
        assert said[0].startswith("judge: error: the output could not be printed: ")


@pytest.mark.parametrize(
    "name", [name if name in PRINTED else pytest.param(name, marks=pytest.mark.long) for name in FORMATS]
)
def test_no_format_takes_its_not_being_printed_for_a_verdict(name: str, here: Path) -> None:
    write(here / "class", WRONG)
    done = judge("class", "--format", name, streams=">/dev/full")
    assert done.returncode == 3
    assert b"bug in judge" not in done.stderr
    assert b"could not be printed" in done.stderr


ENCODINGS = ("ascii", "latin-1", "utf-16", "cp037")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *((encoding, "text") for encoding in ENCODINGS),
        ("ascii", "html"),
        *(pytest.param("utf-16", name, marks=pytest.mark.long) for name in FORMATS if name != "text"),
    ],
)
def test_every_format_can_be_printed_in_every_encoding(encoding: str, name: str, here: Path) -> None:
    write(here / "class", {"ä.py": "accepted  # \N{SNOWMAN}"})
    done = judge("class", "--format", name, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    if name == "text":
        done.stdout.decode(encoding)
    else:  # what a file would hold
        shown = done.stdout.decode("utf-8")
        assert "ä.py" in shown or r"\u00e4.py" in shown or name in ("classroom50", "gradescope", "sarif")


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--plain"], ["explain", "--help"]])
def test_other_commands_end_with_a_judge_error_when_their_output_is_lost(arguments: list[str]) -> None:
    assert judge(*arguments, streams=">/dev/null").returncode == 0
    done = judge(*arguments, streams=">/dev/full")
    assert done.returncode == 3
    assert done.stderr.decode().startswith("judge: error: the output could not be printed: No space left")


def test_a_reader_that_has_gone_is_no_verdict(here: Path) -> None:
    write(here / "class", WRONG)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, str(DRIVER), "class"],
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=120,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        )
    finally:
        os.close(writing)
    assert done.returncode == 130
    assert b"error" not in done.stderr.lower()


def test_a_bug_is_no_verdict_where_its_traceback_is_asked_for() -> None:
    program = (
        "from judge import cli; from judge.commands import grade; grade.run = lambda options: 1 / 0;"
        "raise SystemExit(cli.main(['x']))"
    )
    broken = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JUDGE_DEBUG": "1"},
    )
    assert broken.returncode == 3
    assert b"Traceback" in broken.stderr


def test_what_stdout_does_not_take_is_still_saved(here: Path) -> None:
    write(here / "class", distinct(["a.py", "b.py"]))
    done = judge("class", "--format", "jsonl", "-o", "out", streams=">/dev/full")
    assert done.returncode == 3
    assert json.loads((here / "out" / "summary.json").read_text())["complete"] is True


# ---------------------------------------------------------------------------------------------------- full disks


@pytest.fixture
def small_disk(here: Path) -> Iterator[Path]:
    """A folder with room for half a mebibyte."""
    place = here / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may make a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_only_the_reports_that_do_not_fit(here: Path, small_disk: Path) -> None:
    write(here / "class", {"a.py": "accepted", "b.py": "accepted large", "c.py": "accepted \n"})
    done = judge("class", "-o", "disk/out", JUDGE_TEST_SOURCE_CHARS="600000")
    told = done.stderr.decode()
    assert done.returncode == 3, told
    assert "class/b.py: its report could not be saved: " in told
    assert "No space left on device" in told
    assert "1 report could not be saved" in told
    assert sorted(path.name for path in (small_disk / "out" / "class").iterdir()) == [
        "a.py.json",
        "c.py.json",
    ]
    assert json.loads((small_disk / "out" / "summary.json").read_text())["submissions"] == 3
    assert b"3 submissions" in done.stdout
    again = judge("class", "-o", "disk/out")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("files", [RIGHT, WRONG], ids=["accepted", "wrong-answer"])
def test_a_document_that_does_not_fit_is_named_and_the_report_is_shown(
    files: dict[str, str], here: Path, small_disk: Path
) -> None:
    write(here / "class", {name: f"{text} large" for name, text in files.items()})
    done = judge("class", "-o", "disk/all.json", JUDGE_TEST_SOURCE_CHARS="600000")
    assert done.returncode == 3
    assert "disk/all.json: cannot be written: No space left on device" in done.stderr.decode()
    assert b"ccepted" in done.stdout or b"rong answer" in done.stdout
    assert not list(small_disk.iterdir())


def test_temporary_files_that_do_not_fit_are_told(here: Path, small_disk: Path) -> None:
    write(here / "class", {"a.py": "accepted large", "b.py": "accepted"})
    done = judge("class", "-o", "all.json", JUDGE_TEST_SOURCE_CHARS="600000", TMPDIR=str(small_disk))
    assert done.returncode == 3
    assert "class/a.py: its report could not be saved" in done.stderr.decode()


@pytest.mark.parametrize("place", ["/proc/nothing", "/dev/null/out", "file/out"])
def test_a_folder_that_cannot_be_made_is_a_usage_error(place: str, here: Path) -> None:
    write(here, {"class/a.py": "accepted", "file": ""})
    done = judge("class", "-o", place)
    assert done.returncode == 2
    assert b"bug in judge" not in done.stderr
