"""A judge on a platform that has nothing to confine with, as macOS has not: ``other_platform.py ARGUMENTS``.

It runs the ``judge`` command with these arguments. Both sides are told that they are elsewhere, and lose what exists
on Linux alone: the trusted one here, the one that runs submissions in `other_zygote`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

ONLY_ON_LINUX = ("pidfd_open", "unshare", "setns", "memfd_create", "sched_setaffinity", "sched_getaffinity")


def leave_linux() -> None:
    sysconfig.get_config_vars()  # is of this Python's own platform
    sys.platform = "darwin"
    for name in ONLY_ON_LINUX:
        if hasattr(os, name):
            delattr(os, name)


if __name__ == "__main__":
    leave_linux()
    from judge.cli import main
    from judge.sandbox import zygote_process

    zygote_process.PROGRAM = Path(__file__).with_name("other_zygote.py")
    raise SystemExit(main(sys.argv[1:]))
