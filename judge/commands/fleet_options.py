"""From options to the Dask cluster that a batch is graded on."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from judge.batch.batch import Settings
from judge.batch.pool import Read, processors
from judge.model import UsageError

if TYPE_CHECKING:
    from distributed import Client

    from judge.fleet.cluster import Scheduler
    from judge.fleet.executor import DaskExecutor, Fleet
    from judge.grade import LoadedExercise
    from judge.sandbox import Warm


@dataclass(frozen=True)
class FleetOptions:
    """A running scheduler, or how many processes and submissions at a time a cluster that is started here has."""

    scheduler: Scheduler | None
    workers: int
    jobs: int

    @property
    def is_here(self) -> bool:
        """True if this machine grades."""
        return self.scheduler is None

    def settings(self, settings: Settings, loaded: LoadedExercise, accept: str, warm: Warm) -> Settings:
        """Return the settings of a batch with the cluster in the place of the threads. Raises ExerciseError."""
        from judge.fleet.assignment import Assignment
        from judge.fleet.executor import DaskExecutor, Fleet

        assignment = Assignment.of(loaded.exercise, settings.limits, accept, warm)

        @contextlib.contextmanager
        def open_fleet() -> Iterator[Fleet]:
            with self._client() as client, Fleet(client, assignment) as fleet:
                yield fleet

        def make_executor(read: Callable[[Any], Read]) -> DaskExecutor[Any]:
            return DaskExecutor(open_fleet, read, settings.failed)

        return replace(settings, make_executor=make_executor)

    def _client(self) -> contextlib.AbstractContextManager[Client]:
        from judge.fleet.cluster import connected, started_here

        if self.scheduler is not None:
            return connected(self.scheduler)
        return started_here(self.workers, -(-self.jobs // self.workers))


def fleet_from(options: argparse.Namespace) -> FleetOptions | None:
    """Return the cluster that the options name; None for threads of this process. Raises UsageError."""
    if options.executor == "threads" or not (options.executor or options.scheduler):
        for option in ("scheduler", "workers"):
            if getattr(options, option):
                raise UsageError(f"--{option}: is for --executor dask")
        return None
    scheduler = scheduler_from(options, "--executor dask")
    if scheduler is not None:
        for option in ("workers", "jobs"):
            if getattr(options, option):
                raise UsageError(f"--{option}: there are as many as the workers of {scheduler.address} have")
    return FleetOptions(scheduler, options.workers or 1, options.jobs or processors())


def scheduler_from(options: argparse.Namespace, what: str) -> Scheduler | None:
    """Return the scheduler that the options or Dask's configuration name, if any. Raises UsageError.

    ``what`` is what needs Dask.
    """
    from judge.fleet.requirement import require_dask

    require_dask(what)
    from judge.fleet.cluster import Scheduler, configured_address

    address = options.scheduler or configured_address()
    if not address:
        for name in ("tls_ca", "tls_cert", "tls_key", "insecure"):
            if getattr(options, name):
                raise UsageError(f"--{name.replace('_', '-')}: is for a --scheduler")
        return None
    scheduler = Scheduler(address, options.tls_ca, options.tls_cert, options.tls_key, options.insecure)
    scheduler.security()
    return scheduler
