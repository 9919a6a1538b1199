"""A judge that is process 1, as in ``docker run IMAGE judge``, isolates as strongly as any other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST = ("unshare", "--pid", "--fork", "--mount-proc", "--")
PROGRAM = """
import json, os, sys
sys.argv = ["judge", "doctor", "--format", "json"]
assert os.getpid() == int(os.environ["EXPECTED"]) or os.environ["EXPECTED"] == "0"
from judge.cli import main
sys.exit(main())
"""


def levels(*place: str, expected: str) -> dict[str, object]:
    done = subprocess.run(
        [*place, sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "EXPECTED": expected},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_it_reaches_the_same_level() -> None:
    if shutil.which("unshare") is None or subprocess.run([*FIRST, "true"], check=False).returncode:
        pytest.skip("no pid namespaces here")
    usual, first = levels(expected="0"), levels(*FIRST, expected="1")
    assert first["level"] == usual["level"]
    assert first["layers"].keys() == usual["layers"].keys()  # type: ignore[attr-defined]
    assert first["layers"]["pid"]["held"] is usual["layers"]["pid"]["held"]  # type: ignore[index]
