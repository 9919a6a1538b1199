"""The trusted side of the sandbox: starts zygotes, feeds them, watches what comes back."""

from judge.sandbox.sandbox import Sandbox
from judge.sandbox.session import Call, Session

__all__ = ["Call", "Sandbox", "Session"]
