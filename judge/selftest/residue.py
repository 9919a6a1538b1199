"""Residue of attacks: files, shared memory, keys, locks and sockets, in the places where they could stay for later.

Everything that attacks leave carries a marker in its name (or a drawn number), so that the traces of other programs
on the machine are not mistaken for it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sysconfig
from pathlib import Path

from judge.inside.confinement import syscalls

IPC_RMID = 0
KEYCTL_INVALIDATE = 21
IPC_KINDS = {"shm": "shmctl", "msg": "msgctl"}


class Leftovers:
    """``key``: the number under which attacks make System V objects; ``lockable``: the file that they lock."""

    def __init__(self, marker: str, key: int, lockable: Path) -> None:
        self._marker, self._key = marker, key
        self._lockable = lockable

    def found(self) -> list[str]:
        """Return one line for each thing that exists now."""
        left = [str(path) for path in self._files()]
        left += [f"System V {kind} {number}" for kind, number in self._ipc()]
        left += [f"key {number:x}" for number in self._keys()]
        left += self._locks()
        if self._marker in _text("/proc/net/unix"):
            left.append("a socket")
        return left

    def remove(self) -> None:
        """Remove what can be removed."""
        for path in self._files():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        for kind, number in self._ipc():
            with contextlib.suppress(OSError):
                syscalls.syscall(IPC_KINDS[kind], number, IPC_RMID, None)
        for number in self._keys():
            with contextlib.suppress(OSError):
                syscalls.syscall("keyctl", KEYCTL_INVALIDATE, number)

    def _files(self) -> list[Path]:
        return [folder / name for folder in _folders() for name in _names(folder) if self._marker in name]

    def _ipc(self) -> list[tuple[str, int]]:
        rows = []
        for kind in IPC_KINDS:
            for line in _text(f"/proc/sysvipc/{kind}").splitlines()[1:]:
                key, number = line.split()[:2]
                if int(key) == self._key:
                    rows.append((kind, int(number)))
        return rows

    def _keys(self) -> list[int]:
        lines = _text("/proc/keys").splitlines()
        return [int(line.split()[0], 16) for line in lines if self._marker in line]

    def _locks(self) -> list[str]:
        try:
            inode = os.stat(self._lockable).st_ino
        except OSError:
            return []
        lines = _text("/proc/locks").splitlines()
        return [f"a lock: {line}" for line in lines if f":{inode} " in line]


def _folders() -> list[Path]:
    """Return places where programs leave files, and those that every later Python would load from."""
    scheme = sysconfig.get_paths()
    home = Path(os.path.expanduser("~"))
    places = [
        *(Path(path) for path in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/lock", "/")),
        *(Path(scheme[name]) for name in ("stdlib", "purelib", "platlib")),
        Path(scheme["purelib"]) / "numpy" / "__pycache__",
        Path(__file__).resolve().parents[1],
        Path.cwd(),
        home,
        home / ".cache",
    ]
    return list(dict.fromkeys(places))


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
