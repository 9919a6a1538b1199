"""The confinement of submissions: which layers, over which paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.inside.confinement.confine import Confinement
from judge.model import Limits, SandboxError
from judge.sandbox.readable_paths import readable_paths


@dataclass(frozen=True)
class Policy:
    """The layers that every submission must have."""

    layers: tuple[str, ...]
    uid: int | None = None
    readable: tuple[str, ...] = field(default_factory=readable_paths)

    def request(self, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
        """Return the ``spawn`` request for one inside process."""
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
        """Raise SandboxError unless every wanted layer was applied: a missing one is never ignored."""
        lacking = [layer for layer in self.layers if layer not in applied]
        if lacking:
            raise SandboxError(f"confinement came up without {', '.join(lacking)}")


def refuse_readable_secrets(policy: Policy, secrets: Sequence[Path]) -> None:
    """Raise SandboxError when the exercise lies where confined code may read, for instance inside site-packages.

    Where there are no layers everything is readable anyway, and the level shows that.
    """
    for secret in secrets if policy.layers else ():
        resolved = secret.resolve()
        for readable in map(Path, policy.readable):
            if readable == resolved or readable in resolved.parents:
                raise SandboxError(
                    f"{secret}: submissions can read {readable}, so an exercise in it would be no secret; move it"
                )
