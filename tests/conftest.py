"""Shared by all tests: Hypothesis without clocks, because this suite runs on shared and noisy machines."""

from __future__ import annotations

from attack_table import pytest_terminal_summary  # noqa: F401 -- a hook
from hypothesis import HealthCheck, settings

settings.register_profile("judge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("judge")
