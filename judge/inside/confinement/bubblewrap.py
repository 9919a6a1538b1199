"""Namespaces by way of bubblewrap: the whole zygote runs under it, for hosts where only that program may make them.

Its children then unshare nothing: they apply Landlock, the filter and the limits, and share the zygote's namespaces
with each other, where Landlock's scopes and the filter keep them apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence

from judge.inside.confinement import mounts, namespaces

NAMESPACE_OPTIONS = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
)


def find_bubblewrap() -> str | None:
    """Return the path of ``bwrap``, or None."""
    return shutil.which("bwrap")


def bubblewrap_argv(bwrap: str, readable: Iterable[str], argv: Sequence[str]) -> list[str]:
    """Return the command that runs ``argv`` where only the ``readable`` paths exist, read-only.

    ``readable`` must include the interpreter and the program. Descriptors that the caller lets a child inherit are
    passed on; the child dies with the caller. Raises FileNotFoundError for a missing path.
    """
    plan = mounts.plan_root(readable)
    command = [bwrap, *NAMESPACE_OPTIONS, "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if "--disable-userns" in _help(bwrap):
        command.append("--disable-userns")
    command += ["--hostname", namespaces.HOST_NAME]
    for path in plan.binds:
        command += ["--ro-bind", path, path]
    for place, target in plan.links:
        command += ["--symlink", target, place]
    for path in mounts.DEVICES:
        if os.path.exists(path):
            command += ["--dev-bind", path, path]
    return [*command, "--proc", "/proc", "--remount-ro", "/", "--chdir", "/", "--", *argv]


def _help(bwrap: str) -> str:
    return subprocess.run([bwrap, "--help"], capture_output=True, text=True, timeout=10, check=False).stdout
