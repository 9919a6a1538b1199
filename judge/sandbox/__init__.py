"""The trusted side of the sandbox: starts zygotes, sends them submissions, checks their answers.

The names of this package are imported when they are first used, so that a zygote can be started before
(`judge.sandbox.launched`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.sandbox.cancellation import Cancellation
    from judge.sandbox.launched import Launched
    from judge.sandbox.sandbox import Sandbox, Warm
    from judge.sandbox.session import Call, Session
    from judge.sandbox.warmup.manager import Speed

__all__ = ["Call", "Cancellation", "Launched", "Sandbox", "Session", "Speed", "Warm"]

_HOMES = {
    "Call": "session",
    "Cancellation": "cancellation",
    "Launched": "launched",
    "Sandbox": "sandbox",
    "Session": "session",
    "Speed": "warmup.manager",
    "Warm": "sandbox",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'judge.sandbox' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"judge.sandbox.{_HOMES[name]}"), name)
