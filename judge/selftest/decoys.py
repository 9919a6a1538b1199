"""Targets for attacks: files, sockets, shared memory, keys and a process, set up on the host.

Theory of operation. `HostDecoys` plants all of them and keeps the secrets; `HostDecoys.traces` inspects the host itself
and reports every change. Nothing here relies on what the attack reports.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from judge.closing import Closing
from judge.inside.confinement import syscalls
from judge.selftest.decoy_process_watch import WatchedProcess
from judge.selftest.residue import Leftovers

IPC_PRIVATE, IPC_CREAT, IPC_RMID, IPC_STAT = 0, 0o1000, 0, 2
KEY_SPEC_USER_KEYRING, KEYCTL_SETPERM, KEYCTL_UNLINK = -4, 5, 9
SEGMENT_BYTES = 4096


class HostDecoys(Closing):
    """The planted targets. Use as a context manager. ``traces`` returns the changes since its last call."""

    def __init__(self) -> None:
        self.marker = f"judge-attack-{secrets.token_hex(6)}"
        self.token = f"token{secrets.token_hex(16)}"
        self.secrets: dict[str, str] = {
            name: secrets.token_hex(16)
            for name in ("file", "memory", "argument", "environment", "descriptor", "segment", "key", "shm")
        }
        self._cleanup = contextlib.ExitStack()
        self._listeners: dict[str, socket.socket] = {}
        self.segment, self.queue, self.key = -1, -1, -1
        self.segment_key = secrets.randbelow(2**30) + 1

    def _begin(self) -> None:
        try:
            self._plant()
        except BaseException:
            self._cleanup.close()
            raise

    def close(self) -> None:
        self._cleanup.close()

    # ------------------------------------------------------------------------------------------- planting

    def _plant(self) -> None:
        # A short path: the name of a socket may have 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="judge-ground-"))
        self._cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.open_folder = self.folder / "open"
        self.open_folder.mkdir()
        self.open_folder.chmod(0o777)
        self.secret_path, self.canary_path = self.folder / "secret", self.open_folder / "canary"
        self._plant_files()
        self.shm_path = Path("/dev/shm") / f"{self.folder.name}-shm"
        self.shm_path.write_text(self.secrets["shm"])
        self._cleanup.callback(self.shm_path.unlink, missing_ok=True)
        self._plant_sockets()
        with contextlib.suppress(OSError):
            self._plant_segment()
        with contextlib.suppress(OSError):
            self._plant_key()
        self.victim = WatchedProcess(self.secrets)
        self._cleanup.callback(lambda: self.victim.close())
        self.leftovers = Leftovers(self.marker, self.segment_key, self.canary_path)
        self._cleanup.callback(self.leftovers.remove)
        self._files = self._snapshot()
        self._queued = self._messages()

    def _plant_files(self) -> None:
        self.open_folder.chmod(0o777)
        for path, text, mode in (
            (self.secret_path, self.secrets["file"], 0o644),
            (self.canary_path, "canary", 0o666),
            (self.open_folder / "removable", "", 0o666),
        ):
            path.write_text(text)
            path.chmod(mode)

    def _plant_sockets(self) -> None:
        self.tcp_port = self._bind("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))[1]
        self.udp_port = self._bind("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))[1]
        self.abstract = f"{self.folder.name}-abstract"
        self.stream_path, self.datagram_path = str(self.folder / "stream"), str(self.folder / "datagram")
        self._bind("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)
        self._bind("path", socket.AF_UNIX, socket.SOCK_STREAM, self.stream_path)
        self._bind("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, self.datagram_path)
        for path in (self.stream_path, self.datagram_path):
            os.chmod(path, 0o777)

    def _bind(self, name: str, family: int, kind: int, address: object) -> tuple[str, int]:
        listener = self._cleanup.enter_context(socket.socket(family, kind))
        listener.setblocking(False)
        listener.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        self._listeners[name] = listener
        bound = listener.getsockname()
        return bound if isinstance(bound, tuple) else ("", 0)

    def _plant_segment(self) -> None:
        """Make a System V segment that every user may attach and that holds a secret, and a queue of messages."""
        self.segment = syscalls.syscall("shmget", IPC_PRIVATE, SEGMENT_BYTES, IPC_CREAT | 0o666)
        self._cleanup.callback(lambda: syscalls.syscall("shmctl", self.segment, IPC_RMID, None))
        address = syscalls.syscall("shmat", self.segment, None, 0)
        ctypes.memmove(address, self.secrets["segment"].encode(), 32)
        self.queue = syscalls.syscall("msgget", IPC_PRIVATE, IPC_CREAT | 0o666)
        self._cleanup.callback(lambda: syscalls.syscall("msgctl", self.queue, IPC_RMID, None))

    def _plant_key(self) -> None:
        name, value = f"{self.folder.name}".encode(), self.secrets["key"].encode()
        self.key = syscalls.syscall("add_key", b"user", name, value, len(value), KEY_SPEC_USER_KEYRING)
        self._cleanup.callback(self._remove_key)
        syscalls.syscall("keyctl", KEYCTL_SETPERM, self.key, 0x3F3F3F3F)

    def _remove_key(self) -> None:
        with contextlib.suppress(OSError):
            syscalls.syscall("keyctl", KEYCTL_UNLINK, self.key, KEY_SPEC_USER_KEYRING)

    # -------------------------------------------------------------------------------------- placeholders

    def values(self) -> Mapping[str, object]:
        """Return the values for the placeholders of attacks."""
        return {
            "MARKER": self.marker,
            "SECRET_PATH": self.secret_path,
            "CANARY_PATH": self.canary_path,
            "CANARY_DIR": self.open_folder,
            "SHM_PATH": self.shm_path,
            "TCP_PORT": self.tcp_port,
            "UDP_PORT": self.udp_port,
            "ABSTRACT": self.abstract,
            "SOCKET_PATH": self.stream_path,
            "DATAGRAM_PATH": self.datagram_path,
            "SEGMENT_ID": self.segment,
            "SEGMENT_KEY": self.segment_key,
            "QUEUE_ID": self.queue,
            "KEY_ID": self.key,
            "VICTIM_PID": self.victim.pid,
            "VICTIM_ADDRESS": self.victim.address,
            "VICTIM_FD": self.victim.fd,
            "JUDGE_PID": os.getpid(),
            "PACKAGE_ROOT": Path(__file__).resolve().parents[2],
            "NUL": "\0",
            "ENCODING": "-*- coding: punycode -*-",
            # These two close the string that they stand in.
            "DEEP": '" if False else ' + "-" * 100_000 + '1 or "',
            "CHAIN": '" if False else ' + "1 + " * 40_000 + '1 or "',
            **{f"SYS_{name.upper()}": number for name, number in _system_calls().items()},
        }

    # ------------------------------------------------------------------------------------------- changes

    def traces(self) -> dict[str, str]:
        """Return witness and observation for everything that has changed, and restore it."""
        found: dict[str, str] = {}
        changed = sorted({name for name, _ in set(self._files.items()) ^ set(self._snapshot().items())})
        if changed or self._messages() != self._queued:
            found["canary"] = ", ".join(changed) or "the message queue"
            self._mend_files()
        reached = [name for name, listener in self._listeners.items() if _pending(listener)]
        if reached:
            found["listener"] = ", ".join(reached)
        if damage := self.victim.damage():
            found["victim"] = damage
            self.victim.close()
            self.victim = WatchedProcess(self.secrets)
        if left := self.leftovers.found():
            found["leftover"] = ", ".join(left)
            self.leftovers.remove()
        return found

    def secrets_in(self, data: bytes) -> list[str]:
        """Return the names of the secrets that occur in these bytes."""
        return [name for name, value in self.secrets.items() if value.encode() in data]

    def _snapshot(self) -> dict[str, tuple[object, ...]]:
        return dict(self._look(self.folder)) | dict(self._look(self.shm_path))

    def _look(self, top: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
        for path in (top, *sorted(top.rglob("*"))):
            with contextlib.suppress(FileNotFoundError):
                status = os.lstat(path)
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
                attributes = tuple(os.listxattr(path, follow_symlinks=False))
                facts = (status.st_mode, status.st_nlink, status.st_uid, status.st_size, status.st_mtime_ns)
                yield str(path), (*facts, content, attributes)

    def _messages(self) -> int:
        """Return the number of messages in the queue; -1 where there is none."""
        if self.queue < 0:
            return -1
        state = ctypes.create_string_buffer(256)
        syscalls.syscall("msgctl", self.queue, IPC_STAT, state)
        return ctypes.c_ulong.from_buffer(state, 80).value  # msg_qnum of struct msqid64_ds on 64-bit machines

    def _mend_files(self) -> None:
        if self.open_folder.is_symlink() or not self.open_folder.is_dir():
            self.open_folder.unlink(missing_ok=True)
            self.open_folder.mkdir()
        for path in (*self.open_folder.iterdir(), self.secret_path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._plant_files()
        self.shm_path.write_text(self.secrets["shm"])
        self._files, self._queued = self._snapshot(), self._messages()


def _system_calls() -> Mapping[str, int]:
    """Return numbers by name; empty where confinement is not supported."""
    try:
        return syscalls.numbers_of(syscalls.machine())
    except OSError:
        return {}


def _pending(listener: socket.socket) -> int:
    """Take the connections or datagrams that have arrived, and return their number."""
    count = 0
    take: Callable[[], object] = (
        (lambda: listener.accept()[0].close())
        if listener.type == socket.SOCK_STREAM
        else (lambda: listener.recv(1 << 16))
    )
    while count < 10_000:
        try:
            take()
        except OSError:
            break
        count += 1
    return count
