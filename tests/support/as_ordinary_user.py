"""Run a command as an ordinary user, from root: ``as_ordinary_user.py UID PATHS... -- COMMAND...``.

Python often lives where another user cannot go (a 0700 home). In a mount namespace of its own, each directory that
is in the way is covered by an empty, passable one, and the PATHS that lie below are bound back into it.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from judge.inside.confinement import mounts, namespaces, syscalls


def main(arguments: list[str]) -> None:
    cut = arguments.index("--")
    uid, paths, command = int(arguments[0]), arguments[1:cut], arguments[cut + 1 :]
    make_reachable(paths)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.chdir("/")
    os.execv(command[0], command)


def make_reachable(paths: list[str]) -> None:
    namespaces.unshare("mount")
    syscalls.syscall("mount", None, b"/", None, mounts.MS_REC | mounts.MS_PRIVATE, None)
    plan = mounts.plan_root(paths)
    blocked = [(path, obstacle) for path in plan.binds if (obstacle := first_obstacle(path))]
    trees = [(path, mounts._clone_tree(path)) for path, _ in blocked]
    links = [(place, to) for place, to in plan.links if first_obstacle(os.path.dirname(place))]
    for obstacle in sorted({obstacle for _, obstacle in blocked}):
        syscalls.syscall("mount", b"reachable", obstacle.encode(), b"tmpfs", 0, b"mode=755,size=1m")
    for path, tree in trees:
        mounts._attach(tree, path, "")
    for place, to in links:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).symlink_to(to)


def first_obstacle(path: str) -> str | None:
    """The first directory on the way that others may not enter."""
    for directory in (*reversed(Path(path).parents), Path(path)):
        mode = directory.stat().st_mode
        if stat.S_ISDIR(mode) and not mode & stat.S_IXOTH:
            return str(directory)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
