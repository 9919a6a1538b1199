"""`judge --print-completion SHELL`: what bash completes, and that other shells can read their script."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from judge.cli import main
from judge.commands import ALONE, COMMANDS
from judge.commands.completion import SHELLS, completion, whole_parser
from judge.reports.formats import format_names
from judge.schema import schema_names

PROGRAM = """\
source "$1"
COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
_shtab_judge
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "judge.bash"
    path.write_text(completion("bash"), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "work").mkdir()
    return tmp_path


def completed(script: Path, folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of these words."""
    done = subprocess.run(
        ["bash", "-c", PROGRAM, "bash", str(script), *words],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("judge", ""), {*COMMANDS, "mine.py", "work"}),
        (("judge", "mi"), {"mine.py"}),
        (("judge", "ca"), {"cases"}),
        (("judge", "mine.py", "--no-sh"), {"--no-shrink"}),
        (("judge", "mine.py", "--format", ""), set(format_names())),
        (("judge", "mine.py", "--audience", ""), {"staff", "learner"}),
        (("judge", "mine.py", "-o", "wo"), {"work"}),
        (("judge", "cases", "re"), {"record"}),
        (("judge", "cases", "record", "--exercise", ""), {"mine.py", "work"}),
        (("judge", "pack", "-o", "mi"), {"mine.py"}),
        (("judge", "cases", "draw", "--co"), {"--count"}),
        (("judge", "watch", ""), {"mine.py", "work"}),
        (("judge", "schema", ""), set(schema_names())),
        (("judge", "diff", ""), {"work"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bash_completes(words: tuple[str, ...], offered: set[str], script: Path, folder: Path) -> None:
    assert completed(script, folder, *words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_with_all_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", shell]) == 0
    printed = capsys.readouterr().out
    assert printed == completion(shell)
    assert all(name in printed for name in COMMANDS)
    if shell == "zsh":
        assert "_describe 'judge commands' _commands\n  _files" in printed


@pytest.mark.parametrize("shell", [name for name in SHELLS if shutil.which(name)])
def test_a_shell_that_is_here_reads_its_script(shell: str, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(completion(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_parser_has_every_command_with_its_own_arguments() -> None:
    whole = whole_parser()
    assert whole.parse_args(["cases", "record", "--check"]).check is True
    assert whole.parse_args(["schema", "report"]).name == "report"
    assert whole.parse_args(["--no-shrink", "start", "x.py"]).no_shrink is True


def test_an_unknown_shell_is_refused_with_those_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", "cmd.exe"]) == 2
    said = capsys.readouterr().err
    assert all(shell in said for shell in SHELLS)


def test_without_shtab_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--print-completion", "bash"]) == 2
    assert "pip install 'jax-judge[completion]'" in capsys.readouterr().err


def test_options_that_grade_nothing_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(option in shown for option in ALONE)
    assert all(f"judge {command}" in shown for command in COMMANDS)
