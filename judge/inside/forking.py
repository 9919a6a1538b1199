"""Forking without the warnings that a process with threads gets; whoever forks here knows what is lost."""

from __future__ import annotations

import os
import warnings


def fork() -> int:
    """``os.fork``; neither jax's nor Python's warning is printed, which would fill a pipe that nobody reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()
