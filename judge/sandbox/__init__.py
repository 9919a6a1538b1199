"""The trusted side of the sandbox: starts zygotes, feeds them, watches what comes back."""

from judge.sandbox.sandbox import Sandbox, Warm
from judge.sandbox.session import Call, Session
from judge.sandbox.warmup.manager import Speed
from judge.sandbox.zygote import Launched

__all__ = ["Call", "Launched", "Sandbox", "Session", "Speed", "Warm"]
