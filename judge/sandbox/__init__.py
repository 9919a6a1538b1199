"""The trusted side of the sandbox: starts zygotes, sends them submissions, checks their answers.

The names of this package are imported when they are first used, so that a zygote can be started before
(`judge.sandbox.zygote_process`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.sandbox.cancellation import Cancellation
    from judge.sandbox.sandbox import Sandbox, Warm
    from judge.sandbox.session import Call, Session
    from judge.sandbox.warmup.manager import CompiledPrograms
    from judge.sandbox.zygote_process import ZygoteProcess

__all__ = ["Call", "Cancellation", "CompiledPrograms", "Sandbox", "Session", "Warm", "ZygoteProcess"]

_HOMES = {
    "Call": "session",
    "Cancellation": "cancellation",
    "ZygoteProcess": "zygote_process",
    "Sandbox": "sandbox",
    "Session": "session",
    "CompiledPrograms": "warmup.manager",
    "Warm": "sandbox",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'judge.sandbox' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"judge.sandbox.{_HOMES[name]}"), name)
