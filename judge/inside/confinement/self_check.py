"""Proof that each layer holds: real attempts made in a real confined process, not calls that returned 0.

Run in a child that does nothing else (`confine_and_prove`). Each attempt fails to prove its layer when that layer
alone is missing and all others are in place:

    mount      a file that every host has is not there (Landlock hides contents, never existence)
    pid        signal 0 to a process outside finds no such process (Landlock's answer would be: not permitted); not to
               the judge, which is number 1 in many a container, as is the confined process in its own namespace
    net        a datagram to the judge's listener is refused or has no route (Landlock does not know UDP)
    ipc        the number of the judge's shared memory is unknown here
    uts        the host has another name
    user       an id that every host has does not even exist here
    uid        the ids are the wanted ones, and none of them is 0
    limits     writing to a file in memory, mapping too much and opening too many fail, each for its own reason
    landlock   opening / worked a moment ago and is now denied
    seccomp    a harmless call worked a moment ago and is now denied

Calls that the filter denies anyway are tried just before it is installed. Besides the layers there is evidence for
``threads`` (the kernel bounds them; if not, the keeper must), ``capabilities``, ``descriptors`` and ``access times``.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import resource
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from judge.inside.confinement import credentials, landlock, namespaces, rlimits, syscalls
from judge.inside.confinement.confine import LAYERS, LEVELS, Confinement, confine

IPC_PRIVATE, IPC_CREAT, IPC_RMID, IPC_STAT = 0, 0o1000, 0, 2
SEGMENT_BYTES = 4096
FILES_OF_EVERY_HOST = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/os-release", "/etc/hostname")
USUAL_IDS = (1, 2)
ENOUGH_THREADS = 24
"""jax runs with about 22."""


@dataclass(frozen=True)
class Canaries:
    """Things that exist on the host while `planted`, and that a confined process must not find."""

    path: str
    pid: int
    """A process outside, other than 1, which exists in every namespace."""
    udp_port: int
    segment: int
    """A System V shared memory segment, or -1 when the host has none."""
    host_name: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Canaries:
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Proof:
    """The result of checking one layer: ``held``, and the evidence for it."""

    held: bool
    evidence: str


@contextlib.contextmanager
def planted(pid: int) -> Iterator[Canaries]:
    """On the trusted side: yield the canaries, the process ``pid`` included.

    None of them outlives this process, however it ends.
    """
    path = next((path for path in FILES_OF_EVERY_HOST if os.path.exists(path)), "")
    with _segment() as segment, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield Canaries(path, pid, listener.getsockname()[1], segment, os.uname().nodename)


@contextlib.contextmanager
def _segment() -> Iterator[int]:
    """Yield the number of a shared memory segment that this process holds during the block; -1 where there is none."""
    try:
        number = syscalls.syscall("shmget", IPC_PRIVATE, SEGMENT_BYTES, IPC_CREAT | 0o666)
        try:
            address = syscalls.syscall("shmat", number, None, 0)
        finally:
            syscalls.syscall("shmctl", number, IPC_RMID, None)  # takes effect once unused
    except OSError:
        yield -1
        return
    try:
        yield number
    finally:
        ctypes.CDLL(None).shmdt(ctypes.c_void_p(address))


def level_of(proofs: Mapping[str, Proof]) -> str:
    """Return the best level all of whose layers are proven."""
    held = {layer for layer in LAYERS if layer in proofs and proofs[layer].held}
    return next(level for level, needed in LEVELS.items() if held >= set(needed))


def confine_and_prove(confinement: Confinement, canaries: Canaries) -> dict[str, Proof]:
    """Confine this process and try every layer, wanted or not. The process is of no other use afterwards.

    Raises ConfinementError like `confine`.
    """
    attempts = _Attempts(confinement, canaries)
    confine(confinement, attempts.before)
    attempts.at_the_end()
    return attempts.proofs


@dataclass
class _Attempts:
    confinement: Confinement
    canaries: Canaries
    proofs: dict[str, Proof] = field(default_factory=dict)
    worked_before: dict[str, str] = field(default_factory=dict)
    landlock_version: int = 0

    def before(self, layer: str) -> None:
        if layer == "landlock":
            self.worked_before["landlock"] = _outcome(_open_root)
            with contextlib.suppress(OSError):
                self.landlock_version = landlock.abi()  # the filter denies this question later
        elif layer == "seccomp":
            self.worked_before["seccomp"] = _outcome(_set_affinity)
            self.proofs["pid"] = self._pid()
            self.proofs["net"] = self._net()
            self.proofs["ipc"] = self._ipc()
            self.proofs["user"] = self._user()
            self.worked_before["limits"] = _outcome(_write_to_memory_file)
            self.proofs["access times"] = self._access_times()

    def at_the_end(self) -> None:
        self.proofs["mount"] = self._mount()
        self.proofs["uts"] = self._uts()
        self.proofs["uid"] = self._uid()
        self.proofs["landlock"] = self._denied_since(
            "landlock", _open_root, "EACCES", f"version {self.landlock_version}; opening /"
        )
        self.proofs["seccomp"] = self._denied_since("seccomp", _set_affinity, "EPERM", "sched_setaffinity")
        self.proofs["descriptors"] = self._descriptors()
        self.proofs["limits"] = self._limits()
        self.proofs["capabilities"] = self._capabilities()
        self.proofs["threads"] = self._threads()

    def _mount(self) -> Proof:
        if not self.canaries.path:
            return Proof(False, "the host has no file to look for")
        seen = _outcome(lambda: os.stat(self.canaries.path))
        return Proof(seen == "ENOENT", f"stat of {self.canaries.path}: {seen}")

    def _pid(self) -> Proof:
        seen = _outcome(lambda: os.kill(self.canaries.pid, 0))
        return Proof(
            seen == "ESRCH", f"signal 0 to process {self.canaries.pid} outside: {seen}; own pid {os.getpid()}"
        )

    def _net(self) -> Proof:
        def send() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.connect(("127.0.0.1", self.canaries.udp_port))
                for _ in range(3):  # a refusal is reported by the next call
                    sender.send(b"canary")

        seen = _outcome(send)
        interfaces = _names_of_interfaces()
        held = seen in ("ENETUNREACH", "ECONNREFUSED") and interfaces in (["lo"], [])
        return Proof(
            held, f"datagram to a listener of the judge: {seen}; interfaces: {', '.join(interfaces)}"
        )

    def _ipc(self) -> Proof:
        if self.canaries.segment < 0:
            return Proof(False, "the judge could make no shared memory to look for")
        state = ctypes.create_string_buffer(256)
        seen = _outcome(lambda: syscalls.syscall("shmctl", self.canaries.segment, IPC_STAT, state))
        return Proof(seen == "EINVAL", f"the judge's shared memory: {seen}")

    def _access_times(self) -> Proof:
        """Ask the file systems: an actual read may or may not change a time, depending on the file."""
        kept = [path for path in self.confinement.readable if _notes_access(path)]
        if not kept:
            return Proof(True, "no read leaves a trace")
        return Proof(
            False,
            f"reads leave traces in {kept[0]} ({len(kept)} of {len(self.confinement.readable)} paths), which other "
            "submissions can see: hidden cases are no secret from somebody who hands in twice",
        )

    def _uts(self) -> Proof:
        name = os.uname().nodename
        held = name == namespaces.HOST_NAME != self.canaries.host_name
        return Proof(held, f"the host is called {name!r}" + ("" if held else ", as outside"))

    def _user(self) -> Proof:
        other = next(number for number in USUAL_IDS if number != os.getuid())
        seen = _outcome(lambda: os.setresuid(-1, other, -1))
        return Proof(seen == "EINVAL", f"becoming uid {other}: {seen}")

    def _uid(self) -> Proof:
        uids, gids = os.getresuid(), os.getresgid()
        own = self.confinement.uid
        held = (
            own is not None and own > 0 and set(uids) == {own} and set(gids) == {own} and not os.getgroups()
        )
        return Proof(held, f"uids {uids}, gids {gids}, groups {os.getgroups()}")

    def _denied_since(self, layer: str, attempt: Callable[[], object], code: str, what: str) -> Proof:
        before, after = self.worked_before[layer], _outcome(attempt)
        return Proof(before == "worked" and after == code, f"{what}: {before} before, {after} after")

    def _descriptors(self) -> Proof:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        numbers = [fd for fd in range(min(soft, 4096)) if _outcome(lambda fd=fd: os.fstat(fd)) == "worked"]  # type: ignore[misc]
        extra = sorted(set(numbers) - {0, 1, 2, *self.confinement.keep_fds})
        return Proof(not extra, f"open: {numbers}" + (f"; not asked for: {extra}" if extra else ""))

    def _limits(self) -> Proof:
        wanted = self.confinement
        too_much = (wanted.memory_mib + rlimits.stacks_for(wanted.threads)) * 2**20
        mapped = _outcome(
            lambda: mmap.mmap(-1, too_much, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        )
        opened, stopped_by = _open_many(wanted.open_files)
        written = self.worked_before["limits"]
        held = (
            mapped == "ENOMEM"
            and opened <= wanted.open_files
            and stopped_by == "EMFILE"
            and written == "EFBIG"
            and resource.getrlimit(resource.RLIMIT_CPU)[0] <= wanted.cpu_s + 1
            and resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        )
        return Proof(
            held,
            f"mapping {too_much >> 20} MiB more: {mapped}; descriptor {opened + 1}: {stopped_by}; writing to a file in "
            f"memory: {written}; CPU limit {resource.getrlimit(resource.RLIMIT_CPU)} s",
        )

    def _capabilities(self) -> Proof:
        held = credentials.effective_capabilities()
        harmless = not held or (held == {credentials.CAP_DAC_READ_SEARCH} and self.proofs["landlock"].held)
        names = (
            "none"
            if not held
            else f"{sorted(held)} (2 is CAP_DAC_READ_SEARCH, to read what Landlock lets it read)"
        )
        return Proof(harmless, f"capabilities: {names}")

    def _threads(self) -> Proof:
        limit = self.confinement.threads + rlimits.SPARE_TASKS
        count = _start_threads(limit + 16)
        held = ENOUGH_THREADS <= count <= limit
        return Proof(held, f"{count} threads could run" + ("" if held else "; the keeper must count them"))


def _outcome(attempt: Callable[[], object]) -> str:
    """Return ``worked``, or the name of the errno with which the attempt failed."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "worked"


