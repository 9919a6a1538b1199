"""A runner without a sandbox and without jax, for the authors' own little solutions in these tests."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from judge.model import (
    Claimed,
    ClaimedException,
    ClaimedFrame,
    ClaimedValue,
    Ended,
    Limits,
    Measured,
    StepObservation,
)


def step(ended: Ended = Ended.ANSWERED, **claimed: Any) -> StepObservation:
    return StepObservation(Measured(ended, 0.0, 0.0, 0.0, 0), Claimed(**claimed))


class InProcessSession:
    def __init__(self, runner: InProcess) -> None:
        self._runner = runner
        self._entry: Any = None
        self.over = False

    def load(
        self, source: bytes, filename: str, entry_point: str, arity: int, *, scaled: bool = False
    ) -> StepObservation:
        """Here a solution is told by a name whether optimizers would scale their steps."""
        module = types.ModuleType("solution")
        module.__dict__["SCALED"] = scaled
        try:
            exec(compile(source, filename, "exec"), module.__dict__)
            self._entry = getattr(module, entry_point)
        except Exception as error:
            return step(raised=_exception(error, filename))
        return step()

    def call(self, inputs: Sequence[Any]) -> StepObservation:
        self._runner.calls += 1
        copies = [np.array(value) if isinstance(value, np.ndarray) else value for value in inputs]
        try:
            value = self._entry(*copies)
        except SystemExit:
            self.over = True
            return step(Ended.EXITED)
        except Exception as error:
            return step(raised=_exception(error, "submission.py"))
        if value is None or isinstance(value, str):
            return step(
                returned=ClaimedValue(type(value).__name__, None, None, None, "not an array of numbers")
            )
        array = np.asarray(value, dtype=np.float64)
        return step(returned=ClaimedValue("ndarray", str(array.dtype), array.shape, array))

    def close(self) -> None:
        self.over = True


class InProcess:
    """Counts calls, so that a test can see what was run again."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment: Mapping[str, str] = environment or {"numpy": np.__version__}
        self.calls = 0
        self.opened = 0

    def open(self, limits: Limits | None = None) -> InProcessSession:
        self.opened += 1
        return InProcessSession(self)


def _exception(error: BaseException, filename: str) -> ClaimedException:
    names = tuple(f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__[:-1])
    frames, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            frames.append(ClaimedFrame(trace.tb_lineno, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    return ClaimedException(names, str(error), tuple(frames))
