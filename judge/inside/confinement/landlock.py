"""Landlock: from here on this thread and its children open nothing but the given paths, for reading.

Every access right that the running kernel knows is handled, so everything that is not granted is denied: writing,
creating, executing, renaming, truncating, device ioctls, TCP, abstract sockets and signals to processes outside.
Source: the kernel's Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable

from judge.inside.confinement import syscalls

READ_FILE, READ_DIR, WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
FS_RIGHTS_BY_ABI = ((1, 13), (2, 14), (3, 15), (5, 16))
"""(ABI, number of file system rights): the first 13, then REFER, TRUNCATE, IOCTL_DEV."""
NET_RIGHTS = 0b11  # BIND_TCP, CONNECT_TCP; ABI 4
SCOPES = 0b11  # abstract unix sockets, signals; ABI 6
RULE_PATH_BENEATH = 1
VERSION_QUERY = 1


def abi() -> int:
    """Return the Landlock version of the running kernel. Raises OSError when there is none."""
    return syscalls.syscall("landlock_create_ruleset", None, 0, VERSION_QUERY)


def restrict(readable: Iterable[str], writable_files: Iterable[str]) -> int:
    """Restrict this thread, and return the ABI; needs no_new_privs. Raises OSError, for a missing path too."""
    version = abi()
    rights = max(count for since, count in FS_RIGHTS_BY_ABI if since <= version)
    # A kernel accepts the shorter structs of its predecessors; the fields came with ABI 1, 4 and 6.
    fields = [(1 << rights) - 1, *([NET_RIGHTS] if version >= 4 else []), *([SCOPES] if version >= 6 else [])]
    attributes = ctypes.create_string_buffer(struct.pack(f"={len(fields)}Q", *fields), 8 * len(fields))
    ruleset = syscalls.syscall("landlock_create_ruleset", attributes, 8 * len(fields), 0)
    try:
        for path in readable:
            _grant(ruleset, path, READ_FILE | READ_DIR)
        for path in writable_files:
            _grant(ruleset, path, READ_FILE | WRITE_FILE)
        syscalls.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise OSError(error.errno or errno.ENOENT, f"cannot grant {path}: {error.strerror}") from None
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= ~READ_DIR  # the kernel refuses a right that files do not have
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, fd), 12)
        syscalls.syscall("landlock_add_rule", ruleset, RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(fd)
