"""Submissions observed without a sandbox: the bank's right and wrong solutions, and the variants of this folder."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from judge import wire
from judge.diagnosis.divergence.checkpoints import kept
from judge.model import (
    Case,
    Claimed,
    Ended,
    Golden,
    Isolation,
    Measured,
    Observation,
    Origin,
    StepObservation,
    Visibility,
    WrongReturn,
)
from judge.sandbox.claims import read_claim

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests" / "diagnosis" / "diagnosis_driver.py"
MARK = re.compile(r"#\s*<-\s*here\b")
COMPILED_ONCE = {
    "JAX_COMPILATION_CACHE_DIR": str(ROOT / ".pytest_cache" / "jax"),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
"""For the children that observe: all of them compile the same small programs."""
ISOLATION = Isolation("none", (), ())


def _case(name: str, seed: float, rows: int, columns: int, lr: float, scale: float, draw: int) -> Case:
    generator = np.random.default_rng(draw)
    x = (generator.normal(size=(rows, columns)) * scale).astype(np.float32)
    y = generator.normal(size=rows).astype(np.float32)
    inputs = {"seed": seed, "x_batch": x, "y_batch": y, "lr": lr}
    return Case(f"tests/{name}", "a test", inputs, 1.0, Visibility.PUBLIC, Origin.WRITTEN, f"digest-{name}")


CASES = (
    _case("plain", 2.7, 5, 3, 0.1, 1.0, 1),
    _case("scaled", 41.0, 5, 3, 0.05, 8.0, 2),
    _case("far", 7.5, 5, 3, 0.3, 30.0, 3),
)


@dataclass(frozen=True)
class Wanted:
    """One submission to observe."""

    name: str
    source: bytes
    cases: tuple[str, ...] = tuple(case.id for case in CASES)

    @property
    def marked_lines(self) -> list[int]:
        """Lines that carry the comment ``# <- here``."""
        lines = self.source.decode("utf-8", "replace").splitlines()
        return [number for number, line in enumerate(lines, 1) if MARK.search(line)]


def folder(path: Path, cases: Sequence[str] | None = None) -> list[Wanted]:
    chosen = tuple(case.id for case in CASES) if cases is None else tuple(cases)
    return [
        Wanted(file.relative_to(path.parent).with_suffix("").as_posix(), file.read_bytes(), chosen)
        for file in sorted(path.glob("*.py"))
    ]


def observe(wanted: Iterable[Wanted]) -> Mapping[str, Observation]:
    """Observe all in one child process."""
    wanted = list(wanted)
    jobs = {
        "cases": [
            {
                "id": case.id,
                "inputs": {k: v if isinstance(v, float) else v.tolist() for k, v in case.inputs.items()},
            }
            for case in CASES
        ],
        "submissions": [
            {"name": w.name, "source": base64.b64encode(w.source).decode(), "cases": w.cases} for w in wanted
        ],
    }
    with tempfile.TemporaryDirectory() as scratch:
        jobs_file, answers_file = Path(scratch, "jobs.json"), Path(scratch, "answers.json")
        jobs_file.write_text(json.dumps(jobs))
        environment = {
            **os.environ,
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
            **COMPILED_ONCE,
        }
        done = subprocess.run(
            [sys.executable, str(DRIVER), str(jobs_file), str(answers_file)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        answers = json.loads(answers_file.read_text())
    return {answer["name"]: _observation(answer) for answer in answers}


def _observation(answer: dict) -> Observation:  # type: ignore[type-arg]
    cases = {
        step["id"]: StepObservation(MEASURED, _claimed(step["header"], base64.b64decode(step["body"])))
        for step in answer["steps"]
    }
    return Observation(StepObservation(MEASURED, _claimed(answer["load"], b"")), cases, ISOLATION)


def _claimed(header: Mapping[str, object], body: bytes) -> Claimed:
    return Claimed(**read_claim(wire.Frame(header, body)))


MEASURED = Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0)


def goldens_from(
    right: Observation,
    wrong: Mapping[str, Observation],
    cases: Sequence[Case] = CASES,
    relative_tolerance: float = 2e-5,
) -> Mapping[str, Golden]:
    """Goldens as recording makes them: expected from the reference, one entry per misconception."""
    found = {}
    for case in cases:
        returned = right.cases[case.id].claimed.returned
        assert returned is not None
        assert returned.array is not None
        found[case.id] = Golden(
            case_id=case.id,
            case_digest=case.digest,
            expected=returned.array,
            tolerance=float(abs(returned.array[0])) * relative_tolerance,
            noise=1e-7,
            misconceptions={name: _wrong_return(seen.cases[case.id].claimed) for name, seen in wrong.items()},
            events=kept(right.cases[case.id].claimed.events),
        )
    return found


def _wrong_return(claimed: Claimed) -> WrongReturn:
    if claimed.returned is not None:
        return WrongReturn(claimed.returned.array, None)
    assert claimed.raised is not None
    return WrongReturn(None, claimed.raised.type_name)
