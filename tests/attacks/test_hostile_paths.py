"""Paths that a submission's owner controls: the judge follows none of them, and none drives a terminal."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from judge import submission as submissions
from judge.batch.report_names import report_name
from judge.batch.results_folder import PRIVATE, ResultsFolder
from judge.model import Limits, UsageError
from judge.reports.escape import visible
from judge.selftest.harness import DANGEROUS_CHARACTERS
from judge.submission import Unusable, read_submission
from judge.submissions.collect import collect
from judge.submissions.entry import Entry

LIMITS = Limits()
RIGHT = "def solve(seed, x_batch, y_batch, lr):\n    return 1.0\n"
NAMES = (
    "line\nbreak.py",
    "\x1b[2J\x1b]0;owned\x07.py",
    "\u202eyp.ecila.py",
    "\x9b31m.py",
    "-rf.py",
    "%2e%2e.py",
    "$(touch owned).py",
    os.fsdecode(b"\xff\xfe.py"),
    "a" * 240 + ".py",
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder of the operator's, with a file of a usual name in it."""
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "solution.py").write_text("THE_REFERENCE = 1\n")
    return folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "mallory").mkdir(parents=True)
    return folder


def read(entry: Entry) -> object:
    return read_submission(entry.path, LIMITS, below=entry.below)


def test_a_folder_that_becomes_a_link_after_it_was_listed_is_not_followed(inbox: Path, secret: Path) -> None:
    (inbox / "mallory" / "solution.py").write_text(RIGHT)
    (entry,) = collect([inbox])
    assert getattr(read(entry), "source", None) == RIGHT.encode()
    (inbox / "mallory").rename(inbox / "before")
    (inbox / "mallory").symlink_to(secret)
    assert b"REFERENCE" in entry.path.read_bytes(), "whoever follows links reads the secret"
    told = read(entry)
    assert isinstance(told, Unusable)
    assert told.code == "not-a-regular-file"
    assert "'mallory'" in told.message


def test_a_link_that_comes_between_the_look_and_the_opening_is_not_followed(
    inbox: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "mallory" / "solution.py").write_text(RIGHT)
    (entry,) = collect([inbox])
    honest = os.stat

    def stat(path: object, *arguments: object, **options: object) -> os.stat_result:
        found = honest(path, *arguments, **options)  # type: ignore[arg-type]
        if path == "mallory":
            (inbox / "mallory").rename(inbox / "before")
            (inbox / "mallory").symlink_to(secret)
        return found

    monkeypatch.setattr(submissions.os, "stat", stat)
    with pytest.raises(UsageError, match="no such file"):
        read(entry)
    assert (inbox / "mallory").is_symlink()


def test_links_and_what_is_no_file_are_not_read(inbox: Path, secret: Path) -> None:
    mallory = inbox / "mallory"
    (mallory / "link.py").symlink_to(secret / "solution.py")
    (mallory / "loop.py").symlink_to("loop.py")
    (mallory / "dangling.py").symlink_to("nowhere")
    os.mkfifo(mallory / "pipe.py")
    (mallory / "folder.py").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(mallory / "socket.py"))
        if os.getuid() == 0:
            os.mknod(mallory / "device.py", 0o020666, os.makedev(1, 5))  # /dev/zero, which never ends
        (inbox / "other").symlink_to(secret)  # a linked folder is not entered
        entries = collect([inbox])
        found = {entry.path.name: read(entry) for entry in entries}
    assert "solution.py" not in found
    assert set(found) >= {"link.py", "loop.py", "dangling.py", "pipe.py", "socket.py"}
    for name, told in found.items():
        assert isinstance(told, Unusable), name
        assert told.code == "not-a-regular-file", name


def test_enormous_and_changing_files_are_read_once_and_not_further_than_allowed(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox / "mallory" / "sparse.py"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    told = read_submission(path, LIMITS)
    assert isinstance(told, Unusable)
    assert told.code == "too-large"
    path.write_text(RIGHT)
    opened: list[str] = []
    honest = os.open

    def open_and_change(place: object, *arguments: object, **options: object) -> int:
        fd = honest(place, *arguments, **options)  # type: ignore[arg-type]
        opened.append(str(place))
        with open(path, "ab") as file:
            file.truncate(1 << 40)  # it grows while it is being read
        return fd

    monkeypatch.setattr(submissions.os, "open", open_and_change)
    told = read_submission(path, LIMITS)
    assert isinstance(told, Unusable)
    assert told.code == "too-large"
    assert len(opened) == 1


@pytest.mark.parametrize("name", NAMES)
def test_names_that_would_drive_a_terminal_are_shown_and_stored_harmlessly(inbox: Path, name: str) -> None:
    (inbox / "mallory" / name).write_text(RIGHT)
    (entry,) = collect([inbox])
    for text in (visible(entry.shown), report_name(entry.key)):
        assert not any(character in text for character in (*DANGEROUS_CHARACTERS, "\n", "\r"))
    parts = report_name(entry.key).split("/")
    assert not {"", ".", ".."} & set(parts)
    assert all(not part.startswith((".", "-")) for part in parts)


def test_a_results_folder_does_not_lead_elsewhere(tmp_path: Path, secret: Path) -> None:
    """Who may write into the folder may forge verdicts; but files that lie elsewhere must not suffer."""
    precious = secret / "precious"
    precious.write_text("precious")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / PRIVATE).symlink_to(secret)
    with pytest.raises(UsageError, match="symbolic link"):
        ResultsFolder(linked)
    locked = tmp_path / "locked"
    (locked / PRIVATE).mkdir(parents=True)
    (locked / PRIVATE / "lock").symlink_to(precious)
    with pytest.raises(UsageError):
        ResultsFolder(locked)
    (locked / PRIVATE / "lock").unlink()
    os.link(precious, locked / PRIVATE / "lock")
    with pytest.raises(UsageError, match="of its own"):
        ResultsFolder(locked)
    planted = tmp_path / "planted"
    (planted / PRIVATE).mkdir(parents=True)
    (planted / "week1").symlink_to(secret)
    with ResultsFolder(planted) as folder:
        with pytest.raises(UsageError, match="symbolic link"):
            folder.write_text("week1/alice.py.json", "{}")
        folder.write_text("week2/alice.py.json", "{}")
    assert (planted / "week2" / "alice.py.json").read_text() == "{}"
    assert precious.read_text() == "precious"
    assert sorted(os.listdir(secret)) == ["precious", "solution.py"]
