"""How much memory this process needed for something, as the kernel counted it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType


class PeakMemory:
    """``grown_mib``: by how much the resident memory rose at its highest above where it was at the beginning."""

    grown_mib = 0.0

    def __enter__(self) -> PeakMemory:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak is forgotten
        self._before_mib = _field("VmRSS")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.grown_mib = _field("VmHWM") - self._before_mib


def _field(name: str) -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return 0.0
