"""The floor: the same calls in one process that has everything loaded and compiled, and nothing around them.

Run as a program it is that process: it reads the cases' inputs from a file, then one line with paths after another,
calls each submission on all cases, once unmeasured when it is new, and answers with the seconds that it took.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType, TracebackType

if __name__ != "__main__":
    from benchmarks.tree import Spent
    from judge.grade import LoadedExercise
    from judge.sandbox.cpu_affinity import one_processor
    from judge.sandbox.flags import DEFAULT_FLAGS


class Floor:
    """The process, with the flags and the number of processors that submissions have. Use as a context manager."""

    def __init__(self, loaded: LoadedExercise, place: Path) -> None:
        inputs = place / "inputs.pickle"
        inputs.write_bytes(pickle.dumps([list(case.inputs.values()) for case in loaded.cases]))
        processors = ",".join(map(str, one_processor()))
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(inputs), loaded.exercise.entry_point, processors],
            env={**os.environ, **DEFAULT_FLAGS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Floor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def spent(self, submissions: Sequence[Path]) -> list[Spent]:
        """What the calls of each took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(path) for path in submissions]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the floor's process has died")
        return [Spent(one["wall_s"], one["cpu_s"], one["memory_mib"]) for one in json.loads(answer)]


def main(inputs: Path, entry_point: str, processors: Sequence[int]) -> None:
    """Serve until nobody asks any more."""
    if processors:
        os.sched_setaffinity(0, processors)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what submissions print is no answer
    os.dup2(1, 2)
    from judge.inside import xla_flags

    xla_flags.drop_unknown()
    calls = pickle.loads(inputs.read_bytes())
    loaded: dict[str, ModuleType | None] = {}
    for line in sys.stdin:
        told = []
        for path in json.loads(line):
            if path not in loaded:
                loaded[path] = _load(path, len(loaded))
                _call(loaded[path], entry_point, calls)
            told.append(_measured(loaded[path], entry_point, calls))
        answers.write(json.dumps(told) + "\n")
        answers.flush()


def _load(path: str, number: int) -> ModuleType | None:
    module = ModuleType(f"submission_{number}")
    sys.modules[module.__name__] = module
    with contextlib.suppress(Exception):
        exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), module.__dict__)
        return module
    return None


def _measured(module: ModuleType | None, entry_point: str, calls: Sequence[object]) -> Mapping[str, float]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    _call(module, entry_point, calls)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    return {"wall_s": wall_s, "cpu_s": cpu_s, "memory_mib": _memory_mib()}


def _call(module: ModuleType | None, entry_point: str, calls: Sequence[object]) -> None:
    import numpy as np

    for arguments in calls:
        with contextlib.suppress(Exception):
            np.asarray(getattr(module, entry_point)(*arguments))


def _memory_mib() -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [int(number) for number in sys.argv[3].split(",") if number])
