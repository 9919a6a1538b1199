"""The strength of the isolation on this machine: proven by probes in a real confined process, never assumed.

The strongest level is tried first. A level holds when every one of its layers came up *and* a probe inside showed
that it is effective; otherwise the next one is tried and the reason is kept. Below the accepted level the run is
refused.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.inside.confinement.confine import LAYERS, LEVELS, NAMESPACES, layers_of
from judge.inside.confinement.self_check import Proof, level_of
from judge.model import Isolation, IsolationLevel, SandboxError, SandboxTooWeakError
from judge.sandbox import own_ids
from judge.sandbox.own_ids import OwnId

Probe = Callable[[tuple[str, ...], int | None], Mapping[str, Proof]]
"""Confine a process with these layers (and this uid) and attack it from within; SandboxError when it was refused."""


@dataclass(frozen=True)
class Missing:
    """A layer that this machine does not provide, with the reason and a remedy."""

    layer: str
    reason: str
    cure: str


@dataclass(frozen=True)
class Assessment:
    """The result of the probes: the strongest level that holds, and the layers that a stronger one lacks."""

    level: IsolationLevel
    layers: tuple[str, ...]
    """The layers that every submission is given; a level can hold with fewer where the zygote has the rest."""
    uid: int | None
    proofs: Mapping[str, Proof]
    missing: tuple[Missing, ...]
    own_id: OwnId | None = None
    """Keeps ``uid`` from being given to another sandbox."""

    @property
    def isolation(self) -> Isolation:
        proven = tuple(layer for layer in LAYERS if layer in self.proofs and self.proofs[layer].held)
        return Isolation(self.level, proven, tuple(item.layer for item in self.missing))


def assess(probe: Probe, accept: str) -> Assessment:
    """Return the strongest level that holds here; `require` compares it with the accepted one.

    With ``accept="none"`` nothing is tried: a run that asks for no sandbox gets none, on every machine alike. Nothing
    is tried on other systems than Linux either.
    """
    missing: list[Missing] = []
    nothing_to_try = accept == IsolationLevel.NONE or not sys.platform.startswith("linux")
    for level in () if nothing_to_try else (level for level in LEVELS if level != IsolationLevel.NONE):
        for own in _uids(level):
            uid = own.uid if own is not None else None
            layers = tuple(layer for layer in LAYERS if layer in layers_of(level, own_uid=uid is not None))
            try:
                proven = probe(layers, uid)
            except SandboxError as error:
                missing.append(_missing_from(error, layers))
                continue
            reached = level_of(proven)
            if stronger_or_equal(reached, level):
                return Assessment(IsolationLevel(reached), layers, uid, proven, _once(missing, proven), own)
            missing += [
                Missing(layer, proven[layer].evidence, _cure(layer))
                for layer in layers
                if not proven[layer].held
            ]
    return Assessment(IsolationLevel.NONE, (), None, {}, _once(missing, {}) or _everything())


def stronger_or_equal(level: str, other: str) -> bool:
    """Return True if ``level`` isolates at least as well as ``other``."""
    strongest_first = list(LEVELS)
    return strongest_first.index(level) <= strongest_first.index(other)


def require(assessment: Assessment, accept: str) -> None:
    """Raise SandboxTooWeakError, with a remedy, when the level is below the accepted one."""
    if stronger_or_equal(assessment.level, accept):
        return
    reasons = "\n".join(f"  {item.layer}: {item.reason}. {item.cure}" for item in assessment.missing)
    option = "--accept-weak" if assessment.level is IsolationLevel.WEAK else "--unsafe-no-sandbox"
    raise SandboxTooWeakError(
        f"submissions can only be isolated at level '{assessment.level}' here, and '{accept}' is asked for.\n"
        f"{reasons}\n'judge doctor' says more; {option} grades all the same (only files that you trust)."
    )


def _uids(level: str) -> Iterator[OwnId | None]:
    """Yield the ids to try for submissions, best first; None is the judge's own, the only one of an ordinary user."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        for ids in (own_ids.HIGH, own_ids.LOW):  # a container may have mapped few ids, or no other one at all
            if (own := own_ids.claim(ids)) is not None:
                yield own
    if level != IsolationLevel.WEAK:
        yield None


def _missing_from(error: SandboxError, layers: Sequence[str]) -> Missing:
    """Find the layer that failed first, which the keeper names: ``...: ConfinementError: mount: reason``."""
    text = str(error)
    for layer in layers:
        marker = f"{layer}: "
        if marker in text:
            return Missing(layer, text.partition(marker)[2].strip(), _cure(layer))
    return Missing("sandbox", text, "")


def _once(missing: Sequence[Missing], proven: Mapping[str, Proof]) -> tuple[Missing, ...]:
    """Return one reason for each layer that was not proven in the end, including those that were not tried."""
    reasons = {item.layer: item for item in reversed(missing)}
    for layer, proof in proven.items():
        if layer in LEVELS[IsolationLevel.STRONG] and layer not in reasons:
            reasons[layer] = Missing(layer, proof.evidence, _cure(layer))
    held = {layer for layer, proof in proven.items() if proof.held}
    order = [*LAYERS, *(layer for layer in reasons if layer not in LAYERS)]
    return tuple(reasons[layer] for layer in order if layer in reasons and layer not in held)


def _everything() -> tuple[Missing, ...]:
    if sys.platform.startswith("linux"):
        return tuple(Missing(layer, "not asked for", "") for layer in LAYERS)
    cure = (
        "Grading strangers' files needs Linux: a server, a container, a virtual machine, or WSL 2 on Windows."
    )
    return (
        Missing("sandbox", f"{sys.platform} has nothing that this judge could confine programs with", cure),
    )


def _cure(layer: str) -> str:
    """Return what an operator can do to get this layer."""
    if layer in NAMESPACES:
        if _says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"):
            return (
                "AppArmor blocks user namespaces here: 'sysctl kernel.apparmor_restrict_unprivileged_userns=0', or a "
                "profile for this Python that allows userns, or 'apt-get install bubblewrap', gives them."
            )
        if _says("/proc/sys/user/max_user_namespaces", "0"):
            return "'sysctl user.max_user_namespaces=10000' allows them."
        if _says("/proc/sys/kernel/unprivileged_userns_clone", "0"):
            return "'sysctl kernel.unprivileged_userns_clone=1' allows them."
        more = "" if shutil.which("bwrap") else " or 'apt-get install bubblewrap'"
        return f"Allow user namespaces{more}; in a container they are often denied."
    return {
        "landlock": "It needs Linux 5.13 or newer, built with Landlock and with 'landlock' in the lsm= boot list.",
        "seccomp": "It needs a kernel built with CONFIG_SECCOMP_FILTER on x86_64 or aarch64.",
        "uid": "Only root can give submissions a uid of their own.",
        "limits": "",
    }.get(layer, "")


def _says(path: str, text: str) -> bool:
    try:
        return Path(path).read_text().strip() == text
    except OSError:
        return False
