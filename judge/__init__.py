"""judge: grades JAX and Flax training exercises.

`Grader` is the Python API; the ``judge`` command is `judge.cli`.  Importing this package loads neither numpy nor
jax: the names below are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from judge.version import __version__

if TYPE_CHECKING:
    from judge.grader import Grader
    from judge.model import Limits, Report, Verdict

__all__ = ["Grader", "Limits", "Report", "Verdict", "__version__"]

_HOMES = {
    "Grader": "judge.grader",
    "Limits": "judge.model",
    "Report": "judge.model",
    "Verdict": "judge.model",
}


def load_ipython_extension(shell: object) -> None:
    """Give IPython the magics of `judge.ipython`; ``%load_ext judge`` calls this."""
    from judge.ipython import load

    load(shell)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'judge' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
