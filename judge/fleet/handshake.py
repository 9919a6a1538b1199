"""The facts that must be equal on the client and on a worker, so that any of them can grade a submission."""

from __future__ import annotations

from collections.abc import Mapping

from judge.sandbox.versions import installed
from judge.version import __version__


def versions_here() -> dict[str, str]:
    """Return the versions of the judge, of Python and of the libraries; a client calls this on each worker."""
    return {"judge": __version__, **installed()}


def difference(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Return in words what differs from what the client has, all of it; '' when nothing does."""
    return "; ".join(
        f"it has {name} {found[name]}, not {version}" if name in found else f"it has no {name}"
        for name, version in wanted.items()
        if found.get(name) != version
    )
