"""The pieces of work that are done within limits, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judge.observed import judge_observation, report_or_again

WORK: Mapping[str, Callable[..., Any]] = {"report": judge_observation, "report-or-again": report_or_again}
"""Each is called with the answer key first."""
