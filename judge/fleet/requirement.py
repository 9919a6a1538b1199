"""Says what to install where Dask is missing."""

from __future__ import annotations

from importlib.util import find_spec

from judge.model import UsageError


def require_dask(what: str) -> None:
    """Raise UsageError when Dask is not installed; ``what`` is what needs it."""
    if find_spec("distributed") is None:
        raise UsageError(f"{what} needs Dask, which is not installed: pip install 'jax-judge[dask]'")
