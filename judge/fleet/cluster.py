"""Connects to a Dask scheduler, or starts a cluster on this machine for as long as a batch lasts."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dask
from distributed import Client, LocalCluster, Security

from judge.model import JudgeError, UsageError
from judge.retry import in_words

CONNECT_S = 15.0
ENCRYPTED = ("tls", "wss")
ALLOWED_FAILURES = 1
"""Of a cluster that is started here: a submission whose second worker died is suspected, and tried alone."""


@dataclass(frozen=True)
class Scheduler:
    """The address of a scheduler and the files to identify with; ``insecure`` allows one that anybody may reach."""

    address: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = False

    def security(self) -> Security:
        """Return what Dask needs to connect. Raises UsageError for a missing file or an unprotected scheduler."""
        require_private(self.address, insecure=self.insecure)
        files = {"--tls-ca": self.ca, "--tls-cert": self.cert, "--tls-key": self.key}
        for option, path in files.items():
            if path is not None and not path.is_file():
                raise UsageError(f"{option} {path}: no such file")
        given = {
            name: str(path)
            for name, path in (
                ("tls_ca_file", self.ca),
                ("tls_client_cert", self.cert),
                ("tls_client_key", self.key),
                ("tls_worker_cert", self.cert),
                ("tls_worker_key", self.key),
            )
            if path is not None
        }
        return Security(require_encryption=True, **given) if given else Security()


def configured_address() -> str:
    """Return the scheduler that Dask's own configuration names (DASK_SCHEDULER_ADDRESS), or ''."""
    return str(dask.config.get("scheduler-address", None) or "")


def require_private(address: str, *, insecure: bool) -> None:
    """Raise UsageError for an address that others can reach without a certificate: they could run code there."""
    scheme, _, rest = address.rpartition("://")
    scheme = scheme or "tcp"
    if not rest:
        raise UsageError(f"--scheduler {address!r}: expected an address like tls://host:8786")
    if insecure or scheme in ENCRYPTED or scheme == "inproc" or _is_loopback(rest):
        return
    raise UsageError(
        f"--scheduler {address}: all who reach a {scheme} scheduler can run code on its workers; use tls:// with "
        "certificates, or say --insecure for a network that is yours alone"
    )


def _is_loopback(place: str) -> bool:
    host = place[1 : place.find("]")] if place.startswith("[") else place.partition(":")[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def connected(scheduler: Scheduler) -> Iterator[Client]:
    """Yield a client of a running scheduler. Raises UsageError, or JudgeError when it cannot be reached."""
    security = scheduler.security()
    with quiet():
        try:
            client = Client(
                scheduler.address, security=security, timeout=CONNECT_S, set_as_default=False, name="judge"
            )
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise JudgeError(f"{scheduler.address}: no scheduler can be reached: {in_words(error)}") from None
        with client:
            yield client


@contextlib.contextmanager
def started_here(workers: int, threads: int, preload: Sequence[str] = ()) -> Iterator[Client]:
    """Yield a client of a new cluster: worker processes on this machine, each with so many threads.

    ``preload`` names modules that the workers load first.

    Its connections are encrypted with a certificate of its own: another user of this machine can reach a port, and
    would be able to run code through it.
    """
    with (
        quiet(),
        without_web_pages(),
        dask.config.set({"distributed.worker.profile.enabled": False}),  # it looks at every thread each 10 ms
        tempfile.TemporaryDirectory(prefix="judge-fleet-", ignore_cleanup_errors=True) as folder,  # mode 0700
        dask.config.set({"temporary-directory": folder}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=True,
            security=Security.temporary(),
            dashboard_address=None,
            memory_limit=None,
            silence_logs=_level(),
            scheduler_kwargs={
                "allowed_failures": ALLOWED_FAILURES,
                "dashboard": False,
                "dashboard_address": "127.0.0.1:0",
            },
            preload=["judge.fleet.without_interrupts", *preload],
        ) as cluster,
        Client(cluster, set_as_default=False, name="judge") as client,
    ):
        yield client


def without_web_pages() -> contextlib.AbstractContextManager[object]:
    """Keep what is started in the block from telling about itself over HTTP, which no certificate protects."""
    routes = [f"distributed.{role}.http.routes" for role in ("scheduler", "worker")]
    return dask.config.set({route: [] for route in routes})


def _level() -> int:
    return logging.WARNING if os.environ.get("JUDGE_DEBUG") else logging.CRITICAL


@contextlib.contextmanager
def quiet(level: int | None = None) -> Iterator[None]:
    """Keep Dask's log from stderr, where the progress of the batch is: what matters in it the batch says itself.

    With a ``level``, what is below it.
    """
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(_level() if level is None else level)
    try:
        yield
    finally:
        logger.setLevel(before)
