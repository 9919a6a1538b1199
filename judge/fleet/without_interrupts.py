"""Loaded by Dask in each worker of a cluster that the batch started: Ctrl-C is for the batch, which ends them all."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Called by Dask in the main thread of the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
