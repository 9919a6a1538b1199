"""Confinement of the process that runs learner code: every wanted layer comes up, or nothing runs.

Theory of operation. A *keeper* outside forks the process *inside*, which confines itself and then runs learner code:

    prepare_keeper(c)   in the keeper: user namespace (for an ordinary user), then pid, net, ipc, uts namespaces
    confine(c)          in the inside process, in an order in which no step takes away what a later one needs:

    descriptors   all but the kept ones are closed, and each kept one is a pipe, a socket or /dev/null
    mount         a read-only root that holds the readable paths and nothing else
    uid           a uid of its own, once the mounts have made a Python below a 0700 home readable
    user          a user namespace of its own on top, so that no capability reaches outside and RLIMIT_NPROC counts
                  this process alone
    limits        rlimits; then no_new_privs, and every capability is dropped
    landlock      only the readable paths can be opened, and nothing for writing
    seccomp       only the listed system calls can be made

Nothing here is undone, and a failure raises ConfinementError: the caller must not go on. Landlock and seccomp bind
the calling thread and its later children, so the process must have one thread, and that is checked.

A process that dies with its parent asks for that only after its ids have changed for the last time, since such a
change clears the request. A parent that died earlier is noticed by the process that waits for a message from the new
one.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from judge.inside.confinement import (
    credentials,
    landlock,
    mounts,
    namespaces,
    rlimits,
    seccomp,
    syscalls,
)
from judge.inside.confinement.syscalls import ConfinementError, setting_up

__all__ = [
    "LAYERS",
    "Confinement",
    "ConfinementError",
    "confine",
    "die_with_parent",
    "layers_of",
    "prepare_keeper",
]

LAYERS = ("mount", "pid", "net", "ipc", "uts", "user", "landlock", "seccomp", "limits", "uid")
NAMESPACES = ("mount", "pid", "net", "ipc", "uts", "user")
LEVELS: Mapping[str, tuple[str, ...]] = {
    "strong": (*NAMESPACES, "landlock", "seccomp", "limits"),
    "good": ("landlock", "seccomp", "limits"),
    "weak": ("seccomp", "limits", "uid"),
    "none": (),
}
WRITABLE = ("/dev/null",)
SYSTEM_READABLE = (*mounts.DEVICES, "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
"""numpy and XLA choose kernels, and thereby last bits, by these facts about the processor."""
SHARED_WRITABLE = re.compile(rb"^[0-9a-f-]+ .w.s.*$", re.MULTILINE)
TOO_WIDE = ("/", "/proc", "/sys", "/dev", "/tmp", "/var", "/run", "/etc", "/home", "/root")


def layers_of(level: str, *, own_uid: bool) -> frozenset[str]:
    """Return the layers of a level, with a uid of its own wherever the judge may change it."""
    return frozenset(LEVELS[level]) | ({"uid"} if own_uid and level != "none" else frozenset())


@dataclass(frozen=True)
class Confinement:
    """The permissions of one inside process. Made by the judge, sent to the zygote as JSON."""

    readable: tuple[str, ...]
    """Absolute paths of files and directories; everything below a directory may be read."""
    layers: frozenset[str]
    uid: int | None = None
    """An id that no other process has, for the layer ``uid``; the gid is the same number."""
    cpu_s: float = 60.0
    memory_mib: int = 2048
    threads: int = 64
    open_files: int = 128
    keep_fds: tuple[int, ...] = (0, 1, 2)
    break_layer: str | None = None
    """Makes this layer fail, for tests: the run must then be refused."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.layers) - set(LAYERS))
        if unknown:
            raise ValueError(f"no such layer: {', '.join(unknown)}")
        if ("uid" in self.layers) and (self.uid is None or self.uid <= 0):
            raise ValueError(f"the layer uid needs an id above 0, not {self.uid}")
        if self.break_layer is not None and self.break_layer not in LAYERS:
            raise ValueError(f"no such layer to break: {self.break_layer}")
        for path in self.readable:
            if os.path.normpath(path) != path or not path.startswith("/") or path in TOO_WIDE:
                raise ValueError(f"not a path to make readable: {path!r}")
        if "limits" in self.layers:
            if self.memory_mib < rlimits.MIN_MEMORY_MIB:
                raise ValueError(
                    f"memory_mib is {self.memory_mib}; jax hangs with less than {rlimits.MIN_MEMORY_MIB}"
                )
            if not (self.cpu_s > 0 and self.threads > 0 and self.open_files > max(self.keep_fds, default=0)):
                raise ValueError("cpu_s, threads and open_files must leave room to run")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Confinement:
        """Invert `to_json`. Raises TypeError for unknown or missing fields, ValueError for bad ones."""
        lists = {"readable": tuple, "layers": frozenset, "keep_fds": tuple}
        return cls(**{name: lists[name](value) if name in lists else value for name, value in data.items()})

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, strings and numbers."""
        plain = asdict(self)
        return {
            **plain,
            "readable": list(self.readable),
            "layers": sorted(self.layers),
            "keep_fds": list(self.keep_fds),
        }


def describe_process_bound(confinement: Confinement) -> rlimits.ProcessBound:
    """Return the bound on the number of tasks of a submission that is confined from here in this way."""
    wanted = confinement.layers
    return rlimits.process_bound(confinement.threads, own_namespace="user" in wanted, own_uid="uid" in wanted)


def die_with_parent(parent_pid: int | None) -> None:
    """Have the kernel kill this process when the thread that forked it ends; do nothing on other systems than Linux.

    ``parent_pid``: exit if this parent died before the call; None when another process notices that.
    """
    if not sys.platform.startswith("linux"):
        return
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent_pid is not None and os.getppid() != parent_pid:
        os._exit(1)


def prepare_keeper(confinement: Confinement) -> None:
    """In the keeper, before it forks the inside process: leave the namespaces that the fork must not share.

    Raises ConfinementError.
    """
    wanted, broken = confinement.layers, confinement.break_layer
    if "uid" in wanted:
        with setting_up("uid", broken):
            credentials.require_power_to_change_uid()
    elif "user" in wanted and wanted & {"mount", "pid", "net", "ipc", "uts"}:
        # An ordinary user may unshare the others only in a user namespace of its own.
        with setting_up("user", broken):
            proc_fd = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            namespaces.unshare_user(proc_fd)
            os.close(proc_fd)
    for layer in ("pid", "net", "ipc", "uts"):
        if layer in wanted:
            with setting_up(layer, broken):
                namespaces.unshare(layer)
    if "uts" in wanted:
        with setting_up("uts", broken):
            namespaces.hide_host_name()
    die_with_parent(None)  # the change of ids cleared the request


def confine(confinement: Confinement, before: Callable[[str], None] = lambda layer: None) -> list[str]:
    """In the inside process: apply the layers, and return their names in the order of `LAYERS`.

    ``before`` is called with "landlock" and "seccomp" when every earlier layer is in place; only the proofs use it.
    The process that waits for this one must notice when it ends without a message. Raises ConfinementError; the
    process must then end.
    """
    wanted, broken = confinement.layers, confinement.break_layer
    if not wanted:
        _keep_descriptors(confinement.keep_fds, strict=False)
        die_with_parent(None)
        return []
    with setting_up("process"):
        _check_process("pid" in wanted)
        _keep_descriptors(confinement.keep_fds, strict=True)
        os.setsid()
        bound = describe_process_bound(confinement)
        proc_fd = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        _be_first_for_the_oom_killer(proc_fd)
    readable = [*confinement.readable, *(path for path in SYSTEM_READABLE if os.path.exists(path))]
    applied = wanted & {"pid", "net", "ipc", "uts"}  # by prepare_keeper, or this process would not exist
    if "mount" in wanted:
        with setting_up("mount", broken):
            namespaces.unshare("mount")
            mounts.enter_root(mounts.plan_root(readable))
        applied |= {"mount"}
    if "uid" in wanted and confinement.uid is not None:
        with setting_up("uid", broken):
            credentials.become(confinement.uid, confinement.uid)
        applied |= {"uid"}
    if "user" in wanted:
        with setting_up("user", broken):
            namespaces.unshare_user(proc_fd)
        applied |= {"user"}
    os.close(proc_fd)
    if "limits" in wanted:
        with setting_up("limits", broken):
            rlimits.apply(
                cpu_s=confinement.cpu_s,
                memory_mib=confinement.memory_mib,
                threads=confinement.threads,
                open_files=confinement.open_files,
                bound=bound,
                first_of_namespace="pid" in wanted,
            )
        applied |= {"limits"}
    with setting_up("uid" if "uid" in wanted else "process", broken):
        # The capability to read everything is harmless only where Landlock still restricts it.
        may_keep_reading = "uid" in wanted and "user" not in wanted and "landlock" in wanted
        credentials.drop_capabilities(readable if may_keep_reading else None)
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        die_with_parent(None)
    if "uid" in wanted:
        with setting_up("uid"):
            _check_readable(readable)
    before("landlock")
    if "landlock" in wanted:
        with setting_up("landlock", broken):
            landlock.restrict(readable, WRITABLE)
        applied |= {"landlock"}
    before("seccomp")
    if "seccomp" in wanted:
        with setting_up("seccomp", broken):
            seccomp.install(may_open_for_writing="landlock" in wanted)
            if syscalls.prctl(syscalls.PR_GET_SECCOMP) != seccomp.MODE_FILTER:
                raise OSError("the filter is not there")
        applied |= {"seccomp"}
    if syscalls.prctl(syscalls.PR_GET_NO_NEW_PRIVS) != 1:
        raise ConfinementError("process", "privileges could still be gained")
    return [layer for layer in LAYERS if layer in applied]


def _check_process(first_of_namespace: bool) -> None:
    """Raise OSError unless this process has one thread, no writable shared memory, and pid 1 in a new pid namespace."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise OSError(f"{threads} threads are running; only the calling one would be confined")
    shared = SHARED_WRITABLE.search(Path("/proc/self/maps").read_bytes())
    if shared:
        raise OSError(f"memory is shared with other processes: {shared.group().decode()}")
    if first_of_namespace and os.getpid() != 1:
        raise OSError("the process is not the first of a pid namespace")


