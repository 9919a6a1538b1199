"""What parsed options mean: limits and the weakest isolation to run under."""

from __future__ import annotations

import argparse
import dataclasses

from judge.model import Limits, UsageError


def limits_from(options: argparse.Namespace, limits: Limits) -> Limits:
    """The exercise's limits, changed as the options say."""
    if options.time_limit is not None:
        wall_s = float(options.time_limit)
        total_s = max(limits.total_wall_s * wall_s / limits.wall_s, wall_s)
        limits = dataclasses.replace(limits, wall_s=wall_s, total_wall_s=total_s)
    if options.memory_limit is not None:
        if options.memory_limit < MIN_MEMORY_MIB:
            raise UsageError(
                f"--memory-limit {options.memory_limit}: jax needs at least {MIN_MEMORY_MIB} MiB"
            )
        limits = dataclasses.replace(limits, memory_mib=int(options.memory_limit))
    return limits


MIN_MEMORY_MIB = 512
"""With less, jax hangs at start-up instead of failing; a limit that breaks right solutions is refused."""


def accept_from(options: argparse.Namespace) -> str:
    """The weakest isolation level to run under."""
    if options.unsafe_no_sandbox:
        return "none"
    return "weak" if options.accept_weak else "good"
