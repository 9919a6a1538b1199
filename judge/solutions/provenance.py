"""The environment that computed numbers: versions and flags as the sandbox reports them, and the processor."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path

_FEATURES = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve", "sve2")
"""Processor features that make numerical libraries choose other kernels."""


def provenance(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the sandbox's own environment plus the processor's features."""
    return {
        **environment,
        "cpu_features": " ".join(cpu_features()),
        "machine": platform.machine(),
    }


def cpu_features(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Return the relevant features of the processor, in a fixed order; [] where they cannot be read."""
    try:
        text = cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    flags: set[str] = set()
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            flags |= set(value.split())
            break
    return [name for name in _FEATURES if name in flags]
