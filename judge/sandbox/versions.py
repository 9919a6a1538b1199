"""The versions of what decides numbers here; nothing of it is imported for that."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")


def installed() -> dict[str, str]:
    """By name; without those that are not there."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
