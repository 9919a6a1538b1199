"""A worker process as judge needs it: a thread for each processor, no limit of memory of Dask's, no dashboard."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import platform
import signal
import sys
import tempfile

import dask
from distributed import Nanny

from judge.fleet.cluster import CONNECT_S, Scheduler, quiet, without_web_pages
from judge.model import JudgeError
from judge.retry import in_words


def serve(scheduler: Scheduler, threads: int, name: str, dashboard: str) -> int:
    """Grade until the scheduler or a signal ends it; return the exit status. Raises JudgeError."""
    with (
        quiet(logging.WARNING),  # that a process was killed, say
        contextlib.nullcontext() if dashboard else without_web_pages(),
        tempfile.TemporaryDirectory(prefix="judge-worker-", ignore_cleanup_errors=True) as folder,
        dask.config.set({"temporary-directory": folder}),
    ):
        asyncio.run(_serve(scheduler, threads, name or f"{platform.node()}-{os.getpid()}", dashboard))
    return 0


async def _serve(scheduler: Scheduler, threads: int, name: str, dashboard: str) -> None:
    # A nanny restarts the process that grades when something kills it.
    nanny = Nanny(
        scheduler.address,
        nthreads=threads,
        name=name,
        security=scheduler.security(),
        memory_limit=0,
        dashboard=bool(dashboard),
        dashboard_address=dashboard or None,
        death_timeout=CONNECT_S,
        silence_logs=logging.WARNING,
        preload=["judge.fleet.without_interrupts"],
    )
    try:
        async with nanny:
            _say(f"worker {name} grades {threads} at a time for {scheduler.address}")
            loop = asyncio.get_running_loop()
            ended = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, ended.set)
            waits = [asyncio.ensure_future(nanny.finished()), asyncio.ensure_future(ended.wait())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
    except (OSError, TimeoutError) as error:
        raise JudgeError(f"{scheduler.address}: no scheduler can be reached: {in_words(error)}") from None
    _say(f"worker {name} has ended")


def _say(line: str) -> None:
    sys.stderr.write(f"judge: {line}\n")
    sys.stderr.flush()
