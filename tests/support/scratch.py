"""A copy of the repository to run commands in, with ``judge`` and ``python`` of this environment first on the path."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from support.documents import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist")
"""Bytecode is copied, so that not every command compiles the judge first."""
TIMEOUT_S = 900


class Scratch:
    """A scratch copy below ``place``; commands run in its root."""

    def __init__(self, place: Path) -> None:
        self.root = place / "repository"
        shutil.copytree(ROOT, self.root, ignore=LEFT_OUT, symlinks=True)
        tools = place / "bin"
        tools.mkdir()
        python = shlex.quote(sys.executable)
        for name, command in {"judge": f"{python} -m judge", "python": python, "python3": python}.items():
            (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            (tools / name).chmod(0o755)
        self._environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "JUDGE_"))
        } | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.root),
            "NO_COLOR": "1",
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }

    def run(self, script: str, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
        """Run a script of bash; it ends at the first command that fails, with that command's status."""
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.root,
            env=self._environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
        )
        done.stdout = done.stdout.replace(f"{self.root}/", "")  # a reader's own folder has another name
        return done
