"""System calls that the standard library does not offer, by ctypes; nothing happens at import time."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import platform
import sys
from collections.abc import Iterator

from judge.inside.confinement.syscall_table import NUMBERS

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_GET_SECCOMP = 21
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


class ConfinementError(Exception):
    """A wanted layer did not come up, so nothing may run: ``layer`` and ``reason``."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(f"{layer}: {reason}")
        self.layer = layer
        self.reason = reason


_broken = False


@contextlib.contextmanager
def setting_up(layer: str, break_layer: str | None = None) -> Iterator[None]:
    """Turn every error of the block into a ConfinementError of this layer.

    When ``break_layer`` names it, each of the block's calls into the kernel fails with EPERM instead of being made.
    """
    global _broken
    _broken = layer == break_layer
    try:
        yield
    except ConfinementError:
        raise
    except Exception as error:
        raise ConfinementError(layer, f"{error}") from error
    finally:
        _broken = False


def machine() -> str:
    """Return ``x86_64`` or ``aarch64``. Raises OSError elsewhere."""
    name = platform.machine()
    if not sys.platform.startswith("linux") or name not in ("x86_64", "aarch64"):
        raise OSError(
            errno.ENOSYS, f"confinement is written for Linux on x86_64 and aarch64, not {platform.platform()}"
        )
    return name


@functools.cache
def numbers_of(machine_name: str) -> dict[str, int]:
    """Return the system call numbers by name, of a machine that has them."""
    column = ("x86_64", "aarch64").index(machine_name)
    return {name: number for name, row in NUMBERS.items() if (number := row[column]) is not None}


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def guarded(what: str) -> None:
    """Raise OSError if the current layer was asked to fail; called before every call that sets up a layer."""
    if _broken:
        raise OSError(errno.EPERM, f"{what}: made to fail on purpose")


def syscall(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call; ints are passed as C longs, bytes and buffers as pointers. Raises OSError naming the call."""
    guarded(name)
    number = numbers_of(machine()).get(name)
    if number is None:
        raise OSError(errno.ENOSYS, f"{name}: {os.strerror(errno.ENOSYS)}")
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = int(_libc().syscall(ctypes.c_long(number), *values))
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def prctl(option: int, *arguments: int) -> int:
    """Call prctl(2), the missing arguments zero. Raises OSError."""
    return syscall("prctl", option, *(*arguments, 0, 0, 0, 0)[:4])
