"""Positive controls: each attack where nothing holds it, and which of its traces are then there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from judge.grade import LoadedExercise
from judge.selftest.attack import Attack
from judge.selftest.decoys import HostDecoys
from judge.selftest.harness import DANGEROUS_CHARACTERS, MEMORY_SLACK_MIB, shows_hidden
from judge.selftest.target_exercise import LIMITS

NAIVE = Path(__file__).with_name("naive_judge.py")
NEXT = "=== next submission ==="
PATIENCE_S = 1.5
"""How long an attack may keep it waiting before it counts as hung."""
MEMORY_MIB = 12
"""What the naive judge needs for an honest submission is under 2 MiB."""


class NaiveJudge:
    """One running `naive_judge`. Use as a context manager."""

    def __init__(self, loaded: LoadedExercise, ground: HostDecoys) -> None:
        self._loaded, self._ground = loaded, ground
        self._process = subprocess.Popen(
            [sys.executable, str(NAIVE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
            cwd="/",
        )

    def __enter__(self) -> NaiveJudge:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def touched(self, attack: Attack) -> Mapping[str, str]:
        """Witnesses that see a trace of the attack, as in `judge.selftest.harness.AttackResult`."""
        values = {**self._ground.values(), "TOKEN": self._ground.token}
        sources = [attack.filled(values)]
        sources += [attack.filled({**values, "TOKEN": ""})] * (attack.runs - 1)
        return self.judge(
            *sources, patience_s=PATIENCE_S if attack.witness == "no-verdict" else attack.bound_s
        )

    def judge(self, *sources: bytes, patience_s: float = 20.0) -> Mapping[str, str]:
        request = {
            "patience_s": patience_s,
            "sources": [source.decode() for source in sources],
            "secret_path": str(self._ground.secret_path),
            "cases": [
                {
                    "inputs": {
                        name: value.tolist() if isinstance(value, np.ndarray) else value
                        for name, value in case.inputs.items()
                    },
                    "expected": self._loaded.goldens[case.id].expected.tolist(),
                }
                for case in self._loaded.cases
            ],
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        result = json.loads(self._process.stdout.readline())
        emitted = result.get("emitted", "")
        found: dict[str, str] = {}
        if result.get("accepted"):
            found["points"] = "all of them"
        if result["broke"]:
            found["no-verdict"] = result["broke"]
        if result.get("grown_mib", 0) > MEMORY_MIB:
            found["judge-memory"] = f"{result['grown_mib']:.0f} MiB"
        if result.get("worker_mib", 0) > LIMITS.memory_mib + MEMORY_SLACK_MIB:
            found["memory"] = f"{result['worker_mib']:.0f} MiB"
        if self._ground.secrets_in(emitted.encode("utf-8", "surrogatepass")):
            found["secret"] = "in the output"
        if self._ground.token in emitted.partition(NEXT)[2]:
            found["token"] = "in the output of the second"
        if shows_hidden(self._loaded, emitted):
            found["hidden"] = "in the output"
        if any(character in emitted for character in DANGEROUS_CHARACTERS):
            found["terminal"] = "in the output"
        return found
