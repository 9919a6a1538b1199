"""Paths that confined code may read: the Python installation, and processor facts for numpy and jax."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",  # without it numpy and XLA choose other kernels, and the last bits of results change
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
)
LIBRARY_DIRECTORIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")


def readable_paths() -> tuple[str, ...]:
    """Return existing files and directories that confined code may read: links resolved, none inside another."""
    paths = {Path(p) for p in (*SYSTEM_FILES, *LIBRARY_DIRECTORIES)}
    scheme = sysconfig.get_paths()
    paths |= {Path(scheme[key]) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    stdlib_name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    paths.add(Path(sys.base_prefix) / "lib" / stdlib_name)
    # A .pth file, or --system-site-packages, can add further package folders. Not every folder on the path is one: an
    # editable install may add a checkout, with the exercise's secrets in it.
    paths |= {Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    paths |= set(_shared_python_library())
    resolved = {Path(os.path.realpath(path)) for path in paths if path.exists()}
    return tuple(sorted(str(p) for p in resolved if not any(other in p.parents for other in resolved)))


def _shared_python_library() -> list[Path]:
    """Return the path of libpython, for builds that link to it."""
    directory, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    if directory and name and str(name).startswith("libpython"):
        return [Path(str(directory)) / str(name)]
    return []
