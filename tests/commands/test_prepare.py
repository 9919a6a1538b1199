"""`judge prepare` compiles once; how long it takes is told from its own progress."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from judge import progress
from judge.cli import main

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_compiled_already_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["prepare", "--exercise", str(ROOT)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(": everything was compiled already")


def test_the_time_that_is_left_comes_from_the_time_that_it_took(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.compiling() as tell:
        tell(0, 4)
        for done in (1, 2, 3, 4):
            now[0] += 15.0
            tell(done, 4)
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"^judge: compiling for this machine, once: ", "", line) for line in lines] == [
        "0 of 4",
        "1 of 4, about 45 s left",
        "2 of 4, about 30 s left",
        "3 of 4, about 15 s left",
        "4 of 4",
    ]
