"""Shared by the authoring tests: the authors' cases, with solutions run in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.in_process import InProcess

from judge.cli import main
from judge.commands import cases

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the exercise in ``tmp_path``: exit status, standard output, standard error."""

    @contextmanager
    def in_process(options: Any, exercise: Any, count: int, **_: Any) -> Iterator[list[InProcess]]:
        yield [InProcess() for _ in range(count)]

    monkeypatch.setattr(cases, "sandboxes", in_process)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main([*arguments, "--exercise", str(tmp_path)])
        out, err = capsys.readouterr()
        return status, out, err

    return run
