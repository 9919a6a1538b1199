"""An error of the system about a path that somebody named is theirs, with the path; any other is a bug in judge."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from judge.cli import main


def closed(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let this path be one that the user may not look into, as Python reports it to an ordinary user."""
    usual = Path.is_dir

    def is_dir(self: Path) -> bool:
        if Path(os.path.abspath(self)) == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return usual(self)

    monkeypatch.setattr(Path, "is_dir", is_dir)


@pytest.mark.parametrize("command", [[], ["diff"]])
def test_a_closed_folder_is_a_matter_of_permission_and_no_bug(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "closed"
    closed(monkeypatch, folder)
    assert main([*command, str(folder), *command]) == 2
    assert capsys.readouterr().err == f"judge: {folder}: permission denied\n"


def test_an_error_about_another_path_is_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_dir(self: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", "/nowhere/near/it")

    monkeypatch.setattr(Path, "is_dir", is_dir)
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b")]) == 3
    assert "a bug in judge" in capsys.readouterr().err


def test_the_help_of_doctor_shows_its_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--help"])
    assert "judge doctor [--format json]" in capsys.readouterr().out
