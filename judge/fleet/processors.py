"""Processors, each for one submission at a time among all of this user's workers on a host.

The lock is a ``flock`` on a file for each processor, in the cache folder: the kernel drops it with the process. The
host's name is part of the file's, since a cache folder may be shared by several hosts.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from judge.sandbox.cpu_affinity import allowed, one_processor
from judge.sandbox.warmup.program_cache import CacheFolder, CacheFolderError

POLL_S = 0.02


class Processors:
    """The processors that this process may use; ``folder`` holds the locks (default: in the user's cache folder)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def claimed(self, preferred: Collection[int] = ()) -> Iterator[tuple[int, ...]]:
        """Yield a processor that no other has claimed, once there is one, if possible one of the preferred.

        Where there can be no locks it is one in turn, or none where the system cannot tell.
        """
        try:
            folder = CacheFolder(self._folder)
        except CacheFolderError:
            yield one_processor()
            return
        with folder:
            cpus = sorted(allowed(), key=lambda cpu: cpu not in preferred)
            if not cpus:
                yield ()
                return
            cpu, fd = self._wait_for_one(folder, cpus)
        try:
            yield one_processor() if cpu is None else (cpu,)
        finally:
            if fd is not None:
                os.close(fd)

    @staticmethod
    def _wait_for_one(folder: CacheFolder, cpus: Collection[int]) -> tuple[int | None, int | None]:
        while True:
            for cpu in cpus:
                try:
                    fd = folder.try_lock(f"processor-{platform.node()}-{cpu}")
                except CacheFolderError:
                    return None, None
                if fd is not None:
                    return cpu, fd
            time.sleep(POLL_S)
