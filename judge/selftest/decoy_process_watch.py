"""The decoy process, observed from outside: the signals that it got, and changes of its state."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAM = Path(__file__).with_name("decoy_process.py")


class WatchedProcess:
    """A running `judge.selftest.decoy_process` that holds the secrets, as the same user as the judge."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._memory = secrets["memory"]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), secrets["argument"]],
            env={"SECRET": secrets["environment"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._said = self._process.stdout
        asked = {"memory": secrets["memory"], "file": secrets["descriptor"]}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        place = json.loads(self._said.readline())
        self.address, self.fd = int(place["address"]), int(place["fd"])
        os.set_blocking(self._said.fileno(), False)
        self._state = self._look()

    @property
    def pid(self) -> int:
        return self._process.pid

    def damage(self) -> str:
        """Return a short description of what happened to it; '' when nothing did."""
        if self._process.poll() is not None:
            return f"it ended ({self._process.returncode})"
        with contextlib.suppress(BlockingIOError):
            if signals := self._said.read(1 << 16):
                return f"it got signal {signals[0]}" + (f" and {len(signals) - 1} more" * (len(signals) > 1))
        now = self._look()
        return ", ".join(f"its {name} is {now[name]}" for name in now if now[name] != self._state[name])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _look(self) -> dict[str, str]:
        home = Path(f"/proc/{self.pid}")
        status = dict(line.split(":\t", 1) for line in _text(home / "status").splitlines() if ":\t" in line)
        fields = _text(home / "stat").rpartition(")")[2].split()
        return {
            "state": "stopped" if status.get("State", "").strip()[:1] in "Tt" else "running",
            "tracer": status.get("TracerPid", ""),
            "processors": status.get("Cpus_allowed_list", ""),
            "priority": fields[16] if fields else "",
            "wish of the OOM killer": _text(home / "oom_score_adj"),
            "limits": str(hash(_text(home / "limits"))),
            "memory": "other" if self._overwritten() else "as it was",
        }

    def _overwritten(self) -> bool:
        try:
            with open(f"/proc/{self.pid}/mem", "rb") as memory:
                memory.seek(self.address)
                return memory.read(len(self._memory)) != self._memory.encode()
        except OSError:
            return False


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
