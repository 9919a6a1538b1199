"""How submissions are confined here: which layers, over which paths, at which proven level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judge.model import Isolation, Limits, SandboxError
from judge.sandbox.readable import readable_paths

DEFAULT_FLAGS: Mapping[str, str] = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
"""Environment of every process that runs submissions, reference included; part of each golden's provenance."""


@dataclass(frozen=True)
class Policy:
    """The layers that every submission must have, and what they were proven to give at start-up."""

    isolation: Isolation
    layers: tuple[str, ...]
    readable: tuple[str, ...] = field(default_factory=readable_paths)
    flags: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_FLAGS))
    argv_prefix: tuple[str, ...] = ()
    uid: int | None = None

    def request(self, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
        """The ``spawn`` request for one inside process."""
        return {
            "confinement": {
                "readable": list(self.readable),
                "layers": sorted(self.layers),
                "uid": self.uid,
                "cpu_s": limits.cpu_s,
                "memory_mib": limits.memory_mib,
                "threads": limits.threads,
                "open_files": limits.open_files,
                "keep_fds": [0, 1, 2, 3, 4],
            },
            "affinity": list(affinity),
            "memory_mib": limits.memory_mib,
            "threads": limits.threads,
        }

    def require(self, applied: Sequence[str]) -> None:
        """Raise SandboxError unless every wanted layer was applied: a missing one is never passed over."""
        lacking = [layer for layer in self.layers if layer not in applied]
        if lacking:
            raise SandboxError(f"confinement came up without {', '.join(lacking)}")


def unconfined() -> Policy:
    """No isolation at all: only for one's own files, and stamped on every report."""
    return Policy(Isolation("none", (), ("everything",)), layers=())
