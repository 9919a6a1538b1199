"""Shared by all tests: Hypothesis without clocks, because this suite runs on shared and noisy machines."""

from __future__ import annotations

import contextlib
import signal

from attack_table import pytest_terminal_summary  # noqa: F401 -- a hook
from hypothesis import HealthCheck, settings

settings.register_profile("judge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("judge")

# Started in the background by a shell, this process ignores SIGINT and so would the judges that the tests interrupt.
with contextlib.suppress(ValueError):  # not in the main thread
    signal.signal(signal.SIGINT, signal.default_int_handler)
