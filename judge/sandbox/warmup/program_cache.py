"""The compiled programs of an exercise, in one file of the user's cache folder.

The file holds native code that zygotes load unconfined, so only this user may have written it: the folder and the
file must belong to this user and be writable by no other, and links are not followed. It is written whole or not at
all, its name is a digest of everything that its content depends on, and its content carries a digest of itself: a
file that does not match is built again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import secrets
import stat
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.closing import Closing
from judge.sandbox import versions

FORMAT = b"judge compiled programs 1\n"
MAX_BYTES = 512 << 20
KEPT_FILES = 16
SUFFIX = ".compiled"
LOCK_POLL_S = 0.2

Steps = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Compiled:
    """The result of a build: programs by jax's own key, and the files' calls that are worth a warm-up.

    ``steps``: number of a file, and those of its calls that needed new operations.
    """

    entries: Mapping[str, bytes]
    steps: Steps


class CacheFolderError(Exception):
    """The folder cannot be used; the text gives the reason."""


def key_of(flags: Mapping[str, str], processors: int, parts: Sequence[bytes]) -> str:
    """Return a digest of all that compiled programs depend on: versions, flags, processor, own code, ``parts``."""
    facts = {
        "versions": versions.installed(),
        "implementation": platform.python_implementation(),
        "platform": [platform.system(), platform.machine(), platform.release()],
        "processor": _processor(),
        "processors": processors,
        "flags": dict(sorted(flags.items())),
        "builder": _own_code(),
        "parts": [hashlib.sha256(part).hexdigest() for part in parts],
    }
    return hashlib.sha256(FORMAT + json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _processor() -> str:
    """Return model and instruction sets: XLA compiles for exactly this processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    wanted = (
        "vendor_id",
        "cpu family",
        "model",
        "model name",
        "stepping",
        "flags",
        "Features",
        "CPU implementer",
    )
    return "\n".join(sorted(line for line in lines if line.split(":")[0].strip() in wanted))


