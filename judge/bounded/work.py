"""The pieces of work that are done within limits, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judge.grade import judge_observation, second_run_of

WORK: Mapping[str, Callable[..., Any]] = {"report": judge_observation, "second-run": second_run_of}
"""Each is given the bench first."""
