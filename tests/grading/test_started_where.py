"""Which judge is started in a folder in which somebody has put modules of the same name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("judge")


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge/__init__.py").write_text("")
    (tmp_path / "judge/__main__.py").write_text("print('a stranger')\n")
    return tmp_path


def said(*command: str, cwd: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")
    }
    done = subprocess.run(
        [*command, "--version"], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def test_python_m_judge_takes_what_lies_in_the_folder(strange: Path) -> None:
    """What the page warns of, and the control of the next test."""
    assert said(sys.executable, "-m", "judge", cwd=strange) == "a stranger\n"


@pytest.mark.skipif(not COMMAND.exists(), reason="judge is not installed here")
def test_the_command_and_p_do_not(strange: Path) -> None:
    assert said(sys.executable, "-P", "-m", "judge", cwd=strange).startswith("judge ")
    assert said(str(COMMAND), cwd=strange).startswith("judge ")
