"""A command or a code that is spelt nearly right is suggested; a path that is there is never taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.cli import main
from judge.commands.explain import page_of
from judge.model import UsageError
from judge.pages import all_pages


@pytest.mark.parametrize(
    ("typed", "meant"), [("explian", "explain"), ("docter", "doctor"), ("wacth", "watch")]
)
def test_a_misspelt_command_is_suggested(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([typed, "stale-batch-stats"]) == 2
    assert capsys.readouterr().err == f"judge: {typed}: no such file; did you mean 'judge {meant}'?\n"


def test_another_missing_file_is_only_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alice.py"]) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_folder_that_is_called_nearly_like_a_command_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "packs").mkdir()
    assert main(["packs"]) == 2
    assert "no .py or .ipynb file in packs" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["TIME-LIMIT", "time_limit", "time-limt"])
def test_a_code_in_another_spelling_is_suggested(typed: str) -> None:
    with pytest.raises(UsageError, match=r"Did you mean time-limit"):
        page_of(typed, all_pages(None))
