"""judge: grades JAX and Flax training exercises.

`Grader` is the Python API; the ``judge`` command is `judge.cli`.  Importing this package loads neither numpy nor
jax: the names below are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from judge.version import __version__

if TYPE_CHECKING:
    from judge.grader import Grader
    from judge.grader_pool import GraderPool
    from judge.model import (
        CheckResult,
        ExerciseError,
        Finding,
        GradingCancelledError,
        IsolationLevel,
        JudgeError,
        Limits,
        Outcome,
        PackError,
        Report,
        SandboxError,
        SandboxTooWeakError,
        Severity,
        StaleGoldensError,
        UsageError,
        Verdict,
    )
    from judge.reports.redact import redact
    from judge.reports.render import render
    from judge.sandbox import Cancellation

__all__ = [
    "Cancellation",
    "CheckResult",
    "ExerciseError",
    "Finding",
    "Grader",
    "GraderPool",
    "GradingCancelledError",
    "IsolationLevel",
    "JudgeError",
    "Limits",
    "Outcome",
    "PackError",
    "Report",
    "SandboxError",
    "SandboxTooWeakError",
    "Severity",
    "StaleGoldensError",
    "UsageError",
    "Verdict",
    "__version__",
    "redact",
    "render",
]

_HOMES = {
    "Cancellation": "judge.sandbox",
    "Grader": "judge.grader",
    "GraderPool": "judge.grader_pool",
    "redact": "judge.reports.redact",
    "render": "judge.reports.render",
}
"""Where names are defined that are not in `judge.model`."""


def load_ipython_extension(shell: object) -> None:
    """Give IPython the magics of `judge.ipython`; ``%load_ext judge`` calls this."""
    from judge.ipython import load

    load(shell)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'judge' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES.get(name, "judge.model")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
