"""`judge --version`, and with `--verbose` everything that a bug report needs."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import pytest

from judge.cli import main
from judge.sandbox.versions import LIBRARIES
from judge.version import __version__


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The lines below the first, by what stands before the colon."""
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"judge {__version__}"
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}


def test_the_version_alone_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert said(capsys) == {}


@pytest.mark.parametrize("options", [["--version", "--verbose"], ["--verbose", "--version"]])
def test_verbose_says_what_a_bug_report_needs(
    options: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(options) == 0
    lines = said(capsys)
    assert lines["Python"].startswith(platform.python_version())
    assert lines["platform"] == platform.platform()
    assert {name: lines[name] for name in LIBRARIES} == {name: version(name) for name in LIBRARIES}
    assert lines["isolation"].split(",")[0] in ("strong", "good", "weak", "none")
    assert lines["cache"] == str(tmp_path / "judge")
    assert lines["tried"].split(",")[0] in ("yes", "no")
    assert not (tmp_path / "judge").exists(), "asking for versions makes no folder"


def test_a_missing_library_and_a_missing_home_are_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("nobody is at home")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr("judge.sandbox.versions.LIBRARIES", ("jax", "no-such-library"))
    monkeypatch.setattr("judge.sandbox.versions.installed", lambda: {"python": "3.11.0", "jax": "0.10.2"})
    assert main(["--version", "--verbose"]) == 0
    lines = said(capsys)
    assert lines["no-such-library"] == "not installed"
    assert lines["tried"].startswith("no,")
    assert "nobody is at home" in lines["cache"]


def test_other_commands_know_their_version_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", "--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"judge {__version__}\n"


def test_the_version_of_a_file_is_asked_in_vain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version", "mine.py"]) == 2
    assert "mine.py" in capsys.readouterr().err