def _notes_access(path: str) -> bool:
    try:
        return not os.statvfs(path).f_flag & os.ST_NOATIME
    except OSError:
        return False  # a missing path cannot be read


def _open_root() -> None:
    os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def _set_affinity() -> None:
    os.sched_setaffinity(0, os.sched_getaffinity(0))


def _write_to_memory_file() -> None:
    fd = os.memfd_create("limits")
    try:
        os.write(fd, b"x")
    finally:
        os.close(fd)


def _names_of_interfaces() -> list[str]:
    try:
        return [name for _, name in socket.if_nameindex()]
    except OSError:
        return ["?"]


def _open_many(limit: int) -> tuple[int, str]:
    """Open up to 8 more than ``limit``; return the highest descriptor plus one, and the error that stopped it."""
    opened: list[int] = []
    stopped_by = "nothing"
    while len(opened) < limit + 8:
        try:
            opened.append(os.dup(1))
        except OSError as error:
            stopped_by = errno.errorcode.get(error.errno or 0, str(error))
            break
    highest = max(opened, default=2) + 1
    for fd in opened:
        os.close(fd)
    return highest, stopped_by


def _start_threads(most: int) -> int:
    """Start threads until one is refused; return the number that ran at once, this one included."""
    enough = threading.Event()
    started: list[threading.Thread] = []
    previous = threading.stack_size(1 << 18)
    try:
        while len(started) < most:
            thread = threading.Thread(target=enough.wait, daemon=True)
            try:
                thread.start()
            except RuntimeError:
                break
            started.append(thread)
    finally:
        enough.set()
        threading.stack_size(previous)
    for thread in started:
        thread.join()
    return len(started) + 1