def _keep_descriptors(keep_fds: Iterable[int], *, strict: bool) -> None:
    """Close all other descriptors. With ``strict``, raise OSError for a kept one that gives access to anything else."""
    keep = {0, 1, 2, *keep_fds}
    listing = "/proc/self/fd" if sys.platform.startswith("linux") else "/dev/fd"
    for fd in sorted(int(name) for name in os.listdir(listing)):
        if fd not in keep:
            with contextlib.suppress(OSError):  # the listing's own descriptor is closed already
                os.close(fd)
        elif strict and not _leads_nowhere(fd):
            raise OSError(f"descriptor {fd} is neither a pipe, a socket pair nor /dev/null")


def _leads_nowhere(fd: int) -> bool:
    status = os.fstat(fd)
    if stat.S_ISSOCK(status.st_mode):
        with socket.socket(fileno=os.dup(fd)) as channel:
            return channel.family == socket.AF_UNIX and channel.type == socket.SOCK_STREAM
    return stat.S_ISFIFO(status.st_mode) or (
        stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3)
    )


def _be_first_for_the_oom_killer(proc_fd: int) -> None:
    with contextlib.suppress(OSError):  # only a preference, not a layer
        fd = os.open("oom_score_adj", os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc_fd)
        os.write(fd, b"1000")
        os.close(fd)


def _check_readable(paths: Iterable[str]) -> None:
    hidden = credentials.unreadable(paths)
    if hidden:
        raise OSError(f"the uid of the submission cannot read {hidden[0]} ({len(hidden)} such paths)")
