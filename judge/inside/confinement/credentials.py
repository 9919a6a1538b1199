"""The identity of the confined process: a uid of its own, and no capability anywhere."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

from judge.inside.confinement import syscalls

CAP_DAC_READ_SEARCH, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN = 2, 5, 6, 7, 8, 21
LAST_CAPABILITY = 63
VERSION_3 = 0x20080522
NEEDED_TO_CHANGE_UID = {CAP_KILL: "CAP_KILL", CAP_SETGID: "CAP_SETGID", CAP_SETUID: "CAP_SETUID"}
"""CAP_KILL because the keeper, which keeps its uid, must be able to kill a process that has another."""


def effective_capabilities() -> frozenset[int]:
    """Return the numbers of this process's effective capabilities. Raises OSError."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", VERSION_3, 0), 8)
    data = ctypes.create_string_buffer(24)
    syscalls.syscall("capget", header, data)
    low, _, _, high, _, _ = struct.unpack("=6I", data.raw)
    return frozenset(n for n in range(64) if (low | high << 32) >> n & 1)


def require_power_to_change_uid() -> None:
    """Raise OSError unless this process may take another uid and still kill processes that run as it."""
    syscalls.guarded("capget")
    lacking = [
        name for number, name in NEEDED_TO_CHANGE_UID.items() if number not in effective_capabilities()
    ]
    if lacking:
        raise OSError(errno.EPERM, f"an own uid needs {', '.join(lacking)}")


def become(uid: int, gid: int) -> None:
    """Take the ids for good, without supplementary groups; capabilities stay for the steps that follow."""
    held = effective_capabilities()
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 1)
    syscalls.guarded("setresuid")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    _set_capabilities(held)
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 0)
    if os.getresuid() != (uid,) * 3 or os.getresgid() != (gid,) * 3 or os.getgroups():
        raise OSError(errno.EPERM, f"the ids are {os.getresuid()}, {os.getresgid()}, {os.getgroups()}")


def drop_capabilities(readable: Iterable[str] | None) -> None:
    """Give up every capability, the bounding set included, and forbid gaining any.

    One may stay when ``readable`` is given: CAP_DAC_READ_SEARCH, if those paths cannot be read otherwise (Python
    under a 0700 home without a mount namespace). Raises OSError.
    """
    held = effective_capabilities()
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
    if CAP_SETPCAP in held:
        for number in range(LAST_CAPABILITY + 1):
            try:
                syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
            except OSError as error:
                if error.errno != errno.EINVAL:  # beyond the last one of this kernel
                    raise
                break
    kept = frozenset[int]()
    if readable is not None and CAP_DAC_READ_SEARCH in held:
        _set_capabilities((), permitted=(CAP_DAC_READ_SEARCH,))
        if unreadable(readable):
            kept = frozenset({CAP_DAC_READ_SEARCH})
    _set_capabilities(kept, permitted=kept)
    if effective_capabilities() != kept:
        raise OSError(errno.EPERM, "capabilities are still there after they were dropped")


def unreadable(paths: Iterable[str]) -> list[str]:
    """Return the paths that this process cannot open."""
    return [path for path in paths if not _can_open(path)]


def _can_open(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return False
    except OSError:
        return True  # a missing file is not a matter of permission
    return True


def _set_capabilities(effective: Iterable[int], permitted: Iterable[int] | None = None) -> None:
    wanted = sum(1 << number for number in effective)
    allowed = wanted if permitted is None else sum(1 << number for number in permitted)
    header = ctypes.create_string_buffer(struct.pack("=Ii", VERSION_3, 0), 8)
    low = (wanted & 0xFFFFFFFF, allowed & 0xFFFFFFFF, 0)
    high = (wanted >> 32, allowed >> 32, 0)
    syscalls.syscall("capset", header, ctypes.create_string_buffer(struct.pack("=6I", *low, *high), 24))
