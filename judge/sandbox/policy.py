"""How submissions are confined here: which layers, over which paths, with which flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.inside.confinement.confine import Confinement
from judge.model import Limits, SandboxError
from judge.sandbox.readable_paths import readable_paths
from judge.sandbox.versions import installed

DEFAULT_FLAGS: Mapping[str, str] = {
    "XLA_FLAGS": " ".join(
        (
            "--xla_cpu_multi_thread_eigen=false",
            "--xla_cpu_enable_concurrency_optimized_scheduler=false",
            "--xla_backend_optimization_level=0",
            "--xla_cpu_use_fusion_emitters=false",
            "--xla_cpu_parallel_codegen_split_count=1",
        )
    )
}
"""Environment of every process that runs submissions, reference included; part of each golden's provenance.

The programs of an exercise are small and run once or twice, so the time goes into compiling them. The last three flags
divide that by 2.2 (eager) to 3.8 (jitted) and move results by 2e-7 relative; docs/performance.md has the figures. The
first two are needed to fork from a process that has a backend: what they turn off hands work to threads, which a child
does not have, and it would wait for them for ever. Small arrays are computed at once whatever the flags; the scheduler
shows from about a thousand bytes in a loop, as in the initial weights for 19 features.
"""


KNOWN_TO = ("0.10.2",)
"""Versions of jaxlib that are known to know all of these flags; with others a child of the zygote tries them first."""


def are_known(flags: Mapping[str, str]) -> bool:
    """Return True if the installed jaxlib is known to know these flags; to try them takes some tenths of a second."""
    return flags == DEFAULT_FLAGS and installed().get("jaxlib") in KNOWN_TO


@dataclass(frozen=True)
class Policy:
    """The layers that every submission must have."""

    layers: tuple[str, ...]
    uid: int | None = None
    readable: tuple[str, ...] = field(default_factory=readable_paths)

    def request(self, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
        """The ``spawn`` request for one inside process."""
        confinement = Confinement(
            readable=self.readable,
            layers=frozenset(self.layers),
            uid=self.uid,
            cpu_s=limits.cpu_s,
            memory_mib=limits.memory_mib,
            threads=limits.threads,
            open_files=limits.open_files,
            keep_fds=(0, 1, 2, 3, 4),
        )
        return {
            "confinement": confinement.to_json(),
            "affinity": list(affinity),
            "memory_mib": limits.memory_mib,
            "threads": limits.threads,
        }

    def require(self, applied: Sequence[str]) -> None:
        """Raise SandboxError unless every wanted layer was applied: a missing one is never passed over."""
        lacking = [layer for layer in self.layers if layer not in applied]
        if lacking:
            raise SandboxError(f"confinement came up without {', '.join(lacking)}")


def refuse_readable_secrets(policy: Policy, secrets: Sequence[Path]) -> None:
    """Raise SandboxError when the exercise lies where confined code may read, for instance inside site-packages.

    Where there are no layers everything is readable anyway, and the level says so.
    """
    for secret in secrets if policy.layers else ():
        resolved = secret.resolve()
        for readable in map(Path, policy.readable):
            if readable == resolved or readable in resolved.parents:
                raise SandboxError(
                    f"{secret}: submissions can read {readable}, so an exercise in it would be no secret; move it"
                )
