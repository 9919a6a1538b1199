"""The versions of the software that affects results here, found without importing it."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")


def installed() -> dict[str, str]:
    """Return versions by name, without missing libraries."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
