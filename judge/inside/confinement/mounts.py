"""A root of its own: an empty file system with the readable paths bound into it, all of it read-only.

Each path keeps its name; symbolic links on the way to it are recreated. There is no procfs and no writable file
system; /dev has null, zero and urandom. Earlier mounts are no longer reachable by any path. Uses open_tree,
move_mount and mount_setattr (Linux 5.12): the paths are held open before anything is mounted, so no new mount can
hide one of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from judge.inside.confinement import syscalls

DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")

MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
MNT_DETACH = 2
AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = -100, 0x1000, 0x8000
OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC = 1, 0o2000000
MOVE_MOUNT_F_EMPTY_PATH = 4
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 0x1, 0x2, 0x4, 0x8
ATTR_NOATIME, ATTR_ALL_ABOUT_ATIME = 0x10, 0x70
MAX_LINKS = 40


@dataclass(frozen=True)
class Plan:
    """The contents of the new root: real paths to bind, none below another, and symbolic links as (path, target)."""

    binds: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def plan_root(readable: Iterable[str]) -> Plan:
    """Follow each path as the kernel would. Raises FileNotFoundError for a missing one."""
    links: dict[str, str] = {}
    real = {_follow(path, links) for path in readable}
    binds = tuple(
        sorted(p for p in real if not any(str(above) in real for above in PurePosixPath(p).parents))
    )
    outside = tuple((at, to) for at, to in links.items() if not _is_below(at, binds))
    return Plan(binds, outside)


def enter_root(plan: Plan) -> None:
    """Make the plan's root this process's root; needs a mount namespace of its own. Raises OSError."""
    syscalls.syscall("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    devices = [path for path in DEVICES if not _is_below(path, plan.binds)]
    trees = [(path, _clone_tree(path)) for path in (*plan.binds, *devices)]
    base = next(path for path in ("/tmp", "/run", "/var", "/usr") if os.path.isdir(path))
    options = b"mode=755,size=1m,nr_inodes=4096"
    syscalls.syscall("mount", b"judge", base.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options)
    for path, tree in trees:
        _attach(tree, path, base)
    for at, to in plan.links:
        place = Path(base + at)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(to)
    root = os.open(base, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _set_attributes(root, ATTR_RDONLY | ATTR_NOSUID, recursive=True)
        _keep_access_times(root)
        os.fchdir(root)
    finally:
        os.close(root)
    syscalls.syscall("pivot_root", b".", b".")
    syscalls.syscall("umount2", b".", MNT_DETACH)
    os.chdir("/")


def _follow(path: str, links: dict[str, str]) -> str:
    """Return the real path; add every symbolic link on the way to ``links``."""
    current, pending, followed = "/", path.split("/")[::-1], 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            current = os.path.dirname(current)
            continue
        candidate = os.path.join(current, name)
        if not stat.S_ISLNK(os.lstat(candidate).st_mode):
            current = candidate
            continue
        followed += 1
        if followed > MAX_LINKS:
            raise OSError(errno.ELOOP, f"too many symbolic links in {path}")
        target = links[candidate] = os.readlink(candidate)
        current = "/" if target.startswith("/") else current
        pending += target.split("/")[::-1]
    return current


def _is_below(path: str, directories: Iterable[str]) -> bool:
    return any(path == directory or path.startswith(directory.rstrip("/") + "/") for directory in directories)


def _clone_tree(path: str) -> int:
    flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
    try:
        return syscalls.syscall("open_tree", AT_FDCWD, path.encode(), flags)
    except OSError as error:
        raise OSError(error.errno or 0, f"cannot bind {path}: {error}") from None


def _attach(tree: int, path: str, base: str) -> None:
    """Attach a detached tree at its path below ``base``, without devices unless it is one."""
    mode = os.fstat(tree).st_mode
    place = Path(base + path)
    try:
        if stat.S_ISDIR(mode):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        _set_attributes(tree, ATTR_NOEXEC if stat.S_ISCHR(mode) else ATTR_NODEV, recursive=stat.S_ISDIR(mode))
        syscalls.syscall("move_mount", tree, b"", AT_FDCWD, os.fsencode(place), MOVE_MOUNT_F_EMPTY_PATH)
    finally:
        os.close(tree)


def _keep_access_times(root: int) -> None:
    """Prevent reads from leaving a trace that another submission could see.

    In a user namespace the kernel may not allow it; the proof of ``access times`` then reports that they do.
    """
    with contextlib.suppress(PermissionError):
        _set_attributes(root, ATTR_NOATIME, recursive=True, instead_of=ATTR_ALL_ABOUT_ATIME)


def _set_attributes(fd: int, attributes: int, *, recursive: bool, instead_of: int = 0) -> None:
    request = ctypes.create_string_buffer(struct.pack("=QQQQ", attributes, instead_of, 0, 0), 32)
    flags = AT_EMPTY_PATH | (AT_RECURSIVE if recursive else 0)
    syscalls.syscall("mount_setattr", fd, b"", flags, request, 32)
