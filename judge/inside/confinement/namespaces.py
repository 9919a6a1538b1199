"""Namespaces, other than the contents of the mount namespace: leaving the host's, and mapping one's own ids."""

from __future__ import annotations

import os
import socket

from judge.inside.confinement import syscalls

CLONE_FLAGS = {
    "mount": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
HOST_NAME = "confined"


def unshare(layer: str) -> None:
    """Leave the host's namespace of this kind; for ``pid`` the next child leaves it. Raises OSError."""
    syscalls.syscall("unshare", CLONE_FLAGS[layer])


def unshare_user(proc_fd: int) -> None:
    """Enter a new user namespace in which only the present uid and gid exist, as themselves.

    ``proc_fd``: a directory descriptor of this process's own /proc entry. Gives all capabilities in the new namespace
    and none outside. Raises OSError.
    """
    uid, gid = os.geteuid(), os.getegid()
    unshare("user")
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # otherwise the files below belong to root
    _write(proc_fd, "setgroups", "deny")
    _write(proc_fd, "gid_map", f"{gid} {gid} 1")
    _write(proc_fd, "uid_map", f"{uid} {uid} 1")


def hide_host_name() -> None:
    """Take the same host name everywhere; needs a uts namespace of its own. Raises OSError."""
    syscalls.guarded("sethostname")
    socket.sethostname(HOST_NAME)


def _write(directory_fd: int, name: str, text: str) -> None:
    syscalls.guarded(name)
    fd = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory_fd)
    try:
        os.write(fd, text.encode())
    except OSError as error:
        raise OSError(error.errno or 0, f"writing {text!r} to {name}: {error.strerror}") from None
    finally:
        os.close(fd)