def _own_code() -> str:
    """Return a digest of the modules that decide what is built."""
    package = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for path in sorted(
        (*package.glob("inside/warmup/*.py"), package / "sandbox/warmup/plan.py", Path(__file__))
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class CacheFolder(Closing):
    """``$XDG_CACHE_HOME/judge``, or ``~/.cache/judge``; made when missing. Use as a context manager.

    Raises CacheFolderError when it cannot be made, belongs to another user or is writable by others. All access goes
    through one descriptor of the folder that was checked, so exchanging it afterwards changes nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or usual_place()
        self._fd = -1
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            _require_own(os.fstat(self._fd), self.path, stat.S_ISDIR)
        except OSError as error:
            raise CacheFolderError(f"{self.path}: {error.strerror}") from None
        except CacheFolderError:
            self.close()
            raise

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read(self, key: str) -> Compiled | None:
        """Return the programs stored under ``key``; None when missing, damaged, or not this user's own."""
        name = key + SUFFIX
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._fd)
        except OSError:
            return None
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(os.close, fd)
            try:
                status = os.fstat(fd)
                _require_own(status, self.path / name, stat.S_ISREG)
                with os.fdopen(os.dup(fd), "rb") as file:
                    data = file.read() if status.st_size <= MAX_BYTES else b""
            except (OSError, CacheFolderError):
                return None
            compiled = unpack(data)
            if compiled is not None:
                with contextlib.suppress(OSError):
                    os.utime(fd)  # marks it as used, so that pruning drops it later
        return compiled

    def write(self, key: str, compiled: Compiled) -> None:
        """Store it under ``key``, whole or not at all, and drop the least recently used files."""
        name, draft = key + SUFFIX, f"draft-{secrets.token_hex(8)}"
        try:
            fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self._fd)
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(pack(compiled))
                    file.flush()
                    os.fsync(fd)
                os.replace(draft, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(draft, dir_fd=self._fd)
                raise
        except OSError as error:
            raise CacheFolderError(f"{self.path / name}: {error.strerror}") from None
        self._prune()

    @contextlib.contextmanager
    def lock(self, wait_s: float = 0.0, say: Callable[[str], None] = lambda line: None) -> Iterator[None]:
        """Keep other judges from building in this folder during the block; remove drafts that a killed one left.

        ``say(line)`` is called when another judge holds the lock. Raises CacheFolderError when that one, which may
        have been stopped, still does after ``wait_s``.
        """
        import fcntl

        deadline = time.monotonic() + wait_s
        told = False
        try:
            fd = os.open(
                "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._fd
            )
        except OSError as error:
            raise CacheFolderError(f"{self.path}: {error.strerror}") from None
        try:
            while not _taken(fd, fcntl.LOCK_EX | fcntl.LOCK_NB):
                if time.monotonic() >= deadline:
                    raise CacheFolderError(f"{self.path}: another judge has kept it locked for {wait_s:g} s")
                if not told:
                    say(f"{self.path}: another judge is at work there; waiting for it, {wait_s:g} s at most")
                    told = True
                time.sleep(LOCK_POLL_S)
            for name in os.listdir(self._fd):
                if name.startswith("draft-"):
                    with contextlib.suppress(OSError):
                        os.unlink(name, dir_fd=self._fd)
            yield
        finally:
            os.close(fd)

    def try_lock(self, name: str) -> int | None:
        """Take the lock of this name without waiting; return the descriptor that holds it, or None.

        Raises CacheFolderError where files here cannot be locked.
        """
        import fcntl

        try:
            fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._fd)
        except OSError as error:
            raise CacheFolderError(f"{self.path}: {error.strerror}") from None
        taken = False
        try:
            taken = _taken(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            if not taken:
                os.close(fd)
        return fd if taken else None

    def _prune(self) -> None:
        with contextlib.suppress(OSError):
            names = [name for name in os.listdir(self._fd) if name.endswith(SUFFIX)]
            names.sort(key=lambda name: os.stat(name, dir_fd=self._fd).st_mtime, reverse=True)
            for name in names[KEPT_FILES:]:
                os.unlink(name, dir_fd=self._fd)


def _taken(fd: int, operation: int) -> bool:
    """Take the lock without waiting; return False when another process has it."""
    import fcntl

    try:
        fcntl.flock(fd, operation)
    except BlockingIOError:
        return False
    except OSError as error:
        raise CacheFolderError(f"the cache folder cannot be locked: {error.strerror}") from None
    return True


def pack(compiled: Compiled) -> bytes:
    """Return the bytes of the file."""
    header = json.dumps(
        {
            "entries": [[key, len(value)] for key, value in compiled.entries.items()],
            "steps": [[number, list(calls)] for number, calls in compiled.steps],
        }
    ).encode()
    rest = struct.pack("!I", len(header)) + header + b"".join(compiled.entries.values())
    return FORMAT + hashlib.sha256(rest).digest() + rest


def unpack(data: bytes) -> Compiled | None:
    """Invert `pack`; return None for changed bytes."""
    start = len(FORMAT) + 32
    if data[: len(FORMAT)] != FORMAT or len(data) < start + 4:
        return None
    rest = memoryview(data)[start:]
    if hashlib.sha256(rest).digest() != data[len(FORMAT) : start]:
        return None
    place = 4 + int(struct.unpack_from("!I", rest)[0])
    header = json.loads(bytes(rest[4:place]))
    entries: dict[str, bytes] = {}
    for key, size in header["entries"]:
        entries[key] = bytes(rest[place : place + size])
        place += size
    return Compiled(entries, tuple((number, tuple(calls)) for number, calls in header["steps"]))


def usual_place() -> Path:
    home = os.environ.get("XDG_CACHE_HOME", "")
    if home and os.path.isabs(home):
        return Path(home) / "judge"
    try:
        return Path.home() / ".cache" / "judge"
    except RuntimeError as error:
        raise CacheFolderError(f"there is no home folder: {error}") from None


def _require_own(status: os.stat_result, path: Path, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(status.st_mode):
        raise CacheFolderError(f"{path}: not what it should be, perhaps a link")
    if status.st_uid != os.geteuid():
        raise CacheFolderError(f"{path}: belongs to another user ({status.st_uid})")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CacheFolderError(f"{path}: others may write to it; 'chmod go-w' mends that")
